"""Macros at work: what each action does, what is recorded, and what a failing action leaves."""

from typing import Any

import pytest

from tests.automations.macros import TAG, condition, ran, run, save, saved
from tests.conversations.events import events_of
from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from tests.support.work import finish, settle
from tests.workflows.boards import items_of, new_workflow
from userhero import automations, workspaces
from userhero.kernel.db import Database, Transaction


def action(kind: str, **params: Any) -> dict[str, Any]:
    return {"type": kind, "params": params}


def test_the_reference_run(tenant: Tenants) -> None:
    """Run id, outcome and one result an action; the history shows the same with who ran it."""
    caller = tenant()
    item = caller.new_feedback()
    macro = saved(caller, action("set_status", status="resolved"), TAG)
    result = run(caller, macro["id"], item["id"]).json()
    assert result["runId"].startswith("run_")
    done = [{"type": "set_status", "success": True}, {"type": "add_tag", "success": True}]
    assert result == {"runId": result["runId"], "outcome": "matched", "actionsExecuted": done}
    (entry,) = caller.get(f"/automations/{macro['id']}/runs").json()["runs"]
    assert entry == {
        "id": result["runId"],
        "outcome": "matched",
        "runAt": entry["runAt"],
        "feedbackId": item["id"],
        "actionsExecuted": done,
        "actor": {"userId": caller.user_id, "name": "Jane Smith", "system": False},
    }
    after = caller.get(f"/automations/{macro['id']}").json()
    assert (after["runStats"], after["lastRunAt"]) == ({"matched7d": 1, "errored7d": 0}, entry["runAt"])
    assert after["updatedAt"] == macro["updatedAt"]


def test_each_action_does_what_it_says(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    item = caller.new_feedback("The export fails", tags=["old", "kept"], userEmail="john@example.com")
    number = item["ticketNumber"]
    workflow_id = new_workflow(caller)
    result = ran(
        caller,
        item,
        action("set_status", status="in-progress"),
        action("set_category", category="bug"),
        action("set_priority", priority="high"),
        action("add_tag", tag=" new "),
        action("remove_tag", tag="old"),
        action("assign_agent", userId=caller.user_id),
        action("set_public", isPublic=True),
        action("add_note", content="#{{feedback.ticketNumber}} by {{ feedback.userEmail }}: {{feedback.status}}"),
        action("send_reply", message="We look into {{feedback.message}}"),
        action("send_notification", channel="email", to=caller.user_id, message="{{automation.name}}: {{feedback.id}}"),
        action("move_to_workflow", workflowId=workflow_id),
        name="Triage",
    )
    assert [each["success"] for each in result["actionsExecuted"]] == [True] * 11, result
    after = caller.get(f"/feedback/{item['id']}").data
    assert (after["status"], after["category"], after["priority"]) == ("in-progress", "bug", "high")
    assert (after["tags"], after["assigneeId"], after["isPublic"]) == (["kept", "new"], caller.user_id, True)
    assert after["internalNotes"][0]["content"] == f"#{number} by john@example.com: in-progress"
    assert after["customerComments"][0]["message"] == "We look into The export fails"
    events = dict(events_of(database, caller))
    asked = events["automation.notification_requested"]
    assert (asked["channel"], asked["to"], asked["message"]) == ("email", caller.user_id, f"Triage: {item['id']}")
    assert [each["feedbackId"] for each in items_of(caller, workflow_id)] == [item["id"]]


def test_values_are_not_looked_at_again(tenant: Tenants) -> None:
    """ABU-01: what a customer wrote is never a placeholder."""
    caller = tenant()
    item = caller.new_feedback("{{feedback.userEmail}} {{automation.name}}", userEmail="john@example.com")
    ran(caller, item, action("add_note", content="said: {{feedback.message}}"))
    note = caller.get(f"/feedback/{item['id']}/notes").data[0]["content"]
    assert note == "said: {{feedback.userEmail}} {{automation.name}}"


def test_a_filled_text_is_cut_to_its_limit(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback("m" * 5000)
    assert ran(caller, item, action("send_reply", message="{{feedback.message}}"))["outcome"] == "matched"
    assert len(caller.get(f"/feedback/{item['id']}/comments").data[0]["message"]) == 2000


def test_a_failing_action_stops_no_other_and_leaves_nothing(tenant: Tenants, database: Database) -> None:
    """A member who has left since, and a tag too many."""
    caller = tenant()
    agent = tenant.colleague(caller, "member")
    macro = saved(caller, action("assign_agent", userId=agent.user_id), action("set_category", category="bug"), TAG)
    item = caller.new_feedback(tags=[str(number) for number in range(20)])
    database.write(lambda tx: workspaces.set_member(tx, caller.workspace_id, email=agent.email, role="none"))
    result = run(caller, macro["id"], item["id"]).json()
    assert result["outcome"] == "error"
    assert [each["success"] for each in result["actionsExecuted"]] == [False, True, False]
    assert all(each["error"] for each in result["actionsExecuted"] if not each["success"])
    after = caller.get(f"/feedback/{item['id']}").data
    assert (after["assigneeId"], after["category"], len(after["tags"])) == (None, "bug", 20)
    assert caller.get(f"/automations/{macro['id']}").json()["runStats"] == {"matched7d": 0, "errored7d": 1}


def test_conditions_that_do_not_hold_change_nothing(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    item = caller.new_feedback(category="idea")
    macro = saved(caller, conditions=condition("category", "equals", "bug"))
    result = run(caller, macro["id"], item["id"]).json()
    assert (result["outcome"], result["actionsExecuted"]) == ("no-match", [])
    assert caller.get(f"/feedback/{item['id']}").data["tags"] == []
    (entry,) = caller.get(f"/automations/{macro['id']}/runs").json()["runs"]
    assert entry["outcome"] == "no-match"
    assert caller.get(f"/automations/{macro['id']}").json()["runStats"] == {"matched7d": 0, "errored7d": 0}


def test_what_can_not_be_run(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    item, theirs = caller.new_feedback(), stranger.new_feedback()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    elsewhere = caller.new_feedback(projectId=other)
    macro = saved(caller)["id"]
    # Or the trigger would still hear of the items.
    settle(database)
    trigger = saved(caller, scope="feedback.created")["id"]
    off = saved(caller, enabled=False)["id"]
    with unchanged(database, caller, stranger):
        check_problem(run(caller, trigger, item["id"]), "bad_request", naming="macro")
        check_problem(run(caller, off, item["id"]), "bad_request")
        for feedback_id in (theirs["id"], elsewhere["id"], "fb_nothing"):
            check_problem(run(caller, macro, feedback_id), "not_found")
        check_problem(run(stranger, macro, theirs["id"]), "not_found")
        check_problem(caller.post(f"/automations/{macro}/run"), "bad_request", field="feedbackId")


@pytest.mark.case("IDM-29")
def test_a_repeated_run_with_a_key_is_one_run(tenant: Tenants) -> None:
    caller = tenant()
    item, macro = caller.new_feedback(), saved(caller)["id"]
    headers = [("idempotency-key", "once")]
    first, second = (
        caller.post(f"/automations/{macro}/run", {"feedbackId": item["id"]}, headers=headers) for _ in range(2)
    )
    assert first.json() == second.json()
    assert len(caller.get(f"/automations/{macro}/runs").json()["runs"]) == 1


def test_the_last_fifty_runs_are_shown_newest_first(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    item, macro = caller.new_feedback(), saved(caller)["id"]
    made = []
    for _ in range(52):
        clock.advance(1)
        made.append(run(caller, macro, item["id"]).json()["runId"])
    shown = caller.get(f"/automations/{macro}/runs").json()["runs"]
    assert [each["id"] for each in shown] == made[::-1][:50]
    assert caller.get(f"/automations/{macro}").json()["runStats"]["matched7d"] == 52


def test_counts_are_of_a_week_and_history_of_a_month(tenant: Tenants, clock: Clock, database: Database) -> None:
    caller = tenant()
    item, macro = caller.new_feedback(), saved(caller)["id"]
    path = f"/automations/{macro}"
    run(caller, macro, item["id"])
    ran_at = clock.now()
    clock.advance(days=6, hours=23)
    assert caller.get(path).json()["runStats"]["matched7d"] == 1
    clock.advance(hours=2)
    assert caller.get(path).json()["runStats"]["matched7d"] == 0
    clock.advance(days=22)
    finish(database, "automations.purge_runs")
    assert len(caller.get(path + "/runs").json()["runs"]) == 1
    clock.advance(days=2)
    finish(database, "automations.purge_runs")
    assert caller.get(path + "/runs").json()["runs"] == []
    assert caller.get(path).json()["lastRunAt"] == ran_at


def test_the_system_may_run_one_in_its_own_workspace_alone(tenant: Tenants, database: Database) -> None:
    """What fires by itself acts as nobody, and a run that does not match leaves no record."""
    caller, stranger = tenant(), tenant()
    item = caller.new_feedback(category="bug")
    made = saved(caller, TAG, action("add_note", content="Tagged"), conditions=condition("category", "equals", "bug"))
    row = automations.AutomationRow(
        id=made["id"],
        workspace_id=caller.workspace_id,
        project_id=caller.project_id,
        name=made["name"],
        scope="feedback.created",
        enabled=True,
        conditions='{"combinator":"and","rules":[{"field":"category","operator":"equals","value":"bug"}]}',
        actions='[{"type":"add_tag","params":{"tag":"seen"}},{"type":"add_note","params":{"content":"Tagged"}}]',
        schedule=None,
    )

    def unit(tx: Transaction) -> None:
        actor = workspaces.system_actor(caller.workspace_id, "Automation")
        assert automations.run_automation(tx, row, item["id"], actor=actor).outcome == "matched"
        other = tx
        with pytest.raises(Exception, match="not found"):
            workspaces.enter(other, actor, stranger.workspace_id)

    database.write(unit)
    (entry,) = caller.get(f"/automations/{made['id']}/runs").json()["runs"]
    assert entry["actor"] == {"userId": None, "name": "Automation", "system": True}
    assert caller.get(f"/feedback/{item['id']}").data["tags"] == ["seen"]


@pytest.mark.case("ABU-01")
def test_hostile_patterns_are_plain_text(tenant: Tenants) -> None:
    """ABU-01: nothing in a keyword stands for anything else, and the longest texts are quick to look through."""
    caller = tenant()
    item = caller.new_feedback("a" * 4990 + "(a+)+$")
    patterns = ["(a+)+$", "(a|aa)+", r"(\w+\s?)*$", "(?=.*a)", "%", "_", "[a-z]*", "a{1,9999}", r"\1"]
    for pattern in patterns:
        result = ran(caller, item, conditions=condition("message", "contains", pattern))
        assert (result["outcome"] == "matched") is (pattern == "(a+)+$"), pattern


@pytest.mark.case("ABU-02")
def test_the_caps_are_named(tenant: Tenants) -> None:
    """ABU-02: depth, number of rules and size."""
    caller = tenant()
    rule = {"field": "category", "operator": "is_set"}
    deep: dict[str, Any] = {"combinator": "and", "rules": [rule]}
    for _ in range(2):
        deep = {"combinator": "or", "rules": [deep]}
    assert save(caller, conditions=deep).status == 201
    too_deep = {"combinator": "and", "rules": [deep]}
    where = "conditions.rules[0].rules[0].rules[0]"
    check_problem(save(caller, conditions=too_deep), "bad_request", field=where)
    assert save(caller, conditions={"combinator": "or", "rules": [rule] * 100}).status == 201
    check_problem(
        save(caller, conditions={"combinator": "or", "rules": [rule] * 101}), "bad_request", field="conditions"
    )
    long = {"field": "message", "operator": "contains", "value": ["k" * 500] * 40}
    check_problem(save(caller, conditions={"rules": [long]}), "bad_request", field="conditions")


@pytest.mark.parametrize("operator", ["equals", "greater_than"])
@pytest.mark.parametrize("number", [10**400, -(10**400)], ids=["above", "below"])
def test_endless_numbers_are_refused(tenant: Tenants, database: Database, operator: str, number: int) -> None:
    """JSON-02: a whole number may have more digits than any float."""
    caller = tenant()
    with unchanged(database, caller):
        answer = save(caller, conditions=condition("metadata.size", operator, number))
        check_problem(answer, "bad_request", field="conditions.rules[0].value")
