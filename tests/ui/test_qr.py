"""QR codes, held against what another encoder (python-qrcode 8) makes of the same."""

import hashlib

import pytest

from userhero.ui.qr import encode, qr_path

SMALL = """
#######.#.###.#######
#.....#...##..#.....#
#.###.#.##.#..#.###.#
#.###.#.##..#.#.###.#
#.###.#.#..#..#.###.#
#.....#..####.#.....#
#######.#.#.#.#######
...........##........
####..#.######..###.#
.##.##.#.#.#####.####
#.#.#.##...#.....#.##
#..###.#...#..#.##..#
###.#.####..#..###.##
........#.##..#.##...
#######....##..##....
#.....#........#.####
#.###.#..#..####.####
#.###.#.####..##...#.
#.###.#.#...#.#..##..
#.....#.###..#.#....#
#######.##...#.####..
"""


def test_a_small_one() -> None:
    found = encode(b"otpauth", mask=3)
    assert found is not None
    assert "\n".join("".join(".#"[module] for module in row) for row in found) == SMALL.strip()


@pytest.mark.parametrize(
    ("content", "side", "sha256"),
    [
        (b"a" * 150, 45, "f2ea47969d145089163c6109824d157769bdbefec3808f95d461cce70050c56c"),
        (b"b" * 300, 61, "b9d589ea249fb73a05936c877d2fae78a66bc77e8f43c38e9a8799de9212dd5b"),
        (b"c" * 458, 73, "8cc15bfa874d2ee94a233e46a5250ab8e946c15f376eada80f06759e3855dd62"),
    ],
)
def test_larger_ones(content: bytes, side: int, sha256: str) -> None:
    """Of several blocks, and of blocks that are not alike."""
    found = encode(content, mask=5)
    assert found is not None
    assert (len(found), {len(row) for row in found}) == (side, {side})
    assert hashlib.sha256("".join("01"[module] for row in found for module in row).encode()).hexdigest() == sha256


def test_the_mask_that_reads_best_is_one_of_the_eight() -> None:
    assert encode(b"otpauth") in [encode(b"otpauth", mask) for mask in range(8)]


def test_more_than_it_holds() -> None:
    assert encode(b"x" * 459) is None
    assert qr_path("\u20ac" * 153) is None


def test_the_path_draws_every_dark_module() -> None:
    drawn, matrix = qr_path("otpauth"), encode(b"otpauth")
    assert drawn is not None
    assert matrix is not None
    side, path = drawn
    assert side == len(matrix)
    assert path.count("h1v1h-1z") == sum(map(sum, matrix))
    assert path.startswith("M0 0h1v1h-1z")
