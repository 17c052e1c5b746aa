"""Somebody is invited, comes in with another browser, and sets up a second factor, with the keyboard alone."""

import base64
import re

from playwright.sync_api import Browser, Page

from tests.support.tenants import Tenant
from userhero.kernel import clock
from userhero.workspaces import totp

PASSWORD = "Correct horse 🐎 battery"


def press(page: Page, name: str) -> None:
    """Go to a button and press it."""
    page.get_by_role("button", name=name).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fits(page: Page) -> bool:
    """Whether nobody has to scroll sideways at 320 pixels."""
    page.set_viewport_size({"width": 320, "height": 800})
    found: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def other_browser(page: Page) -> Browser:
    """What the page runs in."""
    browser = page.context.browser
    assert browser is not None
    return browser


def invite(page: Page, jane: Tenant, email: str, role: str) -> str:
    """The link that is to be copied."""
    page.goto(f"/app/{jane.workspace_id}/members")
    page.get_by_label("E-mail").focus()
    page.keyboard.type(email)
    page.get_by_role("combobox", name="Role", exact=True).select_option(role)
    press(page, "Make the invitation")
    assert fits(page)
    link = page.locator(".said code").inner_text()
    assert re.fullmatch(r"http://[^/]+/invitations/[A-Za-z0-9_-]{43}", link)
    return link


def come_in(page: Page, link: str, name: str) -> Page:
    """Make an account in another browser."""
    opened = other_browser(page).new_context().new_page()
    opened.goto(link)
    assert fits(opened)
    assert opened.evaluate("document.activeElement.id") == "name"
    opened.keyboard.type(name)
    opened.keyboard.press("Tab")
    opened.keyboard.type(PASSWORD)
    with opened.expect_navigation():
        opened.keyboard.press("Enter")
    assert "You are in." in opened.inner_text("main")
    return opened


def set_up(page: Page) -> str:
    """Switch the second factor on; returns a recovery code."""
    page.get_by_role("link", name="Account").click()
    page.get_by_role("link", name="Set it up").click()
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Set it up")
    assert fits(page)
    secret = base64.b32decode(page.locator("pre code").inner_text().replace(" ", ""))
    page.get_by_role("textbox", name="Code").fill(totp.code_at(secret, totp.step_at(clock.seconds())))
    press(page, "Switch it on")
    assert fits(page)
    return page.locator(".recovery code").first.inner_text()


def test_from_the_invitation_to_a_second_factor(page: Page, jane: Tenant) -> None:
    email = "pat.with.a.rather.long.address@customer-support.example.com"
    pat = come_in(page, invite(page, jane, email, "viewer"), "Pat")
    assert pat.get_by_role("heading", name="Invite somebody").count() == 0
    code = set_up(pat)
    press(pat, "Sign out")
    pat.get_by_label("E-mail").fill(email)
    pat.get_by_label("Password", exact=True).fill(PASSWORD)
    press(pat, "Sign in")
    assert pat.evaluate("document.activeElement.id") == "code"
    pat.keyboard.type(code)
    with pat.expect_navigation():
        pat.keyboard.press("Enter")
    pat.wait_for_url("**/inbox")


def test_a_role_is_changed_and_a_member_removed(page: Page, jane: Tenant) -> None:
    kim = come_in(page, invite(page, jane, "kim@example.com", "member"), "Kim")
    page.goto(f"/app/{jane.workspace_id}/members")
    page.get_by_role("combobox", name="Role of Kim").select_option("admin")
    press(page, "Change the role of Kim")
    kim.reload()
    assert kim.get_by_role("heading", name="Invite somebody").is_visible()
    page.get_by_role("link", name="Remove Kim").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert fits(page)
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    press(page, "Remove")
    assert "They are out of this workspace" in page.inner_text("main")
    answer = kim.reload()
    assert answer is not None
    assert answer.status == 404
