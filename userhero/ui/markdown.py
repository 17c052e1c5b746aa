"""Text that somebody wrote in Markdown, as HTML that is safe to place in any page.

Raw HTML stays text, images become links, no link runs a script, and nothing carries an inline style, so the
result also obeys a strict content security policy.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup


class Heading(NamedTuple):
    """A heading of an article: its text and the anchor it can be linked by."""

    text: str
    anchor: str
    level: int


class Article(NamedTuple):
    """A text with headings that can be linked to."""

    html: Markup
    headings: tuple[Heading, ...]


def prose(text: str, *, top_heading: int = 4) -> Markup:
    """Paragraphs, lists, tables and code; its highest heading becomes ``<h{top_heading}>``."""
    tokens = _MARKDOWN.parse(text)
    _shift_headings(tokens, top_heading)
    return _to_html(tokens)


def phrase(text: str) -> Markup:
    """One run of text with code, emphasis and links, without a block around it."""
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704 - the renderer escapes


def article(text: str, *, anchor_for: Callable[[str], str], top_heading: int = 2) -> Article:
    """Like `prose`, with an ``id`` from ``anchor_for(heading text)`` on every heading."""
    tokens = _MARKDOWN.parse(text)
    _shift_headings(tokens, top_heading)
    headings = []
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            name = _plain(content)
            heading = Heading(name, anchor_for(name), int(opening.tag[1:]))
            opening.attrSet("id", heading.anchor)
            headings.append(heading)
    return Article(_to_html(tokens), tuple(headings))


def _to_html(tokens: Sequence[Token]) -> Markup:
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 - the renderer escapes


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _shift_headings(tokens: Sequence[Token], top: int) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    shift = top - min((int(token.tag[1:]) for token in headings), default=top)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1:]) + shift)}"


class _Renderer(RendererHTML):
    """Writes no inline styles, and tables that scroll by themselves where the page is narrow."""

    def table_open(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        # The tab stop lets a keyboard scroll the table too.
        return '<div class="scroll" tabindex="0"><table class="table">'

    def table_close(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</table></div>"

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="code">{super().fence(tokens, index, options, env)}</div>'

    def code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="code">{super().code_block(tokens, index, options, env)}</div>'

    def th_open(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        # Here and below: the stock rule would write the column's alignment as an inline style.
        return "<th>"

    def td_open(self, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType) -> str:
        return "<td>"


_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table").disable("image")
