"""A rendered page as a tree to ask questions of."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib


class Page:
    """Parses strictly: markup that a validator would refuse raises ``html5lib.html5parser.ParseError``."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)

    def all(self, tag: str = "*") -> Iterator[Element]:
        """Every element with a tag, in document order."""
        return self.root.iter(None if tag == "*" else tag)

    def with_class(self, name: str) -> list[Element]:
        """Every element of a class."""
        return [element for element in self.all() if name in classes(element)]

    def by_id(self, anchor: str) -> Element:
        """The one element with an id."""
        (element,) = (element for element in self.all() if element.get("id") == anchor)
        return element

    @property
    def ids(self) -> list[str]:
        """Every id on the page."""
        return [element.attrib["id"] for element in self.all() if "id" in element.attrib]


def classes(element: Element) -> list[str]:
    """The classes of an element."""
    return element.get("class", "").split()


def text(element: Element) -> str:
    """What one reads in an element, with single blanks between words."""
    return " ".join("".join(element.itertext()).split())


def field(within: Element, name: str) -> Element:
    """The row that explains the first field of that name."""
    return next(
        row for row in within.iterfind(".//dl/div") if (code := row.find("dt/code")) is not None and text(code) == name
    )
