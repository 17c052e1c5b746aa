"""The two bodies of a mail, text and HTML, each from a template made by hand."""

from collections.abc import Sequence
from typing import Any

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

_OWN = "userhero.kernel.mail"


class Button(msgspec.Struct, frozen=True):
    """The one thing to do about a mail."""

    label: str
    url: str


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the words of every mail: whose it is above, why it came and how to stop it below.

    Addresses must begin with ``http://`` or ``https://``; ValueError otherwise.
    """

    workspace: str
    title: str
    reason: str
    button: Button | None = None
    preferences_url: str | None = None
    unsubscribe_url: str | None = None

    def __post_init__(self) -> None:
        for url in (self.button.url if self.button else None, self.preferences_url, self.unsubscribe_url):
            if url is not None and not url.startswith(("http://", "https://")):
                raise ValueError("a link in a mail must be an http or https address")


class Bodies(msgspec.Struct, frozen=True):
    """What a mail says, twice."""

    text: str
    html: str


class MailTemplates:
    """The mail templates of some packages, compiled when this is made, so that a broken one stops the start.

    A mail called ``notices/reply`` has two: ``notices/reply.txt``, which extends ``mail/layout.txt``, and
    ``notices/reply.html``, which extends ``mail/layout.html``; each fills the block ``words``. ``mail/paragraphs`` is
    there for mails that are a list of ``paragraphs``. In HTML what is given is escaped. A name that a template uses and
    nobody gave raises UndefinedError.
    """

    def __init__(self, packages: Sequence[str] = ()) -> None:
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in (*packages, _OWN)]),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        names = self._environment.list_templates(filter_func=lambda name: name.endswith((".txt", ".html")))
        self._templates = {name: self._environment.get_template(name) for name in names}

    def render(self, name: str, /, frame: Frame, **values: Any) -> Bodies:
        """Both bodies of a mail; ``LookupError`` where there is none of that name."""
        text, html = (self._templates[f"{name}.{kind}"] for kind in ("txt", "html"))
        return Bodies(text.render(values, frame=frame), html.render(values, frame=frame))
