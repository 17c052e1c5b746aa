"""What people come to the inbox for, in a real browser, with the keyboard alone."""

from collections.abc import Iterator
from shutil import which

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.live import LiveServer
from tests.support.tenants import Tenant
from userhero.workspaces.sessions import find_account, open_session

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
def jane(live_server: LiveServer) -> Tenant:
    """Who owns the workspace."""
    return live_server.tenant()


@pytest.fixture
def page(live_server: LiveServer, jane: Tenant) -> Iterator[Page]:
    """A page in which Jane is signed in. What it complains about, a broken content policy for one, fails the test."""

    def session() -> str:
        account = live_server.database.read(lambda tx: find_account(tx, jane.email))
        assert account is not None
        return live_server.database.write(lambda tx: open_session(tx, account))

    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=which("chromium"), args=list(FLAGS))
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": "userhero", "value": session(), "url": live_server.url}])
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
    assert complaints == []


def test_find_answer_and_decide_with_the_keyboard_alone(page: Page, jane: Tenant) -> None:
    for message, priority in (("The door is broken", "urgent"), ("Nice door", "low"), ("Broken bell", "urgent")):
        jane.new_feedback(message, priority=priority)
    page.goto("/app")
    page.keyboard.press("/")
    page.keyboard.type("door brok")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=door+brok**")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/**")
    page.keyboard.press("r")
    page.keyboard.type("Mended.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**done=reply**")
    assert page.locator(".bubble.ours .text").inner_text() == "Mended."
    assert page.locator("#message").input_value() == ""
    page.keyboard.press("e")
    page.keyboard.type("Resolved")
    page.locator("#status").press("Enter")
    page.get_by_role("button", name="Save").press("Enter")
    page.wait_for_url("**done=changed**")
    page.keyboard.press("u")
    page.wait_for_url("**/inbox?**q=door+brok**")
    assert "Nothing matches" in page.locator("#main").inner_text()


def test_select_and_change_with_the_keyboard_alone(page: Page, jane: Tenant) -> None:
    items = [jane.new_feedback(f"Number {number}") for number in range(3)]
    page.goto("/app")
    for key in ("j", "x", "j", "x", "j", "k"):
        page.keyboard.press(key)
    assert page.locator("#picked").inner_text() == "2 selected:"
    page.keyboard.press("l")
    page.keyboard.type("door")
    page.keyboard.press("Enter")
    page.wait_for_url("**changed=2**")
    assert [jane.get(f"/feedback/{item['id']}").data["tags"] for item in items] == [[], ["door"], ["door"]]
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_a_draft_outlives_the_page(page: Page, jane: Tenant) -> None:
    item = jane.new_feedback()
    path = f"/app/{jane.workspace_id}/feedback/{item['id']}"
    page.goto(path)
    page.keyboard.press("n")
    page.keyboard.type("Half a thought")
    page.goto("/app")
    page.goto(path)
    page.keyboard.press("n")
    assert page.locator("#content").input_value() == "Half a thought"


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_nothing_is_wider_than_the_screen(page: Page, jane: Tenant, width: int) -> None:
    item = jane.new_feedback("Long" * 200, tags=["x" * 50] * 1, customMetadata={"k" * 60: "v" * 300})
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("inbox", "inbox?q=" + "x" * 60, f"feedback/{item['id']}"):
        page.goto(f"/app/{jane.workspace_id}/{path}")
        for summary in page.locator("main summary").all():
            if summary.locator("..").get_attribute("open") is None:
                summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
