"""What endpoints are sent: ``{"event", "timestamp", "data"}``, always under 20 kB.

What does not fit is cut where it is longest. ``data.cut`` names the fields that are not whole; a text that was cut ends
with an ellipsis, lists and objects lack their last entries or some of their largest.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import msgspec

# In bytes of UTF-8; the body is shorter than this.
MAX_BODY = 20_000
_CUT = "cut"
_MARK = "…"
# Less room than this is not worth a cut: the entry is left out.
_LEAST = 32

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def body_of(kind: str, timestamp: str, data: str) -> str:
    """The body of a delivery; ``data`` is a JSON object as text."""
    whole = _enveloped(kind, timestamp, data)
    if len(whole.encode()) < MAX_BODY:
        return whole
    room = MAX_BODY - 1 - len(_enveloped(kind, timestamp, "").encode())
    return _enveloped(kind, timestamp, _encode(_fitted_data(_decode(data), room)).decode())


def _enveloped(kind: str, timestamp: str, data: str) -> str:
    return f'{{"event":"{kind}","timestamp":"{timestamp}","data":{data}}}'


def _fitted_data(data: dict[str, Any], room: int) -> dict[str, Any]:
    fitted = _fitted(data, room - _size({_CUT: list(data)}))
    cut = [name for name, value in data.items() if name not in fitted or fitted[name] != value]
    return {**fitted, _CUT: cut}


def _fitted(value: Any, room: int) -> Any:
    """``value`` in so many bytes of JSON; ``room`` is at least the size of a number."""
    if _size(value) <= room:
        return value
    if isinstance(value, str):
        return _fitted_text(value, room)
    if isinstance(value, list):
        shares = _shares([_size(entry) + 1 for entry in value], [1] * len(value), room - 2)
        return [_fitted(entry, share - 1) for entry, share in zip(value, shares, strict=True) if share]
    if isinstance(value, dict):
        overheads = [_size(name) + 2 for name in value]
        sizes = [_size(entry) + extra for entry, extra in zip(value.values(), overheads, strict=True)]
        shares = _shares(sizes, overheads, room - 2)
        return {
            name: _fitted(entry, share - extra)
            for (name, entry), share, extra in zip(value.items(), shares, overheads, strict=True)
            if share
        }
    # A number with more digits than anybody reads.
    return None


def _shares(sizes: Sequence[int], overheads: Sequence[int], room: int) -> list[int]:
    """How much of ``room`` each entry gets: what is small stays whole, and what is large shares the rest alike.

    0 is for entries that are left out. ``overheads`` is how much of a share goes to the name and the comma.
    """
    shares = [0] * len(sizes)
    # Of entries of one size, the last are left out first.
    for done, place in enumerate(sorted(range(len(sizes)), key=lambda place: (sizes[place], -place))):
        fair = room // (len(sizes) - done)
        if sizes[place] <= fair:
            shares[place] = sizes[place]
        elif fair >= overheads[place] + _LEAST:
            shares[place] = fair
        room -= shares[place]
    return shares


def _fitted_text(text: str, room: int) -> str:
    left = room - _size(_MARK)
    return text[: bisect_right(range(len(text)), left, key=lambda length: _size(text[:length]) - 2) - 1] + _MARK


def _size(value: Any) -> int:
    """How many bytes of JSON."""
    return len(_encode(value))
