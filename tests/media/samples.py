"""Files to upload: the smallest of each accepted type, and others that only look like one."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

from tests.support.client import Headers, Response
from tests.support.tenants import Tenant

BOUNDARY = "q8zYb2d1"
MIB = 1024 * 1024


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    drawn = Image.new("RGB", size, (0, 0, 255))
    drawn.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    stream = io.BytesIO()
    drawn.convert("L" if mode == "I;16" else mode).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG that says that it is large and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


def mp4(brand: bytes = b"isom", handler: bytes = b"vide") -> bytes:
    """A file type box, and a movie box that describes one track."""
    kind = struct.pack(">I", 20) + b"ftyp" + brand + bytes(4) + b"isom"
    track = struct.pack(">I", 24) + b"hdlr" + bytes(8) + handler + bytes(4)
    return kind + struct.pack(">I", 8 + len(track)) + b"moov" + track


def webm(codec: bytes = b"V_VP9", doctype: bytes = b"webm") -> bytes:
    """An EBML header and a codec's name."""
    kind = b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    header = b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(kind)]) + kind
    return header + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + b"\x86" + bytes([0x80 | len(codec)]) + codec


def wav() -> bytes:
    """A quarter of a second of silence."""
    sound = bytes(2000)
    form = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 2000)
    return b"RIFF" + struct.pack("<I", len(form) + 2000) + form + sound


OGG = b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis" + bytes(40)
MP3 = b"\xff\xfb\x90\x00" + bytes(413)
ID3 = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + MP3

ACCEPTED = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "image/webp": picture("WEBP"),
    "audio/webm": webm(b"A_OPUS"),
    "audio/mp4": mp4(b"M4A ", b"soun"),
    "audio/mpeg": MP3,
    "audio/ogg": OGG,
    "audio/wav": wav(),
    "video/webm": webm(),
    "video/mp4": mp4(),
}


def padded(sample: bytes, size: int) -> bytes:
    """A sound or a film made longer by zeros."""
    return sample + bytes(size - len(sample))


def form(
    content: bytes,
    *,
    name: str | None = "file.bin",
    declared: str | None = "application/octet-stream",
    boundary: str = BOUNDARY,
    **fields: str,
) -> tuple[Headers, bytes]:
    """Headers and body of a form with fields and a file."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    named = "" if name is None else f'; filename="{name}"'
    kind = "" if declared is None else f"\r\nContent-Type: {declared}"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"{named}{kind}\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
    return [("content-type", f"multipart/form-data; boundary={boundary}")], body


def upload(tenant: Tenant, content: bytes, *, headers: Headers = (), **options: Any) -> Response:
    """Upload a file for the tenant's workspace."""
    given, body = form(content, **options)
    return tenant.request(
        "POST", "/feedback/upload", headers=[*given, *headers], body=body, workspaceId=tenant.workspace_id
    )


def path_of(url: str) -> str:
    """The path of a media address."""
    return "/media/" + url.partition("/media/")[2]
