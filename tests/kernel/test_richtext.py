"""Whatever HTML comes in, only a short list of tags and absolute links comes out; a second parser agrees."""

import random
from time import thread_time
from urllib.parse import urlsplit

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.measuring import Measured
from userhero.kernel.richtext import REL, SCHEMES, TAGS, plain, sanitised

SCRIPT = "javascript:alert(1)"
HOSTILE = [
    # Handlers, on all kinds of tags and in all kinds of writing.
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT >",
    "<script\x20type='text/javascript'>x</script>",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=\nalert(1)>",
    "<img/src/onerror=alert(1)>",
    "<image src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<p onclick='x()' onmouseover=x()>a</p>",
    "<b oNfOcUs=x() tabindex=1 autofocus>a</b>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<input onfocus=alert(1) autofocus>",
    "<select autofocus onfocus=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='background:url(javascript:alert(1))'>a</p>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex action=javascript:alert(1)>",
    # Addresses that run something.
    f"<a href={SCRIPT}>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
    "<a href='&#0000106avascript&colon;alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<a href='blob:https://example.com/1'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='intent://x#Intent;end'>x</a>",
    "<a xlink:href='javascript:alert(1)'>x</a>",
    # Addresses that are not absolute, or only look so.
    "<a href='/admin'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='\\\\evil.example'>x</a>",
    "<a href='https:evil.example'>x</a>",
    "<a href='http:/evil.example'>x</a>",
    "<a href='https:\\\\evil.example'>x</a>",
    "<a href='?delete=1'>x</a>",
    "<a href='#x'>x</a>",
    "<a href=''>x</a>",
    # Markup that another parser reads in another way.
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<svg><foreignObject><p><style></foreignObject><img src onerror=alert(1)></style>",
    "<svg><use href='data:image/svg+xml,<svg/>'>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1)>",
    "<svg><set attributeName=onmouseover to=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><style><img src onerror=alert(1)></style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<title><a href='</title><img src=x onerror=alert(1)>'>",
    "<textarea><a title='</textarea><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<noembed><p title='</noembed><img src=x onerror=alert(1)>'>",
    "<noframes><p title='</noframes><img src=x onerror=alert(1)>'>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
    "<table><td><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><img src=x onerror=alert(1)>",
    "<!doctype html [<!ENTITY x '<img>'>]>",
    "</p/onclick=alert(1)><p>a",
    "<a href='https://a.example' href='javascript:alert(1)'>x</a>",
    "<a href=https://a.example/`onclick=alert(1)>x</a>",
    '<a href="https://a.example/&quot; onclick=&quot;alert(1)">x</a>',
    "<a href='https://a.example' target=_blank rel=opener id=x name=y class=z>x</a>",
    "<p id=getElementById name=cookie class=x lang=x title=x dir=x data-x=1 aria-label=x is=x slot=x>a</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<b><i><b></i></b></i>" * 20,
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<a href='https://a.example/\u202e'>x</a>",
    "<\uff53cript>alert(1)</\uff53cript>",
    "<p",
    "<",
    "<a href=",
]


def violations(clean: str) -> list[str]:
    """What another parser finds in sanitised HTML that must not be there."""
    found = []
    tree = html5lib.parseFragment(clean, namespaceHTMLElements=False, treebuilder="etree")
    for node in tree.iter():
        if node is tree:
            continue
        if node.tag not in TAGS:
            found.append(f"<{node.tag}>")
        for name, value in node.attrib.items():
            if (node.tag, name) == ("a", "rel"):
                sound = value == REL
            elif (node.tag, name) == ("a", "href"):
                address = urlsplit(value)
                sound = address.scheme.lower() in SCHEMES and bool(address.netloc or address.scheme == "mailto")
            else:
                sound = False
            if not sound:
                found.append(f"{node.tag} {name}={value!r}")
        if node.tag == "a" and "rel" not in node.attrib:
            found.append("a without rel")
    return found


@pytest.mark.case("HTML-01", "HTML-03", "HTML-05")
@pytest.mark.parametrize("markup", HOSTILE)
def test_only_what_is_harmless_is_left(markup: str) -> None:
    """HTML-01, HTML-03, HTML-04, HTML-05."""
    clean = sanitised(markup)
    assert violations(clean) == []
    again = sanitised(clean)
    assert violations(again) == []


def test_what_is_harmless_stays() -> None:
    markup = (
        "<h1>One</h1><p>A <strong>b</strong> <em>c</em> <u>d</u> <s>e</s> <code>f</code><br>g</p>"
        "<ul><li>1</li></ul><ol><li>2</li></ol><blockquote>h</blockquote><pre>i</pre><hr>"
    )
    assert sanitised(markup) == markup
    for address in ("https://example.com/a?b=c&amp;d#e", "mailto:jane@example.com"):
        assert sanitised(f'<a href="{address}">x</a>') == f'<a href="{address}" rel="{REL}">x</a>'


@pytest.mark.case("HTML-04")
@pytest.mark.parametrize("tag", sorted(TAGS))
@pytest.mark.parametrize(
    "attribute", ["title", "lang", "id", "name", "class", "style", "onclick", "data-x", "dir", "is"]
)
def test_no_other_attribute_survives(tag: str, attribute: str) -> None:
    """HTML-04."""
    assert attribute + "=" not in sanitised(f'<{tag} {attribute}="x">a</{tag}>')


_PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<a href='", "'>", "</a>", "<!--", "-->", "<svg>", "</svg>", "<math>", "<mtext>"),
    *("<style>", "</style>", "<script>", "</script>", "<table>", "<mglyph>", "<template>", "<noscript>", "</noscript>"),
    *("<img src=x onerror=alert(1)>", "javascript:", "https://a.example/", "&#106;", "&lt;", "&gt;", "&quot;", '"'),
    *("<title>", "</title>", "<textarea>", "<foreignObject>", "<desc>", "<select>", "<option>", "x", " ", "\x00", "<"),
    *("<annotation-xml encoding=text/html>", "<form>", "</form>", "<xmp>", "<plaintext>", "]]>", "<![CDATA["),
]


@pytest.mark.figure(no="H10")
@pytest.mark.case("HTML-02", "HTML-13")
def test_thousands_of_mixtures_stay_harmless(long: bool, measured: Measured) -> None:
    """HTML-02, HTML-13."""
    chance = random.Random(20_261_122)
    tries = 100_000 if long else 3_000
    for _ in range(tries):
        markup = "".join(chance.choices(_PIECES, k=chance.randint(1, 14)))
        clean = sanitised(markup)
        assert violations(clean) == [], markup
        assert violations(sanitised(clean)) == [], markup
    measured(attempts=tries, found=f"0 of {tries:,} leave anything harmful")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_survived(markup: str) -> None:
    clean = sanitised(markup)
    assert violations(clean) == []


@pytest.mark.case("HTML-06")
@pytest.mark.parametrize(
    "markup",
    [
        "<b>" * 6666,
        "<p>" * 6666,
        "<a>" * 6666,
        "<blockquote>" * 1600,
        "<ul><li>" * 2500,
        "<table>" * 2857,
        "<svg>" * 4000,
        "<b><i>" * 3333 + "</b></i>" * 10,
        "<!--" * 5000,
        "&" * 20_000,
        "<" * 20_000,
        "<a href=" * 2500,
    ],
    ids=lambda markup: markup[:12],
)
def test_depth_and_length_cost_little(markup: str) -> None:
    """HTML-06: at the length that a note may have."""
    began = thread_time()
    clean = sanitised(markup[:20_000])
    plain(clean)
    sanitised(clean)
    assert thread_time() - began < 1


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<p>One<br>Two</p>", "One\nTwo"),
        ("<ul><li>One</li><li>Two</li></ul>After", "One\nTwo\nAfter"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<p> </p>", ""),
        ("<p>a&nbsp;b</p>", "a b"),
    ],
)
def test_the_text_that_it_shows(markup: str, text: str) -> None:
    assert plain(sanitised(markup)) == text
