"""Mails are written twice, as text and as HTML that any mail program shows, in the light and in the dark."""

import re
from pathlib import Path

import html5lib
import pytest
from jinja2 import TemplateNotFound, UndefinedError

from userhero.kernel.mail.templates import Bodies, Button, Frame, MailTemplates

NS = "{http://www.w3.org/1999/xhtml}"
HOSTILE = "</p><script>alert(1)</script>\" onclick='x' {{ 7*7 }}"


def frame(**changes: object) -> Frame:
    given = {"workspace": "Acme & Sons", "title": "Ann answered", "reason": "You wrote to Acme."}
    return Frame(**(given | changes))  # type: ignore[arg-type]


FULL = frame(
    button=Button("See the answer", "https://example.com/feedback/1?a=b&c=d"),
    preferences_url="https://example.com/preferences",
    unsubscribe_url="https://example.com/unsubscribe",
)


def render(given: Frame = FULL, *paragraphs: str) -> Bodies:
    return MailTemplates().render("mail/paragraphs", given, paragraphs=list(paragraphs or ("Hello.",)))


def test_the_text_is_made_for_readers() -> None:
    assert render(FULL, "Hello.", "It's <fixed> & done.").text == (
        "Acme & Sons\n\nHello.\n\nIt's <fixed> & done.\n\nSee the answer:\nhttps://example.com/feedback/1?a=b&c=d\n\n"
        "-- \nYou wrote to Acme.\nChoose what you hear of: https://example.com/preferences\n"
        "Unsubscribe: https://example.com/unsubscribe\n"
    )
    assert render(frame()).text == "Acme & Sons\n\nHello.\n\n-- \nYou wrote to Acme.\n"


def test_the_html_says_the_same() -> None:
    document = html5lib.parse(render(FULL, "Hello.", "It's <fixed> & done.").html)
    shown = [
        " ".join("".join(each.itertext()).split()) for each in document.iter() if each.tag in (f"{NS}p", f"{NS}h1")
    ]
    assert shown == [
        "Acme & Sons",
        "Ann answered",
        "Hello.",
        "It's <fixed> & done.",
        "See the answer",
        "You wrote to Acme.",
        "Choose what you hear of · Unsubscribe",
    ]
    links = [each.attrib["href"] for each in document.iter(f"{NS}a")]
    assert links == [
        "https://example.com/feedback/1?a=b&c=d",
        "https://example.com/preferences",
        "https://example.com/unsubscribe",
    ]


def test_what_is_given_is_escaped() -> None:
    hostile = frame(
        workspace=HOSTILE, title=HOSTILE, reason=HOSTILE, button=Button(HOSTILE, f"https://example.com/{HOSTILE}")
    )
    document = html5lib.parse(render(hostile, HOSTILE).html)
    assert not list(document.iter(f"{NS}script"))
    assert {name for each in document.iter() for name in each.attrib} <= {
        "charset", "content", "href", "lang", "name", "style",
    }  # fmt: skip
    assert "{{ 7*7 }}" in "".join(document.itertext())


def test_mail_programs_that_know_little_show_it() -> None:
    """Nothing is loaded, no style is elsewhere, nothing is laid out with tables."""
    document = html5lib.parse(render().html)
    tags = {str(each.tag).removeprefix(NS) for each in document.iter()}
    assert tags <= {"html", "head", "meta", "title", "body", "div", "p", "h1", "a"}
    assert not [each for each in document.iter() if {"src", "class", "background"} & set(each.attrib)]
    assert "url(" not in render().html


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_it_is_readable_in_the_dark() -> None:
    """Text and ground are the reader's own; where one is set, so is the other, with a contrast of 4.5 (WCAG 1.4.3)."""
    document = html5lib.parse(render().html)
    schemes = [each.attrib["content"] for each in document.iter(f"{NS}meta") if "scheme" in each.attrib.get("name", "")]
    assert schemes == ["light dark"] * 2
    coloured = []
    for each in document.iter():
        style = dict(part.strip().split(": ", 1) for part in each.attrib.get("style", "").split(";") if part.strip())
        ground, ink = style.get("background-color"), style.get("color", "inherit")
        assert (ground is None) == (ink == "inherit"), each.attrib["style"]
        if ground is not None:
            coloured.append((luminance(ink) + 0.05) / (luminance(ground) + 0.05))
    assert len(coloured) == 1
    assert coloured[0] >= 4.5


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.com", "example.com", ""])
def test_links_lead_to_the_web(url: str) -> None:
    for changes in ({"button": Button("Go", url)}, {"preferences_url": url}, {"unsubscribe_url": url}):
        with pytest.raises(ValueError, match="http or https"):
            frame(**changes)


def test_a_template_that_lacks_a_value_is_no_mail() -> None:
    with pytest.raises(UndefinedError):
        MailTemplates().render("mail/paragraphs", FULL)
    with pytest.raises(LookupError):
        MailTemplates().render("mail/none", FULL)


def test_slices_bring_templates_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mail_of_a_slice" / "templates" / "notices"
    folder.mkdir(parents=True)
    (tmp_path / "mail_of_a_slice" / "__init__.py").touch()
    for kind in ("txt", "html"):
        words = f'{{% extends "mail/layout.{kind}" %}}{{% block words %}}{kind}: {{{{ who }}}}\n{{% endblock %}}'
        (folder / f"reply.{kind}").write_text(words, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    bodies = MailTemplates(["mail_of_a_slice"]).render("notices/reply", FULL, who="<Ann>")
    assert "txt: <Ann>\n" in bodies.text
    assert re.search(r"html: &lt;Ann&gt;\n", bodies.html)
    (folder / "broken.html").write_text("{% if %}", "utf-8")
    with pytest.raises(Exception, match="Expected an expression"):
        MailTemplates(["mail_of_a_slice"])


def test_a_layout_that_is_missing_is_noticed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mail_without_layout" / "templates"
    folder.mkdir(parents=True)
    (tmp_path / "mail_without_layout" / "__init__.py").touch()
    (folder / "a.txt").write_text("{% extends 'mail/other.txt' %}", "utf-8")
    (folder / "a.html").write_text("a", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(TemplateNotFound):
        MailTemplates(["mail_without_layout"]).render("a", FULL)
