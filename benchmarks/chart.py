"""Charts as SVG that follow the reader's colours: light, or dark where that is preferred."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _LABELS, _VALUES, _ROW, _TOP = 760, 210, 180, 30, 44
_BAR = 16
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #3b4252; }
.title { font-weight: 600; }
.quiet { fill: #6b7280; }
.track { fill: #eef0f3; }
.met { fill: #4c9a7a; }
.unmet { fill: #c98a4b; }
.first { fill: #5b84b1; }
.second { fill: #b4c6dc; }
.line { stroke: #6b7280; stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #d8dee9; }
  .quiet { fill: #9aa4b2; }
  .track { fill: #2b313c; }
  .met { fill: #5fae8d; }
  .unmet { fill: #d29a5c; }
  .first { fill: #7aa2cf; }
  .second { fill: #46607f; }
  .line { stroke: #9aa4b2; }
}
"""
_MOST_SHOWN = 2.0


class Bar(NamedTuple):
    """One measured value: its ``share`` of the target, and the words at its end."""

    label: str
    share: float
    text: str


class Range(NamedTuple):
    """The latencies of one side, in milliseconds."""

    label: str
    p50: float
    p99: float


def targets(bars: Sequence[Bar]) -> str:
    """How far each value is, as a share of its target; the dashed line is the target. More than twice is cut off."""
    room = _WIDTH - _LABELS - _VALUES
    unit = room / _MOST_SHOWN
    parts = [_text(0, 18, "Share of the target (dashed line: the target is met)", "title")]
    for number, bar in enumerate(bars):
        y = _TOP + number * _ROW
        length = min(bar.share, _MOST_SHOWN) * unit
        kind = "met" if bar.share >= 1 else "unmet"
        parts += [
            _text(0, y + 13, bar.label),
            _box(_LABELS, y, room, "track"),
            _box(_LABELS, y, length, kind),
            _text(_LABELS + room + 8, y + 12, bar.text, "quiet"),
        ]
    x, bottom = _LABELS + unit, _TOP + len(bars) * _ROW
    parts.append(f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{bottom - 6}"/>')
    return _document(bottom, parts)


def latencies(ranges: Sequence[Range]) -> str:
    """The median and the 99th percentile of each side, on a logarithmic scale between powers of ten."""
    room = _WIDTH - _LABELS - _VALUES
    low = math.floor(math.log10(min((each.p50 for each in ranges), default=1)))
    high = max(low + 1, math.ceil(math.log10(max((each.p99 for each in ranges), default=10))))
    parts = [_text(0, 18, "Latency under full load in ms: p50 and, behind it, p99; logarithmic", "title")]
    for number, each in enumerate(ranges):
        y = _TOP + number * _ROW
        p50, p99 = ((math.log10(value) - low) / (high - low) * room for value in (each.p50, each.p99))
        parts += [
            _text(0, y + 13, each.label),
            _box(_LABELS, y, p99, "second"),
            _box(_LABELS, y, p50, "first"),
            _text(_LABELS + p99 + 8, y + 12, f"{each.p50:.3g} / {each.p99:.3g} ms", "quiet"),
        ]
    return _document(_TOP + len(ranges) * _ROW, parts)


def _document(height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _box(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{_BAR}" rx="3"/>'
