"""Markdown by strangers is harmless, and readable."""

import pytest

from tests.ui.pages import Page
from userhero.ui.markdown import article, phrase, prose


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("One `a<b` here.\n\nTwo.", "<p>One <code>a&lt;b</code> here.</p>\n<p>Two.</p>\n"),
        ("# Loud\n\n### Low", "<h4>Loud</h4>\n<h6>Low</h6>\n"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"),
        ("<div onclick='x()'>\n</div>", "<p>&lt;div onclick='x()'&gt;\n&lt;/div&gt;</p>\n"),
        ("```js\nlet a\n```", '<div class="code"><pre><code class="language-js">let a\n</code></pre>\n</div>'),
        ("    indented", '<div class="code"><pre><code>indented\n</code></pre>\n</div>'),
        ("", ""),
    ],
)
def test_blocks(source: str, html: str) -> None:
    assert prose(source) == html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "file:///x"]
)
def test_no_link_runs_or_reads_what_it_should_not(address: str) -> None:
    assert "<a" not in prose(f"[here]({address}) <{address}> ![image]({address})")


def test_images_are_not_loaded() -> None:
    assert "<img" not in prose("![alt](https://tracker.example/x.png)")


def test_table_columns_have_no_inline_alignment() -> None:
    html = prose("| a | b |\n| :-- | --: |\n| 1 | 2 |")
    assert "style" not in html
    assert "<td>1</td>" in html


def test_headings_of_an_article_can_be_linked_to() -> None:
    text = article("Hello.\n\n## A `b`\n\n### C", anchor_for=lambda name: name.lower().replace(" ", "-"))
    assert [tuple(heading) for heading in text.headings] == [("A b", "a-b", 2), ("C", "c", 3)]
    assert '<h2 id="a-b">A <code>b</code></h2>' in text.html


def test_a_phrase_has_no_block_around_it() -> None:
    assert phrase("see `x` & <b>") == "see <code>x</code> &amp; &lt;b&gt;"


def test_the_result_is_valid_markup() -> None:
    body = prose('# T\n\n* a\n* b\n\n> q\n\n| a |\n| --- |\n| <i> |\n\n---\n\n[l](/x "t")')
    Page(f'<!doctype html><html lang="en"><title>t</title><body>{body}</body></html>')
