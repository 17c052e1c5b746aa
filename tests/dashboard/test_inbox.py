"""The inbox: views, filters in the address, pages, and changes of many at once."""

from typing import Any

import pytest

from tests.dashboard.forms import HOSTILE, counts_on, inbox_of, inert, messages_on, opened, parsed, wrong_on
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in
from tests.ui.pages import text
from userhero.kernel.db import Database
from userhero.workspaces import set_member


def listed(visitor: Visitor, jane: Tenant, **query: str) -> list[str]:
    return messages_on(opened(visitor, inbox_of(jane), **query).page)


def change(jane: Tenant, item: Any, **fields: Any) -> None:
    assert jane.patch(f"/feedback/{item['id']}", fields).status == 200


def test_the_way_in(tenant: Tenants, jane: Tenant, visitor: Visitor, client: Client, database: Database) -> None:
    assert visitor.get("/app").header("location") == inbox_of(jane)
    assert "No feedback yet" in text(opened(visitor, inbox_of(jane), view="all").page.by_id("main"))
    other = tenant()
    with_two = signed_in(database, client, other)
    # Nobody knows yet which of the two it is to be.
    invite = jane.workspace_id
    database.write(lambda tx: set_member_of(tx, invite, other.email))
    assert with_two.get("/app").header("location") == "/app/workspaces"
    page = opened(with_two, inbox_of(jane)).page
    assert [link.get("href") for link in page.with_class("switch")[0].iter("a")] == [inbox_of(other)]
    assert with_two.get("/app").header("location") == inbox_of(jane)
    with_two.cookies["userhero-place"] = "ws_of_somebody_else"
    assert with_two.get("/app").header("location") == "/app/workspaces"


def set_member_of(tx: Any, workspace_id: str, email: str) -> None:
    set_member(tx, workspace_id, email=email, role="viewer")


def test_views_and_their_counts(tenant: Tenants, jane: Tenant, visitor: Visitor, clock: Clock) -> None:
    john = tenant.colleague(jane, "member")
    items = {name: jane.new_feedback(name) for name in ("mine", "johns", "nobodys", "late", "done", "done late")}
    change(jane, items["mine"], assigneeId=jane.user_id)
    change(jane, items["johns"], assigneeId=john.user_id)
    for name in ("late", "done late"):
        change(jane, items[name], dueDate="2020-01-01T00:00:00Z", assigneeId=john.user_id)
    for name in ("done", "done late"):
        change(jane, items[name], status="resolved")
    tenant().new_feedback("somebody else's")
    expected = {
        "open": {"mine", "johns", "nobodys", "late"},
        "mine": {"mine"},
        "unassigned": {"nobodys"},
        "overdue": {"late"},
        "all": {*items},
    }
    for view, names in expected.items():
        page = opened(visitor, inbox_of(jane), view=view).page
        assert set(messages_on(page)) == names
        assert counts_on(page)[view.capitalize()] == str(len(names))


def test_filters_combine_and_can_be_taken_away(jane: Tenant, visitor: Visitor, clock: Clock) -> None:
    jane.new_feedback("old", priority="urgent")
    clock.advance(days=5)
    wanted = jane.new_feedback(
        "The door is broken", priority="urgent", category="bug", tags=["ui"], userEmail="s@a.org"
    )
    change(jane, jane.new_feedback("other", priority="low", category="question"), assigneeId=jane.user_id)
    filters = {"priority": "urgent", "age": "1", "type": "bug", "tag": "ui", "q": "door brok", "assignee": "none"}
    for name, value in filters.items():
        assert "The door is broken" in listed(visitor, jane, **{name: value}), name
        assert len(listed(visitor, jane, **{name: value})) < 3, name
    page = opened(visitor, inbox_of(jane), customer=wanted["customerId"], **filters).page
    assert messages_on(page) == ["The door is broken"]
    chips = [link.get("href", "") for link in page.with_class("chips")[0].iter("a")]
    assert len(chips) == len(filters) + 2
    assert (
        chips[0] == f"{inbox_of(jane)}?type=bug&assignee=none&tag=ui&customer={wanted['customerId']}&age=1&q=door+brok"
    )
    day = wanted["createdAt"][:10]
    assert len(listed(visitor, jane, **{"from": day, "to": day})) == 2
    # A status says more than the view.
    change(jane, wanted, status="resolved")
    assert listed(visitor, jane, status="resolved") == ["The door is broken"]
    assert "Nothing matches" in text(opened(visitor, inbox_of(jane), tag="nothing").page.by_id("main"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "yesterday"}, "must be a date, such as 2026-05-30"), ({"to": "9999-12-31"}, "must be a date"),
        ({"q": "x" * 501}, "500 characters"), ({"q": " ".join(f"w{number}" for number in range(33))}, "32 words"),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_what_can_t_be_asked_is_said_beside_it(
    jane: Tenant, visitor: Visitor, query: dict[str, str], said: str
) -> None:
    answer = visitor.get(inbox_of(jane), **query)
    assert answer.status == 422
    (complaint,) = wrong_on(parsed(answer))
    assert said in complaint


def test_nonsense_is_left_out(jane: Tenant, visitor: Visitor) -> None:
    jane.new_feedback("here")
    for name in ("view", "sort", "status", "priority", "assignee", "project", "due", "age"):
        assert listed(visitor, jane, **{name: HOSTILE}) == ["here"], name
    assert visitor.get(inbox_of(jane), customer="cust_unknown").status == 404


def test_pages_go_on_where_the_one_before_ended(jane: Tenant, visitor: Visitor) -> None:
    for number in range(60):
        jane.new_feedback(f"number {number}", tags=["many"])
    first = opened(visitor, inbox_of(jane), tag="many", sort="oldest").page
    (link,) = (each.get("href", "") for each in first.all("a") if each.get("rel") == "next")
    query = dict(pair.split("=") for pair in link.partition("?")[2].split("&"))
    query["cursor"] = query["cursor"].replace("%3D", "=")
    second = opened(visitor, inbox_of(jane), **query).page
    assert messages_on(first) + messages_on(second) == [f"number {number}" for number in range(60)]
    # For another list it begins anew instead of failing.
    answer = visitor.get(inbox_of(jane), **query | {"sort": "newest"})
    assert (answer.status, answer.header("location")) == (303, f"{inbox_of(jane)}?tag=many&sort=newest")


def ticked(*items: Any) -> dict[str, str]:
    return {f"item {item['id']}": "on" for item in items}


def test_many_are_changed_at_once(tenant: Tenants, jane: Tenant, visitor: Visitor) -> None:
    john = tenant.colleague(jane, "viewer")
    items = [jane.new_feedback(f"{number}", tags=["old", "kept"]) for number in range(3)]
    token = opened(visitor, inbox_of(jane)).form()["csrf"]
    wanted = {
        "status": "in-progress",
        "priority": "high",
        "assignee": john.user_id,
        "add_tag": "new",
        "drop_tag": "old",
    }
    answer = visitor.post(inbox_of(jane), {"csrf": token, **wanted, **ticked(*items[:2])}, sort="oldest")
    assert answer.header("location") == f"{inbox_of(jane)}?sort=oldest&changed=2"
    assert "2 items changed." in text(opened(visitor, inbox_of(jane), changed="2").page.by_id("main"))
    for item, is_changed in zip(items, (True, True, False), strict=True):
        now = jane.get(f"/feedback/{item['id']}").data
        found = (now["status"], now["priority"], now["assigneeId"], now["tags"])
        assert found == (
            ("in-progress", "high", john.user_id, ["kept", "new"])
            if is_changed
            else ("new", None, None, ["old", "kept"])
        )
    visitor.post(inbox_of(jane), {"csrf": token, "priority": "none", "assignee": "none", **ticked(items[0])})
    now = jane.get(f"/feedback/{items[0]['id']}").data
    assert (now["priority"], now["assigneeId"]) == (None, None)


def test_one_that_can_t_be_changed_does_not_hold_up_the_others(
    tenant: Tenants, jane: Tenant, visitor: Visitor, database: Database
) -> None:
    full = jane.new_feedback("full", tags=[f"t{number}" for number in range(20)])
    fine, others = jane.new_feedback("fine"), tenant()
    theirs = others.new_feedback("theirs")
    token = opened(visitor, inbox_of(jane)).form()["csrf"]
    with unchanged(database, others):
        answer = visitor.post(inbox_of(jane), {"csrf": token, "add_tag": "new", **ticked(full, fine, theirs)})
    assert answer.status == 422
    page = text(parsed(answer).by_id("main"))
    assert f"#{full['ticketNumber']}: tags: must be 20 at the most" in page
    assert "1 item changed." in page
    assert "An item is gone." in page
    assert jane.get(f"/feedback/{fine['id']}").data["tags"] == ["new"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "resolved"}, "Select at least one item first."), ({"item": "x"}, "Choose what to change"),
        ({"item": "x", "status": HOSTILE}, "choose one of the list"), ({"item": "x", "priority": "x"}, "choose one"),
        ({"item": "x", "assignee": "user_x"}, "choose one"), ({"item": "x", "add_tag": "x" * 51}, "50 characters"),
    ],
)  # fmt: skip
def test_a_change_that_is_none(
    jane: Tenant, visitor: Visitor, database: Database, fields: dict[str, str], said: str
) -> None:
    item = jane.new_feedback()
    token = opened(visitor, inbox_of(jane)).form()["csrf"]
    sent = {"csrf": token, **fields} | (ticked(item) if "item" in fields else {})
    with unchanged(database, jane):
        answer = visitor.post(inbox_of(jane), sent)
    assert answer.status == 422
    page = parsed(answer)
    assert any(said in each for each in wrong_on(page))
    inert(page)
    (box,) = (each for each in page.all("input") if each.get("name") == f"item {item['id']}")
    assert ("checked" in box.attrib) == ("item" in fields)


def test_hostile_text_stays_text(jane: Tenant, visitor: Visitor) -> None:
    jane.new_feedback(HOSTILE, category=HOSTILE[:64], tags=[HOSTILE[:50]], customMetadata={"name": HOSTILE})
    for query in ({"view": "all"}, {"q": HOSTILE}, {"tag": HOSTILE[:50]}, {"type": HOSTILE[:64]}):
        page = opened(visitor, inbox_of(jane), **query).page
        inert(page)
        assert HOSTILE in messages_on(page)


def test_who_only_looks_sees_no_forms(tenant: Tenants, jane: Tenant, client: Client, database: Database) -> None:
    item = jane.new_feedback()
    viewer = signed_in(database, client, tenant.colleague(jane, "viewer"))
    page = opened(viewer, inbox_of(jane)).page
    assert messages_on(page) == ["Something is broken"]
    assert page.with_class("bulk") == []
    assert [each for each in page.all("input") if each.get("name") == f"item {item['id']}"] == []
