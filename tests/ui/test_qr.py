"""QR codes: what is drawn is a code that holds the text."""

import re

from userhero.ui.qr import qr_path

FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def drawn(text: str) -> list[str]:
    """The rows of a code as its path draws them."""
    found = qr_path(text)
    assert found is not None
    side, path = found
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
    return ["".join("#" if (x, y) in dark else "." for x in range(side)) for y in range(side)]


def test_a_small_one() -> None:
    rows = drawn("otpauth")
    assert {len(rows), *map(len, rows)} == {21}
    assert [row[:7] for row in rows[:7]] == [row[-7:] for row in rows[:7]] == [row[:7] for row in rows[-7:]] == FINDER


def test_more_text_makes_a_larger_one() -> None:
    assert [len(drawn("b" * length)) for length in (150, 300, 458)] == [45, 61, 73]
    assert drawn("otpauth") != drawn("otpauti")


def test_more_than_it_holds() -> None:
    assert qr_path("x" * 5_000) is None
