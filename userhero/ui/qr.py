"""QR codes (ISO/IEC 18004) of up to 458 bytes: byte mode, error correction L, which is plenty on a screen."""

from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

Matrix = list[list[bool]]


class _Version(NamedTuple):
    """What a size holds: codewords of correction in each block, codewords of data in each, centres of its patterns."""

    correction: int
    blocks: tuple[int, ...]
    centres: tuple[int, ...]


_VERSIONS = (
    _Version(7, (19,), ()),
    _Version(10, (34,), (6, 18)),
    _Version(15, (55,), (6, 22)),
    _Version(20, (80,), (6, 26)),
    _Version(26, (108,), (6, 30)),
    _Version(18, (68, 68), (6, 34)),
    _Version(20, (78, 78), (6, 22, 38)),
    _Version(24, (97, 97), (6, 24, 42)),
    _Version(30, (116, 116), (6, 26, 46)),
    _Version(18, (68, 68, 69, 69), (6, 28, 50)),
    _Version(20, (81,) * 4, (6, 30, 54)),
    _Version(24, (92, 92, 93, 93), (6, 32, 58)),
    _Version(26, (107,) * 4, (6, 34, 62)),
    _Version(30, (115, 115, 115, 116), (6, 26, 46, 66)),
)
_BYTES, _PADDING = 0b0100, (0xEC, 0x11)
_MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, _: y % 2 == 0,
    lambda _, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
_FINDER = (True, False, True, True, True, False, True)
_LIKE_FINDER = ((*_FINDER, *(False,) * 4), (*(False,) * 4, *_FINDER))


def qr_path(text: str) -> tuple[int, str] | None:
    """The side of a code in modules, and its dark ones as the path of an SVG; None for more than 458 bytes."""
    matrix = encode(text.encode())
    if matrix is None:
        return None
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
    return len(matrix), dark


def encode(content: bytes, mask: int | None = None) -> Matrix | None:
    """The modules of a code, dark ones true, without the quiet zone of four around it; None for too much content.

    ``mask`` is which of the eight patterns to lay over the data; without it, the one that reads best.
    """
    found = next((n for n, each in enumerate(_VERSIONS, 1) if len(content) <= _room(n, each)), None)
    if found is None:
        return None
    version = _VERSIONS[found - 1]
    bits = _bits(_interleaved(_data(content, found, version), version))
    candidates = [_drawn(found, version, bits, each) for each in (range(8) if mask is None else (mask,))]
    return min(candidates, key=_penalty)


def _length_bits(number: int) -> int:
    return 8 if number < 10 else 16


def _room(number: int, version: _Version) -> int:
    return (sum(version.blocks) * 8 - 4 - _length_bits(number)) // 8


def _data(content: bytes, number: int, version: _Version) -> bytes:
    """Mode, length and content, filled up to what the version holds."""
    total, length = sum(version.blocks), _length_bits(number)
    value = (_BYTES << length | len(content)) << 8 * len(content) | int.from_bytes(content)
    used = 4 + length + 8 * len(content)
    size = min(-(-(used + 4) // 8), total)
    filled = (value << size * 8 - used).to_bytes(size)
    return filled + bytes(_PADDING[place % 2] for place in range(total - size))


def _interleaved(data: bytes, version: _Version) -> bytes:
    """The blocks' codewords in turns, then those of their correction."""
    blocks, start = [], 0
    for size in version.blocks:
        blocks.append(data[start : start + size])
        start += size
    longest = max(version.blocks)
    mixed = bytes(block[place] for place in range(longest) for block in blocks if place < len(block))
    corrections = [_correction(block, version.correction) for block in blocks]
    return mixed + bytes(each[place] for place in range(version.correction) for each in corrections)


@cache
def _tables() -> tuple[list[int], list[int]]:
    """Powers of 2 in GF(256) over 0x11D, and their logarithms."""
    powers, logs, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers, logs


def _times(left: int, right: int) -> int:
    powers, logs = _tables()
    return powers[logs[left] + logs[right]] if left and right else 0


@cache
def _generator(count: int) -> tuple[int, ...]:
    """The polynomial whose roots are the first powers of 2, without its leading 1."""
    powers, _ = _tables()
    found = [1]
    for exponent in range(count):
        longer = [*found, 0]
        for place, factor in enumerate(found):
            longer[place + 1] ^= _times(factor, powers[exponent])
        found = longer
    return tuple(found[1:])


def _correction(block: bytes, count: int) -> bytes:
    """What is left of dividing a block by the generator (Reed-Solomon)."""
    rest = [0] * count
    for each in block:
        factor = each ^ rest[0]
        rest = [left ^ _times(factor, right) for left, right in zip([*rest[1:], 0], _generator(count), strict=True)]
    return bytes(rest)


def _bits(codewords: bytes) -> list[bool]:
    return [bool(each >> place & 1) for each in codewords for place in range(7, -1, -1)]


def _drawn(number: int, version: _Version, bits: list[bool], mask: int) -> Matrix:
    side = 17 + 4 * number
    fixed: dict[tuple[int, int], bool] = {}
    for y, x in ((0, 0), (0, side - 7), (side - 7, 0)):
        _draw_finder(fixed, y, x, side)
    for y in version.centres:
        for x in version.centres:
            if (y, x) not in fixed:
                _draw_square(fixed, y, x, 2)
    for place in range(8, side - 8):
        fixed[6, place] = fixed[place, 6] = place % 2 == 0
    _draw_format(fixed, mask, side)
    if number >= 7:
        _draw_version(fixed, number, side)
    matrix = [[fixed.get((y, x), False) for x in range(side)] for y in range(side)]
    free = [place for place in _places(side) if place not in fixed]
    for place, (y, x) in enumerate(free):
        matrix[y][x] = (place < len(bits) and bits[place]) != _MASKS[mask](y, x)
    return matrix


def _draw_square(fixed: dict[tuple[int, int], bool], y: int, x: int, reach: int) -> None:
    """Rings around a dark centre, in turns light and dark."""
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            fixed[y + dy, x + dx] = max(abs(dy), abs(dx)) != 1


def _draw_finder(fixed: dict[tuple[int, int], bool], top: int, left: int, side: int) -> None:
    """One of the three corners, with the light line around it."""
    for dy in range(-1, 8):
        for dx in range(-1, 8):
            if 0 <= top + dy < side and 0 <= left + dx < side:
                fixed[top + dy, left + dx] = max(abs(dy - 3), abs(dx - 3)) not in (2, 4)


def _checked(value: int, generator: int, size: int) -> int:
    """A value with the rest of its division by a generator of so many bits behind it (BCH)."""
    rest = value << size
    while rest.bit_length() > size:
        rest ^= generator << rest.bit_length() - size - 1
    return value << size | rest


def _draw_format(fixed: dict[tuple[int, int], bool], mask: int, side: int) -> None:
    """Correction L and the mask, twice."""
    value = _checked(0b01 << 3 | mask, 0x537, 10) ^ 0x5412
    bits = [bool(value >> place & 1) for place in range(15)]
    down = [0, 1, 2, 3, 4, 5, 7, 8, *range(side - 7, side)]
    across = [*range(side - 1, side - 9, -1), 7, 5, 4, 3, 2, 1, 0]
    for bit, y, x in zip(bits, down, across, strict=True):
        fixed[y, 8] = fixed[8, x] = bit
    fixed[side - 8, 8] = True


def _draw_version(fixed: dict[tuple[int, int], bool], number: int, side: int) -> None:
    value = _checked(number, 0x1F25, 12)
    for place in range(18):
        near, far = place // 3, side - 11 + place % 3
        fixed[near, far] = fixed[far, near] = bool(value >> place & 1)


def _places(side: int) -> list[tuple[int, int]]:
    """All modules in the order in which data goes into them: in pairs of columns from the right, up and down in turns,
    past the column of the timing pattern.
    """
    rights = [x if x > 6 else x - 1 for x in range(side - 1, 0, -2)]
    found = []
    for turn, right in enumerate(rights):
        rows = range(side) if turn % 2 else range(side - 1, -1, -1)
        found += [(y, x) for y in rows for x in (right, right - 1)]
    return found


def _penalty(matrix: Matrix) -> int:
    """How hard a code is to read: runs, squares, what looks like a corner, and much more dark than light."""
    side = len(matrix)
    lines = [*matrix, *(list(column) for column in zip(*matrix, strict=True))]
    score = sum(_runs(line) for line in lines)
    score += 40 * sum(tuple(line[start : start + 11]) in _LIKE_FINDER for line in lines for start in range(side - 10))
    for above, below in pairwise(matrix):
        score += 3 * sum(len({above[x], above[x + 1], below[x], below[x + 1]}) == 1 for x in range(side - 1))
    dark = sum(map(sum, matrix))
    return score + 10 * (abs(dark * 20 - side * side * 10) // (side * side))


def _runs(line: list[bool]) -> int:
    """Three for each run of five, and one for each module more."""
    lengths = (sum(1 for _ in run) for _, run in groupby(line))
    return sum(length - 2 for length in lengths if length >= 5)
