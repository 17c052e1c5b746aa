"""Workspaces as the reference draws them: which are listed, every field, and what is used of a plan."""

from typing import Any

import pytest
from sqlalchemy import bindparam, update

from tests.media.samples import picture, upload
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.webhooks.senders import sender
from userhero import workspaces
from userhero.feedback.tables import ticket_counters
from userhero.kernel.db import Database, Statement, Transaction
from userhero.media.tables import media

LISTED = {
    "id": "string",
    "name": "string",
    "plan": "string",
    "billingInterval": "string",
    "subscriptionStatus": "string",
    "apiAccessEnabled": "boolean",
    "memberCount": "integer",
    "role": "string",
    "createdAt": "time",
    "updatedAt": "time",
}
SINGLE = LISTED | {"members": "objects", "settings": "object"}
MEMBER = {"userId": "string", "name": "string", "email": "string", "role": "string"}
USAGE = {"plan": "string", "period": "object", "limits": "object", "usage": "object"}
COUNTED = [
    "feedbackPerMonth", "projects", "members", "automations", "customFields", "customStatuses", "storageBytes",
]  # fmt: skip
GIB = 1024**3
_COUNT = Statement(
    update(ticket_counters).where(ticket_counters.c.workspace_id == bindparam("workspace")).values(
        in_month=bindparam("number")
    )
)  # fmt: skip
_WEIGH = Statement(update(media).where(media.c.workspace_id == bindparam("workspace")).values(size=bindparam("bytes")))
each_plan = pytest.mark.parametrize(
    ("plan", "has_api"), [("free", False), ("starter", False), ("growth", False), ("pro", True), ("pro_max", True)]
)


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def set_workspace(database: Database, caller: Tenant, **changes: Any) -> None:
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, **changes))


def listed(caller: Tenant) -> Any:
    answer = caller.request("GET", "/workspaces")
    assert (answer.status, answer.json().keys()) == (200, {"data"})
    return answer.data


def usage(caller: Tenant) -> Any:
    return caller.get(f"/workspace/{caller.workspace_id}/usage").data


def test_every_field_of_a_workspace(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    (found,) = listed(caller)
    check_fields(found, LISTED, filled=True)
    expected = {
        "id": caller.workspace_id,
        "name": "Acme Inc",
        "plan": "pro_max",
        "billingInterval": "yearly",
        "subscriptionStatus": "active",
        "apiAccessEnabled": True,
        "memberCount": 1,
        "role": "owner",
        "createdAt": clock.now(),
        "updatedAt": clock.now(),
    }
    assert found == expected
    clock.advance(60)
    set_workspace(database, caller, plan="pro")
    colleague = tenant.colleague(caller, "admin")
    tenant.colleague(caller, "viewer")
    expected |= {"plan": "pro", "memberCount": 3, "updatedAt": clock.now()}
    assert listed(caller) == [expected]
    assert listed(colleague) == [expected | {"role": "admin"}]


def test_every_field_of_a_single_workspace(caller: Tenant, tenant: Tenants, clock: Clock) -> None:
    people = [caller]
    for role in ("admin", "member", "viewer"):
        clock.advance(1)
        people.append(tenant.colleague(caller, role))
    answer = caller.get(f"/workspace/{caller.workspace_id}")
    assert (answer.status, answer.json().keys()) == (200, {"data"})
    found = answer.data
    check_fields(found, SINGLE, filled=True)
    for member in found["members"]:
        check_fields(member, MEMBER, filled=True)
    roles = ("owner", "admin", "member", "viewer")
    assert [(each["userId"], each["email"], each["role"]) for each in found["members"]] == [
        (person.user_id, person.email, role) for person, role in zip(people, roles, strict=True)
    ]
    assert [each["name"] for each in found["members"]] == ["Jane Smith", *["John Doe"] * 3]
    assert found["settings"] == {"apiAccessEnabled": True, "retentionDays": None}
    assert {name: found[name] for name in LISTED} == listed(caller)[0]


@each_plan
def test_only_the_plans_with_the_api_are_listed_and_open(
    caller: Tenant, database: Database, plan: str, has_api: bool
) -> None:
    path = f"/workspace/{caller.workspace_id}"
    set_workspace(database, caller, plan=plan)
    assert [each["plan"] for each in listed(caller)] == ([plan] if has_api else [])
    for place in (path, f"{path}/usage", "/projects", "/feedback"):
        if has_api:
            assert caller.get(place).status == 200
        else:
            check_problem(caller.get(place), "forbidden", naming="plan")


def test_all_are_listed_but_those_without_api_access(caller: Tenant, database: Database) -> None:
    def more(tx: Transaction) -> list[str]:
        return [workspaces.create_workspace(tx, name=f"{n}", owner_email=caller.email) for n in range(25)]

    ids = [*database.write(more), caller.workspace_id]
    assert sorted(each["id"] for each in listed(caller)) == sorted(ids), "all come at once"
    moments = [(each["createdAt"], each["id"]) for each in listed(caller)]
    assert moments == sorted(moments, reverse=True), "the newest first"
    set_workspace(database, caller, api_access=False)
    assert caller.workspace_id not in {each["id"] for each in listed(caller)}
    assert len(listed(caller)) == 25
    set_workspace(database, caller, api_access=True)
    assert caller.workspace_id in {each["id"] for each in listed(caller)}


@pytest.mark.parametrize("name", ["page", "pageSize", "cursor", "order", "includeTotal", "plan"])
def test_the_list_takes_no_parameters(caller: Tenant, name: str) -> None:
    check_problem(caller.request("GET", f"/workspaces?{name}=1"), "bad_request", field=name)


def test_the_list_is_for_keys_with_its_scope(caller: Tenant, tenant: Tenants) -> None:
    assert listed(tenant.with_key(caller, scopes=frozenset({"workspaces:read"})))
    poor = tenant.with_key(caller, scopes=frozenset({"projects:write", "feedback:read"}))
    for path in ("/workspaces", f"/workspace/{caller.workspace_id}", f"/workspace/{caller.workspace_id}/usage"):
        check_problem(poor.request("GET", path), "forbidden", naming="workspaces:read")


def test_the_ids_are_those_that_the_other_operations_take(caller: Tenant) -> None:
    (found,) = listed(caller)
    for path in ("/feedback", "/projects", "/widgets", "/webhooks", "/customers", f"/workspace/{found['id']}"):
        assert caller.get(path, workspaceId=found["id"]).status == 200
    body = {"workspaceId": found["id"], "projectId": caller.project_id, "message": "x"}
    assert caller.request("POST", "/feedback", json=body).status == 201


@pytest.mark.parametrize("plan", ["pro", "pro_max"])
def test_every_field_of_usage(tenant: Tenants, plan: str) -> None:
    caller = tenant(plan=plan)
    answer = caller.request("GET", f"/workspace/{caller.workspace_id}/usage")
    assert (answer.status, answer.json().keys()) == (200, {"data"})
    found = answer.data
    check_fields(found, USAGE, filled=True)
    check_fields(found["period"], {"start": "time", "end": "time"}, filled=True)
    check_fields(found["limits"], dict.fromkeys(COUNTED, "integer?"))
    check_fields(found["usage"], dict.fromkeys(COUNTED, "integer"))
    assert found["plan"] == plan
    assert (
        found["limits"]
        == {
            "pro": {
                "feedbackPerMonth": 25_000,
                "projects": None,
                "members": None,
                "automations": 100,
                "customFields": None,
                "customStatuses": 20,
                "storageBytes": 100 * GIB,
            },
            "pro_max": dict.fromkeys(COUNTED),
        }[plan]
    )
    assert found["usage"] == {**dict.fromkeys(COUNTED, 0), "projects": 1, "members": 1}


def test_usage_counts_each_thing(caller: Tenant, tenant: Tenants) -> None:
    item = caller.new_feedback()
    tenant.colleague(caller, "member")
    caller.post("/projects", {"name": "Other"})
    action = {"type": "add_tag", "params": {"tag": "a"}}
    for enabled in (True, False):
        body = {"projectId": caller.project_id, "name": "x", "scope": "manual", "actions": [action], "enabled": enabled}
        caller.post("/automations", body)
    field = {"id": "cf_a", "type": "text", "label": "A"}
    settings = {"customFieldDefinitions": [field], "statuses": [{"label": "Later"}]}
    assert caller.patch(f"/projects/{caller.project_id}", settings).status == 200
    size = upload(caller, picture(), feedbackId=item["id"]).data["fileSize"]
    assert usage(caller)["usage"] == {
        "feedbackPerMonth": 1,
        "projects": 2,
        "members": 2,
        "automations": 1,
        "customFields": 1,
        "customStatuses": 1,
        "storageBytes": size,
    }


def test_on_paid_plans_collecting_goes_on_and_is_counted(tenant: Tenants, database: Database) -> None:
    caller = tenant(plan="pro")
    caller.new_feedback()
    for number in (25_000, 27_500, 50_000):
        database.write(lambda tx, number=number: tx.run(_COUNT, workspace=caller.workspace_id, number=number))  # type: ignore[misc]
        caller.new_feedback()
        found = usage(caller)
        assert (found["usage"]["feedbackPerMonth"], found["limits"]["feedbackPerMonth"]) == (number + 1, 25_000)


def test_on_the_free_plan_it_stops_at_110_percent(caller: Tenant, client: Client, database: Database) -> None:
    """The plan has no API, its webhooks deliver."""
    machine = sender(caller, client)
    set_workspace(database, caller, plan="free")
    for number in range(110):
        assert machine.send({"message": f"{number}"}).status == 201
    with unchanged(database, caller):
        check_problem(machine.send({"message": "one more"}), "forbidden", naming="100")
    set_workspace(database, caller, plan="starter")
    assert machine.send({"message": "one more"}).status == 201


def test_media_stop_at_the_limit_and_go_on_once_there_is_room(tenant: Tenants, database: Database) -> None:
    """UP-28."""
    caller = tenant(plan="pro")
    item = caller.new_feedback()
    upload(caller, picture(), feedbackId=item["id"])
    database.write(lambda tx: tx.run(_WEIGH, workspace=caller.workspace_id, bytes=100 * GIB))
    with unchanged(database, caller):
        check_problem(upload(caller, picture()), "forbidden", naming="media")
    caller.delete(f"/feedback/{item['id']}")
    assert upload(caller, picture()).status == 201
