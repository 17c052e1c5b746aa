"""Intake rules: which feedback they take, in which order, and that they take it once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.automations.macros import ran, save, saved
from tests.support.client import Client
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import settle
from tests.workflows.boards import activity_of, add, count_of, items_of, new_rule, new_workflow, take, together
from userhero.automations.actions.fire import CONTINUE
from userhero.kernel.db import Database
from userhero.kernel.events import Happened
from userhero.workflows.actions.intake import take_in


@pytest.fixture
def after(database: Database) -> Callable[[], None]:
    """Let everything follow from what has happened."""
    return lambda: settle(database, CONTINUE)


def taken(caller: Tenant, workflow_id: str) -> list[str]:
    """The feedback on a board, oldest first."""
    return [each["feedbackId"] for each in items_of(caller, workflow_id)]


def test_a_rule_as_it_is_saved(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    path = f"/workflows/{workflow_id}/intake-rules"
    conditions = {
        "categories": ["bug"],
        "ratingMin": 1,
        "ratingMax": 2.5,
        "widgetIds": [caller.widget_id, "api"],
        "templates": ["bug-report"],
        "keywords": ["crash", "freeze"],
    }
    defaults = {"status": "in-progress", "priority": "high", "assigneeId": caller.user_id}
    body = {"name": " Bugs ", "priority": 5, "conditions": {**conditions, "keywords": [" crash ", "freeze"]}}
    made = caller.post(path, {**body, "defaults": defaults})
    assert made.status == 201
    assert made.data == {
        "id": made.data["id"],
        "workflowId": workflow_id,
        "name": "Bugs",
        "priority": 5,
        "enabled": True,
        "conditions": conditions,
        "defaults": defaults,
        "createdAt": made.data["createdAt"],
        "updatedAt": made.data["createdAt"],
    }
    first = new_rule(caller, workflow_id, priority=1)
    assert first["conditions"] == {
        "categories": [],
        "ratingMin": None,
        "ratingMax": None,
        "widgetIds": [],
        "templates": [],
        "keywords": [],
    }
    assert caller.get(path).data == [first, made.data]
    changed = caller.patch(f"{path}/{first['id']}", {"enabled": False, "priority": 9, "name": "Last"}).data
    assert caller.get(f"{path}/{first['id']}").data == changed
    assert [each["name"] for each in caller.get(path).data] == ["Bugs", "Last"]
    assert caller.delete(f"{path}/{first['id']}").data == {"id": first["id"], "deleted": True}
    check_problem(caller.get(f"{path}/{first['id']}"), "not_found")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"priority": -1}, "priority"),
        ({"conditions": {"ratingMin": 3, "ratingMax": 2}}, "conditions.ratingMax"),
        ({"conditions": {"ratingMin": 11}}, "conditions.ratingMin"),
        ({"conditions": {"keywords": ["a", " "]}}, "conditions.keywords[1]"),
        ({"conditions": {"keywords": ["k" * 101]}}, "conditions.keywords[0]"),
        ({"conditions": {"keywords": ["k"] * 51}}, "conditions.keywords"),
        ({"conditions": {"widgetIds": ["w_nothing"]}}, "conditions.widgetIds[0]"),
        ({"conditions": {"color": "red"}}, "conditions.color"),
        ({"defaults": {"status": "won"}}, "defaults.status"),
        ({"defaults": {"assigneeId": "user_nobody"}}, "defaults.assigneeId"),
        ({"defaults": {"priority": "huge"}}, "defaults.priority"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, fields: Any, where: str) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    path = f"/workflows/{workflow_id}/intake-rules"
    rule = new_rule(caller, workflow_id)
    with unchanged(database, caller):
        check_problem(caller.post(path, {"name": "Rule", **fields}), "bad_request", field=where)
        check_problem(caller.patch(f"{path}/{rule['id']}", fields), "bad_request", field=where)


def test_widgets_and_members_of_others_are_refused(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    elsewhere = caller.get("/widgets", projectId=other).data[0]["id"]
    path = f"/workflows/{new_workflow(caller)}/intake-rules"
    with unchanged(database, caller, stranger):
        for widget_id in (stranger.widget_id, elsewhere):
            body = {"name": "Rule", "conditions": {"widgetIds": [widget_id]}}
            check_problem(caller.post(path, body), "bad_request", field="conditions.widgetIds[0]")
        body = {"name": "Rule", "defaults": {"assigneeId": stranger.user_id}}
        check_problem(caller.post(path, body), "bad_request", field="defaults.assigneeId")


def test_a_rule_is_found_in_its_own_workflow_only(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id, other = new_workflow(caller), new_workflow(caller)
    path = f"/workflows/{other}/intake-rules/{new_rule(caller, workflow_id)['id']}"
    with unchanged(database, caller):
        for answer in (caller.get(path), caller.patch(path, {"name": "B"}), caller.delete(path)):
            check_problem(answer, "not_found")


def test_a_project_has_a_hundred(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    boards = [new_workflow(caller), new_workflow(caller)]
    for number in range(100):
        new_rule(caller, boards[number % 2])
    with unchanged(database, caller):
        answer = caller.post(f"/workflows/{boards[0]}/intake-rules", {"name": "One more"})
        check_problem(answer, "forbidden", naming="100")


def test_new_feedback_is_taken_in_with_defaults(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    defaults = {"status": "in-progress", "priority": "urgent", "assigneeId": caller.user_id}
    new_rule(caller, workflow_id, name="Bugs", conditions={"categories": ["bug"]}, defaults=defaults)
    before = caller.new_feedback("Broken\nfor all", category="bug", screenshotUrl="https://example.com/a.png")
    caller.new_feedback("Nice", category="praise")
    after()
    (item,) = items_of(caller, workflow_id)
    assert (item["feedbackId"], item["title"]) == (before["id"], "Broken")
    assert {name: item[name] for name in defaults} == defaults
    assert item["snapshot"]["screenshotUrl"] == "https://example.com/a.png"
    assert count_of(caller, workflow_id) == 1
    (entry,) = activity_of(caller, item)
    assert entry["actor"] == {"userId": None, "name": "Bugs", "system": True}
    assert caller.get(f"/feedback/{before['id']}").data["priority"] is None, "the feedback stays as it is"


def test_older_feedback_is_not(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    caller.new_feedback()
    after()
    workflow_id = new_workflow(caller)
    new_rule(caller, workflow_id)
    after()
    assert items_of(caller, workflow_id) == []


def test_the_first_match_wins_over_all_workflows(tenant: Tenants, after: Callable[[], None]) -> None:
    """By priority, lower first, then by age; one that is off is not tried."""
    caller = tenant()
    one, other, last = (new_workflow(caller) for _ in range(3))
    new_rule(caller, last, priority=9)
    new_rule(caller, other, priority=2, conditions={"keywords": ["crash"]})
    new_rule(caller, one, priority=1, conditions={"categories": ["bug"]})
    new_rule(caller, last, priority=0, enabled=False)
    both = caller.new_feedback("crash", category="bug")
    second = caller.new_feedback("CRASH")
    third = caller.new_feedback("else")
    after()
    assert taken(caller, one) == [both["id"]]
    assert taken(caller, other) == [second["id"]]
    assert taken(caller, last) == [third["id"]]


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"categories": ["idea", "bug"]}, True),
        ({"categories": ["idea"]}, False),
        ({"ratingMin": 3}, True),
        ({"ratingMax": 3}, True),
        ({"ratingMin": 3.5}, False),
        ({"ratingMax": 2}, False),
        ({"ratingMin": 1, "ratingMax": 5, "keywords": ["nothing", "GROSSE"]}, True),
        ({"ratingMin": 1, "ratingMax": 5, "keywords": ["nothing"]}, False),
        ({"keywords": ["export  fails"]}, False),
        ({"keywords": [".*"]}, False),
        ({"widgetIds": ["api"]}, False),
        ({"templates": ["bug-report"]}, True),
        ({"templates": ["nps"]}, False),
    ],
)
def test_all_conditions_must_hold(tenant: Tenants, after: Callable[[], None], conditions: Any, fits: bool) -> None:
    caller = tenant()
    caller.patch(f"/widgets/{caller.widget_id}", {"config": {"template": "bug-report"}})
    workflow_id = new_workflow(caller)
    new_rule(caller, workflow_id, conditions=conditions)
    caller.new_feedback("Große export fails", category="bug", rating=3, widgetId=caller.widget_id)
    after()
    assert count_of(caller, workflow_id) == int(fits)


def test_what_is_not_there_meets_no_condition(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    for conditions in ({"categories": ["bug"]}, {"ratingMin": 0}, {"ratingMax": 10}, {"templates": ["modal"]}):
        new_rule(caller, workflow_id, conditions=conditions)
    caller.new_feedback()
    after()
    assert items_of(caller, workflow_id) == []


def test_rules_are_for_their_own_project(tenant: Tenants, after: Callable[[], None]) -> None:
    caller, stranger = tenant(), tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    workflow_id = new_workflow(caller)
    new_rule(caller, workflow_id)
    caller.new_feedback(projectId=other)
    stranger.new_feedback()
    after()
    assert items_of(caller, workflow_id) == []


def test_feedback_that_is_gone_by_then_is_left_out(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    feedback = caller.new_feedback()
    settle(database, CONTINUE)
    new_rule(caller, workflow_id)
    caller.delete(f"/feedback/{feedback['id']}")
    database.write(lambda tx: take_in(tx, _created(caller, feedback)))
    assert items_of(caller, workflow_id) == []


def _created(caller: Tenant, feedback: Any) -> Happened:
    """The news of the feedback, as if it had not been heard of yet."""
    data = f'{{"id":"{feedback["id"]}","projectId":"{caller.project_id}"}}'
    workspace, at = caller.workspace_id, feedback["createdAt"]
    return Happened(0, 0, "evt_1", workspace, "feedback.created", feedback["id"], None, data, at, None)


def test_the_news_twice_is_one_item(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    feedback = caller.new_feedback()
    settle(database, CONTINUE)
    new_rule(caller, workflow_id)
    for _ in range(2):
        database.write(lambda tx: take_in(tx, _created(caller, feedback)))
    assert taken(caller, workflow_id) == [feedback["id"]]
    assert count_of(caller, workflow_id) == 1


def test_all_ways_onto_a_board_at_once_are_one_item(tenant: Tenants, client: Client, database: Database) -> None:
    """A rule, an automation and two people."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    new_rule(caller, workflow_id)
    macro = saved(caller, {"type": "move_to_workflow", "params": {"workflowId": workflow_id}})
    for _ in range(3):
        feedback = caller.new_feedback()
        path, by_hand = f"/workflows/{workflow_id}/items", {"feedbackId": feedback["id"]}
        run = f"/automations/{macro['id']}/run"
        calls: list[tuple[str, Tenant, str, dict[str, Any]]] = [
            ("POST", caller, path, by_hand),
            ("POST", caller, run, by_hand),
            ("POST", caller, path, by_hand),
        ]
        first, ran_by, second = together(client, calls)
        assert ran_by.json()["outcome"] == "matched"
        assert {first.status, second.status} <= {201, 409}
        settle(database, CONTINUE)
        assert taken(caller, workflow_id).count(feedback["id"]) == 1
    assert count_of(caller, workflow_id) == 3


def test_an_automation_puts_feedback_on_a_board(tenant: Tenants, after: Callable[[], None]) -> None:
    """By itself, and in somebody's name; where it is there already nothing changes."""
    caller = tenant()
    workflow_id = new_workflow(caller, "tickets")
    step = {"type": "move_to_workflow", "params": {"workflowId": workflow_id}}
    saved(caller, step, scope="feedback.created", name="Everything")
    feedback = caller.new_feedback("Help\nme")
    after()
    (item,) = items_of(caller, workflow_id)
    assert (item["feedbackId"], item["title"], item["status"]) == (feedback["id"], "Help", "new")
    assert activity_of(caller, item)[0]["actor"] == {"userId": None, "name": "Everything", "system": True}
    assert ran(caller, feedback, step)["outcome"] == "matched"
    assert items_of(caller, workflow_id) == [item]


def test_a_macro_acts_in_the_name_of_who_runs_it(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    ran(caller, caller.new_feedback(), {"type": "move_to_workflow", "params": {"workflowId": workflow_id}})
    (item,) = items_of(caller, workflow_id)
    assert activity_of(caller, item)[0]["actor"]["name"] == "Jane Smith"


def test_an_automation_moves_to_workflows_of_its_project_only(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    wrong = [new_workflow(caller, projectId=other), new_workflow(stranger), "wf_nothing"]
    with unchanged(database, caller, stranger):
        for workflow_id in wrong:
            answer = save(caller, {"type": "move_to_workflow", "params": {"workflowId": workflow_id}})
            check_problem(answer, "bad_request", field="actions[0].params.workflowId")


def test_a_workflow_that_is_gone_is_an_error_of_the_run(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    add(caller, workflow_id)
    tag = {"type": "add_tag", "params": {"tag": "seen"}}
    macro = saved(caller, {"type": "move_to_workflow", "params": {"workflowId": workflow_id}}, tag)
    caller.delete(f"/workflows/{workflow_id}")
    feedback = caller.new_feedback()
    result = caller.post(f"/automations/{macro['id']}/run", {"feedbackId": feedback["id"]}).json()
    assert result["outcome"] == "error"
    assert [each["success"] for each in result["actionsExecuted"]] == [False, True]
    assert result["actionsExecuted"][0]["error"] == "Workflow not found"


def test_a_rule_and_a_person_do_not_meet_on_two_boards(tenant: Tenants, after: Callable[[], None]) -> None:
    """What somebody put on another board by hand is taken in all the same: rules look at boards of their own."""
    caller = tenant()
    ruled, other = new_workflow(caller), new_workflow(caller)
    new_rule(caller, ruled)
    feedback = caller.new_feedback()
    take(caller, other, feedback)
    after()
    assert taken(caller, ruled) == taken(caller, other) == [feedback["id"]]
