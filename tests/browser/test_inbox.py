"""What people come to the inbox for, in a real browser, with the keyboard alone."""

import pytest
from playwright.sync_api import Page

from tests.support.tenants import Tenant


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


def test_a_view_is_saved_and_found_again(page: Page, jane: Tenant) -> None:
    for message, priority in (("The door is broken", "urgent"), ("Nice door", "low")):
        jane.new_feedback(message, priority=priority)
    page.goto("/app")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Priority").first.select_option("urgent")
    page.wait_for_url("**priority=urgent**")
    page.get_by_text("Save as a view").click()
    page.get_by_label("Name of the view").fill("Fire drill")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**saved=view_**")
    page.get_by_role("link", name="Open 2").click()
    page.get_by_role("link", name="Fire drill 1").click()
    page.wait_for_url("**saved=view_**")
    assert page.locator(".words").all_inner_texts() == ["The door is broken"]
    # What it is narrowed to while it is open can be kept in it.
    page.get_by_label("Search messages").fill("bell")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=bell**")
    page.get_by_role("button", name="Save to “Fire drill”").click()
    page.get_by_role("link", name="Fire drill 0").wait_for()


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_of_a_row_stands_under_its_box(page: Page, jane: Tenant, width: int) -> None:
    item = jane.new_feedback("The door is broken", priority="urgent", tags=["a long tag", "another long tag"])
    jane.patch(f"/feedback/{item['id']}", {"assigneeId": jane.user_id, "dueDate": "2030-01-01T00:00:00Z"})
    page.set_viewport_size({"width": width, "height": 700})
    page.goto("/app")
    box = page.locator(".pick input").first.bounding_box()
    assert box is not None
    cells = [each.bounding_box() for each in page.locator("tr[data-row] td:not(.pick)").all() if each.is_visible()]
    assert len(cells) > 3
    assert all(cell is not None and cell["x"] >= box["x"] + box["width"] for cell in cells)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
