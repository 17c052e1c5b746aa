"""The statuses of a project: system ones stay, its own come and go, and items follow."""

import json
from typing import Any

import pytest

from tests.support.client import Response
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero.feedback import FeedbackChange, NewFeedback, change_feedback, submit_feedback
from userhero.feedback.actions.recategorise import CHUNK
from userhero.feedback.actions.recategorise import JOB as RECATEGORISE
from userhero.kernel.db import Database, Transaction
from userhero.workspaces import act_as

SYSTEM = ["new", "in-progress", "reopened", "resolved", "archived"]
WAITING = {"id": "waiting", "label": "Waiting for you", "category": "pending", "color": "#112233"}


def save(caller: Tenant, *statuses: dict[str, Any]) -> Response:
    return caller.patch(f"/projects/{caller.project_id}", {"statuses": list(statuses)})


def names(answer: Response) -> list[str]:
    return [status["id"] for status in answer.data["statuses"]]


def test_a_project_starts_with_the_system_statuses(tenant: Tenants) -> None:
    caller = tenant()
    found = caller.get(f"/projects/{caller.project_id}").data["statuses"]
    assert [(status["id"], status["category"]) for status in found] == [
        ("new", "open"),
        ("in-progress", "open"),
        ("reopened", "open"),
        ("resolved", "resolved"),
        ("archived", "closed"),
    ]


def test_system_statuses_that_are_left_out_stay_in_their_place(tenant: Tenants) -> None:
    caller = tenant()
    answer = save(caller, WAITING)
    assert names(answer) == [*SYSTEM, "waiting"]
    assert answer.data["statuses"][-1] == {**WAITING, "visibleToCustomers": True}
    assert names(save(caller, {"id": "archived", "label": "Gone"}, WAITING)) == [
        "new",
        "in-progress",
        "reopened",
        "resolved",
        "archived",
        "waiting",
    ]


def test_the_order_is_the_order_given(tenant: Tenants) -> None:
    caller = tenant()
    wanted = [WAITING, *({"id": name, "label": name.title()} for name in reversed(SYSTEM))]
    assert names(save(caller, *wanted)) == ["waiting", *reversed(SYSTEM)]


def test_system_labels_can_be_changed_and_what_they_do_can_not(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    renamed = save(caller, {"id": "resolved", "label": "Done"}).data["statuses"][3]
    assert renamed == {
        "id": "resolved",
        "label": "Done",
        "color": "#22c55e",
        "category": "resolved",
        "visibleToCustomers": True,
    }
    with unchanged(database, caller):
        check_problem(
            save(caller, {"id": "resolved", "label": "Done", "category": "open"}),
            "bad_request",
            field="statuses[0].category",
        )
        check_problem(
            save(caller, {"id": "new", "label": "New", "visibleToCustomers": False}),
            "bad_request",
            field="statuses[0].visibleToCustomers",
        )


def test_ids_are_made_from_labels(tenant: Tenants) -> None:
    caller = tenant()
    made = names(save(caller, *({"label": label} for label in ("In Review!", "In review", "Ожидание", "New"))))
    assert made == [*SYSTEM, "in-review", "in-review-2", "status", "new-2"]


@pytest.mark.parametrize(
    ("status", "where"),
    [
        ({"id": "waiting"}, "statuses[0].label"),
        ({"id": "waiting", "label": " "}, "statuses[0].label"),
        ({"id": "Waiting!", "label": "W"}, "statuses[0].id"),
        ({"id": "waiting", "label": "W", "color": "red"}, "statuses[0].color"),
        ({"id": "waiting", "label": "W", "category": "someday"}, "statuses[0].category"),
    ],
)
def test_what_is_no_status_is_refused(tenant: Tenants, database: Database, status: Any, where: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(save(caller, status), "bad_request", field=where)


def test_the_same_id_twice_is_refused(tenant: Tenants) -> None:
    caller = tenant()
    check_problem(save(caller, WAITING, WAITING), "bad_request", field="statuses[1].id")


def test_items_take_the_status_and_its_category_and_lists_find_them(tenant: Tenants) -> None:
    caller = tenant()
    save(caller, WAITING)
    item = caller.new_feedback()
    answer = caller.patch(f"/feedback/{item['id']}", {"status": "waiting"}).data
    assert (answer["status"], answer["statusCategory"]) == ("waiting", "pending")
    assert [found["id"] for found in caller.get("/feedback", status="waiting").data] == [item["id"]]
    assert caller.get("/feedback", status="nowhere").data == []


def test_a_status_of_another_project_is_refused(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    assert caller.patch(f"/projects/{other}", {"statuses": [WAITING]}).status == 200
    item = caller.new_feedback()
    with unchanged(database, caller):
        check_problem(caller.patch(f"/feedback/{item['id']}", {"status": "waiting"}), "bad_request", field="status")


def test_a_status_in_use_stays_until_its_items_have_left(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    save(caller, WAITING)
    items = [caller.new_feedback()["id"] for _ in range(3)]
    for item in items:
        caller.patch(f"/feedback/{item}", {"status": "waiting"})
    with unchanged(database, caller):
        check_problem(save(caller), "conflict", naming="3 feedback items")
    for item in items:
        caller.patch(f"/feedback/{item}", {"status": "resolved"})
    assert names(save(caller)) == SYSTEM


def test_items_in_another_project_do_not_keep_a_status(tenant: Tenants) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    save(caller, WAITING)
    caller.patch(f"/projects/{other}", {"statuses": [WAITING]})
    item = caller.post("/feedback", {"projectId": other, "message": "x"}).data["id"]
    caller.patch(f"/feedback/{item}", {"status": "waiting"})
    assert names(save(caller)) == SYSTEM


def test_items_follow_a_new_category(tenant: Tenants) -> None:
    caller = tenant()
    save(caller, WAITING)
    item = caller.new_feedback()["id"]
    caller.patch(f"/feedback/{item}", {"status": "waiting"})
    save(caller, {**WAITING, "category": "closed"})
    assert caller.get(f"/feedback/{item}").data["statusCategory"] == "closed"


def many_waiting(caller: Tenant, database: Database) -> None:
    """More items than follow at once, all in the status ``waiting``."""
    new = NewFeedback(workspace_id=caller.workspace_id, project_id=caller.project_id, message="x")
    change = FeedbackChange(workspace_id=caller.workspace_id, status="waiting")

    def unit(tx: Transaction) -> None:
        actor = act_as(tx, caller.email)
        for _ in range(CHUNK + 20):
            item = json.loads(submit_feedback(tx, actor, new))["id"]
            change_feedback(tx, actor, item, change)

    save(caller, WAITING)
    database.write(unit)


def categories(caller: Tenant) -> set[str]:
    pages = [caller.get("/feedback", status="waiting", pageSize=100, page=page).data for page in range(1, 5)]
    found = [item["statusCategory"] for page in pages for item in page]
    assert len(found) == CHUNK + 20
    return set(found)


def test_however_many_there_are(tenant: Tenants, database: Database) -> None:
    """The first part follows at once, the others by and by, and none is forgotten."""
    caller = tenant()
    many_waiting(caller, database)
    save(caller, {**WAITING, "category": "open"})
    finish(database, RECATEGORISE)
    assert categories(caller) == {"open"}


def test_a_category_may_change_again_before_all_have_followed(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    many_waiting(caller, database)
    for category in ("open", "resolved"):
        save(caller, {**WAITING, "category": category})
    finish(database, RECATEGORISE)
    assert categories(caller) == {"resolved"}
