"""QR codes (ISO/IEC 18004), for what a phone is to read from a screen."""

import segno


def qr_path(text: str) -> tuple[int, str] | None:
    """The side of a code in modules, and its dark ones as the path of an SVG; None for more than a code holds."""
    try:
        # The least correction, which is plenty on a screen: large modules are read faster.
        code = segno.make_qr(text, error="l", boost_error=False)
    except segno.DataOverflowError:
        return None
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, is_dark in enumerate(row) if is_dark)
    return len(code.matrix), dark
