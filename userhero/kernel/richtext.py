"""Formatted text that people wrote, reduced to what is harmless: a short list of tags, and of attributes only ``href``.

What is not on the list goes, its text stays. It is reduced before it is stored and once more before it is shown.
"""

import html
import re

import nh3

TAGS = frozenset(
    {"a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "pre", "s"}
    | {"strong", "u", "ul"}
)
SCHEMES = frozenset({"http", "https", "mailto"})
REL = "noopener noreferrer nofollow"
# What a link may begin with: no way to read one character as another is left.
_ABSOLUTE = re.compile(r"(?:https?://[^\s/\\]|mailto:[^\s])", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_BREAKS = re.compile(r"<br>|<hr>|</(?:p|li|h[1-3]|blockquote|pre|ul|ol)>")
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[ \t]*\n[\s]*\n[ \t]*|[ \t]*\n[ \t]*")


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    """The attribute's value where it is an absolute address of a known kind, or what the cleaner itself adds."""
    if (tag, attribute, value) == ("a", "rel", REL):
        return value
    trimmed = value.strip()
    if (tag, attribute) != ("a", "href") or _CONTROL.search(trimmed) or not _ABSOLUTE.match(trimmed):
        return None
    return trimmed


_cleaner = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style", "template", "title", "noscript", "iframe", "xmp", "noembed", "noframes"},
    # Without the entry for every tag, the library's own list of harmless ones (lang, title) would stand.
    attributes={"*": set(), "a": {"href"}},
    attribute_filter=_harmless,
    url_schemes=set(SCHEMES),
    link_rel=REL,
    strip_comments=True,
    generic_attribute_prefixes=set(),
)


def sanitised(text: str) -> str:
    """The harmless part of ``text``, as HTML."""
    return _cleaner.clean(text)


def plain(harmless: str) -> str:
    """The text that sanitised HTML shows, a line for each of its blocks."""
    lined = _BREAKS.sub("\n", harmless)
    return _SPACE.sub("\n", html.unescape(_TAG.sub("", lined)).replace("\xa0", " ")).strip()
