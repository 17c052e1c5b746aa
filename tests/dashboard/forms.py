"""Pages of the dashboard as a browser has them: their forms, filled in."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.support.client import Response
from tests.support.tenants import Tenant
from tests.support.visitors import Visitor, text_of
from tests.ui.pages import Page, text

# Whatever of this would do something, in any place of a page.
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}</textarea></title>javascript:alert(1)"


def inbox_of(tenant: Tenant) -> str:
    """The path of the inbox."""
    return f"/app/{tenant.workspace_id}/inbox"


def page_of(tenant: Tenant, item: dict[str, str]) -> str:
    """The path of an item."""
    return f"/app/{tenant.workspace_id}/feedback/{item['id']}"


def parsed(answer: Response) -> Page:
    """A page that came back, whatever its status; markup that a validator refuses raises."""
    return Page(answer.body.decode())


@dataclass
class Opened:
    """A page somebody has open."""

    visitor: Visitor
    path: str
    page: Page

    def form(self, ending: str = "") -> dict[str, str]:
        """The fields of the form that posts to the page's path and ``ending``, as they stand."""
        (found,) = (
            form
            for form in self.page.all("form")
            if form.get("method") == "post" and form.get("action", "").partition("?")[0] == self.path + ending
        )
        return _fields(found)

    def send(self, ending: str = "", **fields: str) -> Response:
        """Fill in some fields and send."""
        return self.visitor.post(self.path + ending, self.form(ending) | fields)


def opened(visitor: Visitor, path: str, **query: str) -> Opened:
    """Open a page."""
    return Opened(visitor, path, Page(text_of(visitor.get(path, **query))))


def messages_on(page: Page) -> list[str]:
    """What the items of a list say."""
    return [text(each) for each in page.with_class("words")]


def wrong_on(page: Page) -> list[str]:
    """The complaints on a page."""
    return [text(each) for each in page.with_class("wrong") if text(each)]


def counts_on(page: Page) -> dict[str, str]:
    """The counts of the views."""
    (views,) = page.with_class("views")
    return {text(link).rpartition(" ")[0]: text(link).rpartition(" ")[2] for link in views.iter("a")}


def _fields(form: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in form.iter():
        name = each.get("name")
        if name is None or (each.get("type") in ("checkbox", "radio") and "checked" not in each.attrib):
            continue
        if each.tag == "select":
            options = [*each.iter("option")]
            chosen = next((option for option in options if "selected" in option.attrib), options[0])
            found[name] = chosen.get("value", text(chosen))
        else:
            found[name] = "".join(each.itertext()) if each.tag == "textarea" else each.get("value", "")
    return found


def inert(page: Page) -> None:
    """Fail where hostile text became more than text."""
    assert [script for script in page.all("script") if text(script) or not script.get("src", "").startswith("/")] == []
    assert [name for each in page.all() for name in each.attrib if name.startswith("on") or name == "style"] == []
    assert [image.get("src") for image in page.all("img") if image.get("src") == "x"] == []
    assert [link.get("href") for link in page.all("a") if link.get("href", "").lower().startswith("javascript")] == []
    assert "49" not in [text(each) for each in page.all()]
