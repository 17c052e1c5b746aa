"""Which files are accepted, and what a file is by its content alone."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from userhero.kernel.errors import Invalid

Kind = Literal["image", "audio", "video"]

MIB = 1024 * 1024
LIMITS: dict[Kind, int] = {"image": 5 * MIB, "audio": 10 * MIB, "video": 50 * MIB}
MOST = max(LIMITS.values())
# The reference's types; the file names that each may have, the usual one first.
EXTENSIONS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "audio/webm": (".weba", ".webm"),
    "audio/mp4": (".m4a", ".mp4"),
    "audio/mpeg": (".mp3", ".mpga"),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/wav": (".wav",),
    "video/webm": (".webm",),
    "video/mp4": (".mp4", ".m4v"),
}
# What programs call the same types.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/mp4a-latm": "audio/mp4",
    "application/ogg": "audio/ogg",
}
_UNSAID = ("", "application/octet-stream")
_MP4_BRAND = re.compile(rb"iso[m0-9]|mp4[0-9]|M4[ABVP]|avc1|dash|cmf[a-z0-9]|f4v |F4V |mmp4|MSNV|XAVC|msdh")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
# An EBML DocType element that does not say "webm".
_OTHER_EBML = re.compile(rb"\x42\x82[\x80-\xff](?!webm)", re.DOTALL)
# What a WebM file calls a codec: an element with the id 0x86, the length of the name in one to eight bytes, the name.
_LENGTH = rb"(?:[\x80-\x9f]|\x40.|\x20\0.|\x10\0{2}.|\x08\0{3}.|\x04\0{4}.|\x02\0{5}.|\x01\0{6}.)"
_CODEC = re.compile(rb"\x86" + _LENGTH + rb"([VA]_)(?:VP8|VP9|AV1|OPUS|VORBIS)", re.DOTALL)
_MOVIE_BYTES = 4 * MIB


def _is_mpeg_frame(head: bytes) -> bool:
    """The sync word, then a layer, a bit rate and a sampling rate that exist."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, rate, sampling = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer != 0 and rate != 15 and sampling != 3


def _is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and _MP4_BRAND.match(head[8:12]) is not None


def _is_webm(head: bytes) -> bool:
    return head.startswith(b"\x1a\x45\xdf\xa3") and _OTHER_EBML.search(head[:256]) is None


def _is_riff(head: bytes, form: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == form


def sniff(head: bytes) -> tuple[str, ...]:
    """The types that a file may have, by its first bytes; none for what is not accepted."""
    signatures = (
        (head.startswith(b"\x89PNG\r\n\x1a\n"), ("image/png",)),
        (head.startswith(b"\xff\xd8\xff"), ("image/jpeg",)),
        (_is_riff(head, b"WEBP"), ("image/webp",)),
        (_is_riff(head, b"WAVE"), ("audio/wav",)),
        (head.startswith(b"OggS"), ("audio/ogg",)),
        (_is_webm(head), ("video/webm", "audio/webm")),
        (_is_mp4(head), ("audio/mp4", "video/mp4") if head[8:12] in _SOUND_BRANDS else ("video/mp4", "audio/mp4")),
        (head.startswith(b"ID3") or _is_mpeg_frame(head), ("audio/mpeg",)),
    )
    return next((types for matches, types in signatures if matches), ())


def accepted_types(head: bytes, declared: str | None) -> tuple[str, ...]:
    """The types that content and declaration allow. Raises Invalid where there is none."""
    said = _ALIASES.get(declared or "", declared or "")
    if said not in _UNSAID and said not in EXTENSIONS:
        raise Invalid("file", f"is declared as {said[:100]}; accepted are {', '.join(EXTENSIONS)}")
    found = sniff(head)
    if not found:
        raise Invalid("file", f"is none of {', '.join(EXTENSIONS)}")
    if said in _UNSAID:
        return found
    if said not in found:
        raise Invalid("file", f"is declared as {said}, but its content is {found[0]}")
    return (said,)


def kind_of(mime_type: str) -> Kind:
    """``image``, ``audio`` or ``video``."""
    family = mime_type.partition("/")[0]
    return "image" if family == "image" else "audio" if family == "audio" else "video"


def limit(head: bytes, declared: str | None) -> int:
    """How many bytes a file may have, as far as its head tells. Raises Invalid for what is not accepted."""
    return max(LIMITS[kind_of(mime_type)] for mime_type in accepted_types(head, declared))


def decide(head: bytes, declared: str | None, file: Path) -> str:
    """The one type of a file: where it could be sound or film, its tracks decide. Raises Invalid."""
    types = accepted_types(head, declared)
    if len(types) == 1:
        return types[0]
    with file.open("rb") as stream:
        tracks = _movie(stream) if types[0].endswith("/mp4") else stream.read(_MOVIE_BYTES)
    seen = _shows(tracks, types[0].partition("/")[2])
    return next((mime_type for mime_type in types if kind_of(mime_type) == seen), types[0])


def _shows(tracks: bytes, container: str) -> Kind | None:
    marks = {"mp4": (b"vide", b"soun"), "webm": (b"V_", b"A_")}[container]
    if container == "webm":
        codecs = set(_CODEC.findall(tracks))
    else:
        codecs = set(re.findall(rb"hdlr.{8}(vide|soun)", tracks, re.DOTALL))
    return "video" if marks[0] in codecs else "audio" if marks[1] in codecs else None


def _movie(stream: BinaryIO) -> bytes:
    """The ``moov`` box, where the tracks of an MP4 are described; empty where there is none."""
    for name, size in _boxes(stream):
        if name == b"moov":
            return stream.read(min(size, _MOVIE_BYTES))
    return b""


def _boxes(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and content size of each box on the outermost level; the stream stands at its content."""
    place = 0
    for _ in range(10_000):
        stream.seek(place)
        header = stream.read(16)
        if len(header) < 8:
            return
        size, name = struct.unpack(">I4s", header[:8])
        skipped = 8
        if size == 1 and len(header) == 16:
            size, skipped = struct.unpack(">Q", header[8:])[0], 16
        if size == 0:
            size = MOST
        if size < skipped:
            return
        stream.seek(place + skipped)
        yield name, size - skipped
        place += size
