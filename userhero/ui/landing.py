"""The page that a stranger meets at the root of an installation."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from userhero.ui.render import interface_templates


class Destination(NamedTuple):
    """A place to go from here, in words that say what is there."""

    href: str
    title: str
    text: str


DESTINATIONS: Final = (
    Destination("/app", "Sign in", "Your workspaces, and what went out of them."),
    Destination("/docs", "API reference", "Every call with its fields, limits and errors, and examples to copy."),
    Destination("/api/v1/openapi.json", "OpenAPI document", "The same as data, for client generators and tools."),
    Destination("/healthz", "Health", "Answers when this server is up."),
)


def render_landing(*, product: str, sentence: str, destinations: Sequence[Destination] = DESTINATIONS) -> str:
    """A whole HTML document: the product's name, one sentence on what it does, and where to go from here.

    The first destination is the main one; there must be at least one.
    """
    return interface_templates().render(
        "ui/landing.html", product=product, sentence=sentence, destinations=destinations
    )
