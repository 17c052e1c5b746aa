"""The shell and its styles: pages that extend it, classes that exist, colours that can be read."""

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from tests.ui.documents import feedback_api
from tests.ui.pages import Page, classes, text
from userhero.ui import Destination, Templates, interface_assets, render_landing, render_reference

STATIC = files("userhero.ui") / "static"
STYLES = {name: (STATIC / name).read_text() for name in ("ui.css", "reference.css")}
TEXT_COLOURS = ("ink", "soft", "accent", "good", "warn", "bad")


@pytest.fixture(scope="module")
def landing() -> Page:
    return Page(render_landing(product="Acme <Desk>", sentence='Says "hello" & more.'))


def test_the_landing_page_leads_on(landing: Page) -> None:
    assert [link.get("href") for link in landing.by_id("main").iter("a")] == [
        "/app",
        "/docs",
        "/api/v1/openapi.json",
        "/healthz",
    ]
    (heading,) = landing.all("h1")
    assert text(heading) == "Acme <Desk>"
    assert 'Says "hello" & more.' in text(landing.by_id("main"))
    assert 'content="Says &#34;hello&#34; &amp; more."' in landing.html


def test_destinations_are_the_callers() -> None:
    page = Page(render_landing(product="A", sentence="B.", destinations=[Destination("/x", "X", "There.")]))
    assert [link.get("href") for link in page.by_id("main").iter("a")] == ["/x"]


@pytest.mark.parametrize("name", ["landing", "reference"])
def test_a_page_can_be_used_without_sight_or_mouse(name: str, landing: Page) -> None:
    page = landing if name == "landing" else Page(render_reference(feedback_api(), base_url="https://a.example"))
    assert page.root.get("lang") == "en"
    first_link = next(page.all("a"))
    assert first_link.get("href") == "#main"
    levels = [int(e.tag[1]) for e in page.by_id("main").iter() if re.fullmatch("h[1-6]", e.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert [b for b in page.all("button") if not (text(b) or b.get("aria-label"))] == []
    assert [i for i in page.all("img") if "alt" not in i.attrib] == []
    labelled = {label.get("for") for label in page.all("label")}
    assert [i for i in page.all("input") if i.get("id") not in labelled] == []


def test_what_needs_a_script_is_hidden_until_one_runs() -> None:
    page = Page(render_reference(feedback_api(), base_url="https://a.example"))
    assert all("hidden" in page.by_id(anchor).attrib for anchor in ("theme", "filter-box", "no-match"))


def test_every_class_in_use_has_a_style(landing: Page) -> None:
    page = Page(render_reference(feedback_api(), base_url="https://a.example"))
    used = {name for each in (page, landing) for element in each.all() for name in classes(element)}
    used = {name for name in used if not name.startswith("language-")}
    styled = set(re.findall(r"\.([a-z][a-z-]*)", "".join(STYLES.values())))
    # Neutral is a badge's own look; these two mark what scripts and tests look for.
    assert used - styled <= {"neutral", "overview"}


def test_templates_refuse_what_nobody_gave() -> None:
    with pytest.raises(UndefinedError):
        Templates(["userhero.ui"], interface_assets()).render("ui/landing.html", product="A")


def test_styles_load_nothing_from_elsewhere() -> None:
    for css in STYLES.values():
        assert "@import" not in css
        assert all(address.startswith("'data:") for address in re.findall(r"url\(([^)]{6})", css))


def colours() -> Iterator[tuple[str, dict[str, str]]]:
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", STYLES["ui.css"])
    yield "light", {name: light for name, light, _ in pairs}
    yield "dark", {name: dark for name, _, dark in pairs}


def luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("theme", "palette"), list(colours()))
def test_text_can_be_read_in_both_themes(theme: str, palette: dict[str, str]) -> None:
    ground, raised = channels(palette["ground"]), channels(palette["raised"])
    for name in TEXT_COLOURS:
        colour = channels(palette[name])
        tinted = tuple(0.12 * c + 0.88 * g for c, g in zip(colour, ground, strict=True))
        assert min(contrast(colour, ground), contrast(colour, raised)) >= 4.5, name
        assert contrast(colour, tinted) >= 4.5, name
    assert contrast(channels(palette["on-accent"]), channels(palette["accent"])) >= 4.5
    assert contrast(channels(palette["edge"]), ground) >= 3
