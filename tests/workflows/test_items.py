"""Items of a workflow: from feedback and by hand, what they keep, and what is written down about them."""

import json
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from tests.support.work import finish
from tests.workflows.boards import activity_of, add, count_of, items_of, move, new_rule, new_workflow, take, titles
from userhero import workspaces
from userhero.kernel.db import Database

PURGE = "workflows.purge_activity"


def test_feedback_becomes_an_item_with_a_snapshot(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    feedback = caller.new_feedback(
        "  The export fails \nin Safari, every time",
        category="bug",
        rating=2,
        screenshotUrl="https://example.com/shot.png",
        context={"pageUrl": "https://example.com/list?page=2", "url": "https://example.com/other"},
        userEmail="john@example.com",
    )
    made = take(caller, workflow_id, feedback)
    assert made.status == 201
    assert made.data == {
        "id": made.data["id"],
        "workflowId": workflow_id,
        "feedbackId": feedback["id"],
        "title": "The export fails",
        "description": None,
        "status": "open",
        "priority": None,
        "assigneeId": None,
        "position": made.data["position"],
        "snapshot": {
            "message": "The export fails \nin Safari, every time",
            "category": "bug",
            "rating": 2,
            "screenshotUrl": "https://example.com/shot.png",
            "pageUrl": "https://example.com/list?page=2",
        },
        "externalReference": None,
        "createdAt": made.data["createdAt"],
        "updatedAt": made.data["createdAt"],
    }
    assert "john@example.com" not in json.dumps(made.data), "who wrote is not copied"
    assert caller.get(f"/workflows/{workflow_id}/items/{made.data['id']}").data == made.data
    assert count_of(caller, workflow_id) == 1


def test_a_long_first_line_is_cut(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    made = take(caller, workflow_id, caller.new_feedback("x" * 199 + " yy")).data
    assert made["title"] == "x" * 199
    own = take(caller, workflow_id, caller.new_feedback("Message"), title=" Mine ", priority="high", status="closed")
    assert (own.data["title"], own.data["priority"], own.data["status"]) == ("Mine", "high", "closed")


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (None, None),
        ({"page": "/settings"}, "/settings"),
        ({"url": {"href": "x"}, "href": " https://a.example/ "}, "https://a.example/"),
        ({"pageUrl": 7, "page": " "}, None),
    ],
)
def test_the_page_is_what_the_context_says(tenant: Tenants, context: Any, shown: str | None) -> None:
    caller = tenant()
    made = take(caller, new_workflow(caller), caller.new_feedback(context=context)).data
    assert made["snapshot"]["pageUrl"] == shown


def test_the_same_feedback_is_on_a_board_once(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id, other = new_workflow(caller), new_workflow(caller)
    feedback = caller.new_feedback()
    item = take(caller, workflow_id, feedback).data
    with unchanged(database, caller):
        check_problem(take(caller, workflow_id, feedback), "conflict", naming=item["id"])
    assert take(caller, other, feedback).status == 201
    caller.delete(f"/workflows/{workflow_id}/items/{item['id']}")
    assert take(caller, workflow_id, feedback).status == 201


def test_feedback_of_another_project_is_not_found(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    elsewhere = caller.new_feedback(projectId=other)
    workflow_id = new_workflow(caller)
    with unchanged(database, caller):
        check_problem(take(caller, workflow_id, elsewhere), "not_found")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"description": "d" * 5001}, "description"),
        ({"status": "won"}, "status"),
        ({"priority": "huge"}, "priority"),
        ({"assigneeId": "user_nobody"}, "assigneeId"),
        ({"position": 1}, "position"),
        ({"externalReference": None}, "externalReference"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, fields: Any, where: str) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    item = add(caller, workflow_id)
    with unchanged(database, caller):
        answer = caller.post(f"/workflows/{workflow_id}/items", {"title": "A", **fields})
        check_problem(answer, "bad_request", field=where)
        check_problem(move(caller, item, **fields), "bad_request", field=where)


def test_an_item_is_found_in_its_own_workflow_only(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id, other = new_workflow(caller), new_workflow(caller)
    item = add(caller, workflow_id)
    path = f"/workflows/{other}/items/{item['id']}"
    with unchanged(database, caller):
        for answer in (caller.get(path), caller.patch(path, {"title": "B"}), caller.delete(path)):
            check_problem(answer, "not_found")
        check_problem(caller.get(f"{path}/activity"), "not_found")


def test_filters(tenant: Tenants) -> None:
    caller = tenant()
    agent = tenant.colleague(caller, "member")
    workflow_id = new_workflow(caller)
    add(caller, workflow_id, "a", priority="high", assigneeId=caller.user_id)
    add(caller, workflow_id, "b", status="closed", assigneeId=agent.user_id)
    add(caller, workflow_id, "c", status="closed", priority="high")
    assert titles(caller, workflow_id) == ["a", "b", "c"]
    assert titles(caller, workflow_id, order="desc") == ["c", "b", "a"]
    assert titles(caller, workflow_id, status="closed") == ["b", "c"]
    assert titles(caller, workflow_id, status="nonsense") == []
    assert titles(caller, workflow_id, priority="high", status="closed") == ["c"]
    assert titles(caller, workflow_id, assigneeId=agent.user_id) == ["b"]
    assert titles(caller, workflow_id, assigneeId="none") == ["c"]


def test_pages_by_cursor_hold_everything_once(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    for number in range(7):
        add(caller, workflow_id, str(number))
    found: list[str] = []
    cursor = None
    while cursor is not None or not found:
        page = caller.get(f"/workflows/{workflow_id}/items", pageSize=3, cursor=cursor).json()
        found += [item["title"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"]
    assert found == [str(number) for number in range(7)]


def test_feedback_goes_and_the_item_stays(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    feedback = caller.new_feedback("Broken", category="bug")
    item = take(caller, workflow_id, feedback).data
    caller.delete(f"/feedback/{feedback['id']}")
    after = items_of(caller, workflow_id)
    assert after == [{**item, "feedbackId": None}]
    assert after[0]["snapshot"]["message"] == "Broken"


def test_a_snapshot_does_not_follow_the_feedback(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    feedback = caller.new_feedback("Before")
    item = take(caller, workflow_id, feedback).data
    caller.patch(f"/feedback/{feedback['id']}", {"message": "After"})
    assert items_of(caller, workflow_id) == [item]


def test_who_leaves_has_nothing_left(tenant: Tenants, database: Database) -> None:
    """Neither items nor what rules give them; who stays keeps theirs, and a new role is no leaving."""
    caller = tenant()
    agent = tenant.colleague(caller, "member")
    workflow_id = new_workflow(caller)
    theirs, ours = (
        add(caller, workflow_id, assigneeId=agent.user_id),
        add(caller, workflow_id, assigneeId=caller.user_id),
    )
    rule = new_rule(caller, workflow_id, defaults={"assigneeId": agent.user_id, "priority": "low"})

    def role(name: str) -> None:
        database.write(lambda tx: workspaces.set_member(tx, caller.workspace_id, email=agent.email, role=name))

    role("viewer")
    assert items_of(caller, workflow_id) == [theirs, ours]
    role("none")
    assert items_of(caller, workflow_id) == [{**theirs, "assigneeId": None}, ours]
    after = caller.get(f"/workflows/{workflow_id}/intake-rules/{rule['id']}").data
    assert after["defaults"] == {"status": None, "priority": "low", "assigneeId": None}
    check_problem(move(caller, ours, assigneeId=agent.user_id), "bad_request", field="assigneeId")


def test_what_is_done_is_written_down(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    made_at = clock.now()
    item = add(caller, workflow_id, "A")
    clock.advance(5)
    move(caller, item, title="B", description=" More ", priority="high", assigneeId=caller.user_id)
    clock.advance(5)
    move(caller, item, status="closed", priority=None)
    moved, changed, made = activity_of(caller, item)
    jane = {"userId": caller.user_id, "name": "Jane Smith", "system": False}
    assert made == {"id": made["id"], "kind": "created", "actor": jane, "changes": [], "createdAt": made_at}
    assert (changed["kind"], changed["actor"]) == ("changed", jane)
    assert changed["changes"] == [
        {"field": "title", "before": "A", "after": "B"},
        {"field": "description", "before": None, "after": "More"},
        {"field": "priority", "before": None, "after": "high"},
        {"field": "assigneeId", "before": None, "after": caller.user_id},
    ]
    assert (moved["kind"], moved["createdAt"]) == ("moved", clock.now())
    assert moved["changes"] == [
        {"field": "status", "before": "open", "after": "closed"},
        {"field": "priority", "before": "high", "after": None},
    ]
    page = caller.get(f"/workflows/{workflow_id}/items/{item['id']}/activity", pageSize=2).json()
    assert (page["data"], page["pagination"]["hasMore"]) == ([moved, changed], True)


def test_a_change_to_what_is_there_changes_nothing(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    item = add(caller, workflow_id, "A", assigneeId=caller.user_id)
    clock.advance(5)
    with unchanged(database, caller):
        same = move(caller, item, title=" A ", description="", status="open", assigneeId=caller.user_id, before=None)
        assert same.data == move(caller, item).data == item


def test_activity_is_kept_for_a_year(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    item = add(caller, new_workflow(caller))
    clock.advance(days=364)
    move(caller, item, title="B")
    clock.advance(days=2)
    finish(database, PURGE)
    assert [each["kind"] for each in activity_of(caller, item)] == ["changed"]
