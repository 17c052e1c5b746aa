"""Pictures, taken apart and put together again: what is stored was written by this program, pixel by pixel.

So nothing else survives: no place where it was taken, no comment, nothing appended, no trick played on a decoder.
"""

import threading
from pathlib import Path

from PIL import Image, ImageFile, ImageOps

from userhero.kernel.errors import Invalid
from userhero.kernel.storage import unavailable

MAX_PIXELS, MAX_SIDE = 40_000_000, 16_384
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_OPTIONS = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 90, "optimize": False},
    "WEBP": {"quality": 90, "method": 3},
}
_MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"),
    "JPEG": ("L", "RGB"),
    "WEBP": ("RGB", "RGBA"),
}
# Sizes are checked here, before anything is decoded; Pillow's own check only warns.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False
# A large picture takes 160 MB while it is open, so one is open at a time.
_turn = threading.Lock()


def rewrite(file: Path, mime_type: str) -> int:
    """Replace a picture by what can be seen of it, upright; returns its new size in bytes.

    Raises Invalid where it is damaged, animated, or larger than 40 million pixels.
    """
    name = _FORMATS[mime_type]
    if name == "WEBP":
        _check_webp(file)
    with _turn:
        try:
            _write(file, name)
        except (Invalid, MemoryError):
            raise
        except OSError as error:
            if error.errno is not None:
                raise unavailable(error) from error
            raise _damaged(mime_type) from None
        except Exception:  # noqa: BLE001  (decoders raise whatever comes to them on hostile input)
            raise _damaged(mime_type) from None
    return file.stat().st_size


def _write(file: Path, name: str) -> None:
    with Image.open(file, formats=[name]) as found:
        _check_size(*found.size)
        if name == "PNG" and getattr(found, "n_frames", 1) > 1:
            raise Invalid("file", "is animated, which is not accepted")
        found.load()
        # In place: a second copy of a large picture would take as much memory again.
        ImageOps.exif_transpose(found, in_place=True)
    # Saving writes down what is in here, so only what changes the look stays.
    transparency = found.info.get("transparency")
    found.info = {} if transparency is None or name != "PNG" else {"transparency": transparency}
    picture: Image.Image = found
    if picture.mode not in _MODES[name]:
        has_alpha = picture.mode in ("LA", "PA", "RGBa", "La") or (picture.mode == "P" and transparency is not None)
        picture = picture.convert("RGBA" if has_alpha and name != "JPEG" else "RGB")
    picture.getexif().clear()
    with file.open("wb") as stream:
        picture.save(stream, name, exif=b"", **_OPTIONS[name])


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE * 4:
        raise Invalid("file", f"has more than {MAX_PIXELS // 1_000_000} million pixels")


def _check_webp(file: Path) -> None:
    """Size and animation by the header: the decoder takes its memory before anybody could ask."""
    with file.open("rb") as stream:
        head = stream.read(32)
    chunk, data = head[12:16], head[20:]
    if len(head) < 30:
        raise _damaged("image/webp")
    if chunk == b"VP8X":
        if data[0] & 2:
            raise Invalid("file", "is animated, which is not accepted")
        _check_size(int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1)
    elif chunk == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        _check_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif chunk == b"VP8 ":
        _check_size(int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF)
    else:
        raise _damaged("image/webp")


def _damaged(mime_type: str) -> Invalid:
    return Invalid("file", f"is no sound {mime_type.partition('/')[2].upper()} picture")
