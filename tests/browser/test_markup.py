"""Markup in whatever people can type is shown as what they typed, on every page, by a real browser.

The page of the fixture fails the test where a policy was broken, so a script that was only stopped is noticed too.
"""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.automations.macros import TAG, saved
from tests.support.live import LiveServer
from tests.support.tenants import Tenant, Tenants
from userhero.server.composition import PAGES

SHORT = "<b id=owned>x</b>"
MARKUP = f"{SHORT}\"'><script>document.title='owned'</script><img id=owned src=x onerror=\"document.title='owned'\">"
TEMPLATES = {
    page.path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(page.path))) for page in PAGES if page.method == "GET"
}
# Of a kind of page so many are opened: lists link to themselves in many orders.
EACH = 2
# Where the text of ours has to be seen.
SHOWING = {"inbox", "feedback/{feedback_id}", "automations", "automations/{automation_id}"}


def filled(caller: Tenant) -> None:
    """Markup wherever the API takes text that pages show."""
    names = {"userEmail": "jane@example.com", "tags": [SHORT], "customMetadata": {SHORT: MARKUP}}
    context = {"pageUrl": "https://example.com/", "browser": MARKUP[:100]}
    item = caller.new_feedback(MARKUP, category="bug", context=context, **names)
    said = {"authorType": "customer", "authorName": MARKUP, "authorEmail": "jane@example.com", "message": MARKUP}
    assert caller.post(f"/feedback/{item['id']}/comments", said).status == 201
    assert caller.post(f"/feedback/{item['id']}/notes", {"contentHtml": f"<p>{SHORT}</p>"}).status == 201
    saved(caller, TAG, name=MARKUP[:100])
    assert caller.post("/projects", {"name": MARKUP[:100]}).status == 201
    assert caller.post("/customers", {"name": MARKUP[:100], "notes": MARKUP}).status == 201


def kind_of(address: str) -> str | None:
    """Which page that is."""
    path = urlsplit(address).path
    # What has its own name comes before what any name fits.
    fitting = [each for each, pattern in TEMPLATES.items() if pattern.fullmatch(path)]
    return min(fitting, key=lambda each: each.count("{"), default=None)


def invited(page: Page, caller: Tenant) -> str:
    """The address of an invitation."""
    page.goto(f"/app/{caller.workspace_id}/members")
    page.get_by_label("E-mail").fill("kim@example.com")
    page.get_by_role("button", name="Make the invitation").click()
    return urlsplit(page.locator(".said code").inner_text()).path


@pytest.mark.case("HTML-11")
def test_markup_is_text_on_every_page(page: Page, jane: Tenant, live_server: LiveServer) -> None:
    filled(jane)
    Tenants(live_server.database, live_server.client).colleague(jane, "member")
    opened, shown = Counter[str](), set[str]()
    ahead = [
        "/app",
        "/app/account",
        f"/app/{jane.workspace_id}/inbox",
        f"/app/{jane.workspace_id}/views",
        invited(page, jane).replace("/invitations/", "/app/invitations/"),
    ]
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    while ahead:
        address = ahead.pop(0)
        kind = kind_of(address)
        if kind is None or opened[kind] == EACH:
            continue
        opened[kind] += 1
        page.goto(address)
        assert page.locator("#owned").count() == 0, address
        assert page.title() != "owned", address
        if SHORT in page.inner_text("body") or page.locator(f'input[value*="{SHORT}"]').count():
            shown.add(kind.partition("{workspace_id}/")[2])
        ahead += page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    assert shown >= SHOWING
    # A page that nothing leads to, or that shows something of a kind that is not there yet, has to be looked at too.
    assert TEMPLATES.keys() - opened.keys() <= {"/app/{workspace_id}/outbox/{outbox_id}"}
