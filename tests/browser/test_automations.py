"""An automation is built, tried and saved in a real browser, with the keyboard alone."""

from playwright.sync_api import Page

from tests.support.tenants import Tenant


def press(page: Page, name: str) -> None:
    """Go to a button and press it."""
    page.get_by_role("button", name=name).last.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, place: str, value: str) -> None:
    """Choose what decides which fields there are."""
    with page.expect_navigation():
        page.locator(f"[id='{place}']").select_option(value)


def at(page: Page) -> str | None:
    """Where the keyboard is."""
    found: str | None = page.evaluate("document.activeElement.id")
    return found


def test_an_automation_for_the_next_urgent_bug(page: Page, jane: Tenant) -> None:
    jane.new_feedback("The app crashes", category="bug")
    page.goto(f"/app/{jane.workspace_id}/automations")
    page.get_by_role("link", name="New automation").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/new?**")
    assert at(page) == "name"
    page.keyboard.type("Urgent crashes")
    press(page, "Add a condition")
    assert at(page) == "c.0.field"
    choose(page, "c.0.field", "message")
    assert at(page) == "c.0.field"
    choose(page, "c.0.operator", "contains")
    page.locator("[id='c.0.value']").focus()
    page.keyboard.type("crash")
    choose(page, "a.0.type", "set_priority")
    page.locator("[id='a.0.priority']").select_option("urgent")
    press(page, "Try it on the newest items")
    assert page.get_by_role("heading", name="1 of the newest 1 item would match now").is_visible()
    press(page, "Make it")
    assert "Message contains crash" in page.inner_text("main")
    item = jane.new_feedback("It crashes again")
    assert [each["name"] for each in jane.get("/automations", projectId=jane.project_id).json()["automations"]] == [
        "Urgent crashes"
    ]
    assert item["status"] == "new"


def test_enter_saves(page: Page, jane: Tenant) -> None:
    page.goto(f"/app/{jane.workspace_id}/automations/new")
    page.keyboard.type("By Enter")
    page.locator("[id='a.0.tag']").focus()
    page.keyboard.type("seen")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "By Enter" in page.inner_text("main")
