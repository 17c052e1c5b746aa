"""One workspace, what it uses, and where its plan ends."""

from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero import workspaces
from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel.db import Database
from userhero.kernel.errors import Forbidden
from userhero.projects import NewProject, create_project
from userhero.workspaces import act_as

KEYS = {
    "feedbackPerMonth", "projects", "members", "automations", "customFields", "customStatuses", "storageBytes",
}  # fmt: skip


def usage(caller: Tenant) -> Any:
    return caller.get(f"/workspace/{caller.workspace_id}/usage").data


def test_a_workspace_shows_what_the_list_shows_and_who_is_in_it(tenant: Tenants) -> None:
    caller = tenant()
    colleague = tenant.colleague(caller, "viewer")
    found = caller.get(f"/workspace/{caller.workspace_id}").data
    members, settings = found.pop("members"), found.pop("settings")
    assert found == caller.request("GET", "/workspaces").data[0]
    assert [(each["userId"], each["email"], each["role"]) for each in members] == [
        (caller.user_id, caller.email, "owner"),
        (colleague.user_id, colleague.email, "viewer"),
    ]
    assert members[0].keys() == {"userId", "name", "email", "role"}
    assert settings == {"apiAccessEnabled": True, "retentionDays": None}
    assert found["memberCount"] == 2


@pytest.mark.parametrize("path", ["/workspace/{id}", "/workspace/{id}/usage"])
def test_only_those_who_may_use_the_api_of_a_workspace_see_it(tenant: Tenants, path: str) -> None:
    caller, stranger = tenant(), tenant()
    there = path.format(id=caller.workspace_id)
    check_problem(stranger.get(there, workspaceId=None), "not_found")
    check_problem(caller.get(path.format(id="ws_nothing"), workspaceId=None), "not_found")
    check_problem(caller.get(there, workspaceId=stranger.workspace_id), "not_found")
    check_problem(tenant.colleague(caller, "member").get(there), "forbidden")
    assert tenant.colleague(caller, "admin").get(there, workspaceId=None).status == 200


def test_usage_has_the_keys_of_the_limits(tenant: Tenants, clock: Clock) -> None:
    clock.set("2026-12-31T23:59:59Z")
    caller = tenant(plan="pro")
    found = usage(caller)
    assert found.keys() == {"plan", "period", "limits", "usage"}
    assert found["plan"] == "pro"
    assert found["period"] == {"start": "2026-12-01T00:00:00.000Z", "end": "2027-01-01T00:00:00.000Z"}
    assert found["limits"].keys() == found["usage"].keys() == KEYS
    assert found["limits"]["feedbackPerMonth"] == 25_000
    assert found["limits"]["projects"] is None
    assert found["limits"]["customStatuses"] == 20
    assert all(limit is None for limit in usage(tenant())["limits"].values())


def test_usage_counts_what_is_there(tenant: Tenants) -> None:
    caller = tenant()
    tenant.colleague(caller, "viewer")
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    fields = [{"type": "text", "label": "A"}, {"type": "text", "label": "B"}]
    for project in (other, caller.project_id):
        caller.patch(
            f"/projects/{project}", {"customFieldDefinitions": fields, "statuses": [{"id": "later", "label": "Later"}]}
        )
    items = [caller.new_feedback()["id"] for _ in range(3)]
    caller.delete(f"/feedback/{items[0]}")
    found = usage(caller)["usage"]
    assert found | {"storageBytes": 0} == {
        "feedbackPerMonth": 3,
        "projects": 2,
        "members": 2,
        "automations": 0,
        "customFields": 4,
        "customStatuses": 2,
        "storageBytes": 0,
    }
    caller.delete(f"/projects/{other}")
    found = usage(caller)["usage"]
    assert (found["projects"], found["customFields"], found["customStatuses"]) == (1, 2, 1)


def test_a_new_month_starts_from_nothing(tenant: Tenants, clock: Clock) -> None:
    clock.set("2026-11-30T23:59:59Z")
    caller = tenant()
    caller.new_feedback()
    clock.advance(seconds=1)
    assert usage(caller)["usage"]["feedbackPerMonth"] == 0
    caller.new_feedback()
    assert usage(caller)["usage"]["feedbackPerMonth"] == 1


def test_a_plan_ends_at_so_many_statuses_in_all_projects(tenant: Tenants, database: Database) -> None:
    caller = tenant(plan="pro")
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    many = [{"id": f"s{number}", "label": f"S {number}"} for number in range(21)]
    with unchanged(database, caller):
        check_problem(caller.patch(f"/projects/{other}", {"statuses": many}), "forbidden", naming="20")
    assert caller.patch(f"/projects/{other}", {"statuses": many[:20]}).status == 200
    with unchanged(database, caller):
        answer = caller.patch(f"/projects/{caller.project_id}", {"statuses": many[:1]})
        check_problem(answer, "forbidden", naming="20")
    assert caller.patch(f"/projects/{other}", {"statuses": many[1:21]}).status == 200, "one for another is no more"
    assert caller.patch(f"/projects/{other}", {"statuses": many[:5]}).status == 200


@pytest.fixture
def small(tenant: Tenants, database: Database) -> Tenant:
    """A tenant on the smallest plan, which has no API: dashboard and portal meet the same limits."""
    return tenant(plan="free")


def test_a_plan_ends_at_so_many_projects(small: Tenant, database: Database) -> None:
    new = NewProject(workspace_id=small.workspace_id, name="Second")
    with unchanged(database, small), pytest.raises(Forbidden, match="1 projects"):
        database.write(lambda tx: create_project(tx, act_as(tx, small.email), new))


def test_collecting_stops_at_110_percent_on_the_free_plan(small: Tenant, database: Database) -> None:
    def submit() -> None:
        new = NewFeedback(workspace_id=small.workspace_id, project_id=small.project_id, message="x")
        database.write(lambda tx: submit_feedback(tx, act_as(tx, small.email), new))

    for _ in range(110):
        submit()
    with unchanged(database, small), pytest.raises(Forbidden, match="100 feedback items"):
        submit()
    database.write(lambda tx: workspaces.set_workspace(tx, small.workspace_id, plan="starter"))
    submit()
