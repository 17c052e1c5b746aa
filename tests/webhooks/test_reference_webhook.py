"""Incoming webhooks as the reference draws them: every field, the secret, and what each field of a delivery becomes."""

import base64
import re
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.webhooks.senders import Sender, sender
from userhero.kernel.db import Database

WEBHOOK = {
    "id": "string",
    "workspaceId": "string",
    "projectId": "string?",
    "name": "string",
    "slug": "string",
    "url": "string",
    "createdAt": "time",
    "lastUsedAt": "time?",
}
CREATED = WEBHOOK | {"secret": "string"}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


@pytest.mark.parametrize("has_project", [True, False])
def test_every_field_of_a_webhook(caller: Tenant, client: Client, clock: Clock, has_project: bool) -> None:
    project_id = caller.project_id if has_project else None
    answer = caller.post("/webhooks", {"name": " Zapier Integration ", "projectId": project_id})
    assert (answer.status, answer.json().keys()) == (201, {"data"})
    made = answer.data
    check_fields(made, CREATED)
    secret = made.pop("secret")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert {name: value for name, value in made.items() if name not in ("id", "slug", "url")} == {
        "workspaceId": caller.workspace_id,
        "projectId": project_id,
        "name": "Zapier Integration",
        "createdAt": clock.now(),
        "lastUsedAt": None,
    }
    assert re.fullmatch(rf"https?://[^/]+/api/hooks/{made['slug']}", made["url"])
    assert caller.get("/webhooks").json() == {"data": [made]}, "the secret is shown once"
    clock.advance(60)
    machine = Sender(client, made["id"], made["slug"], secret)
    assert machine.send({"message": "x", "projectId": caller.project_id}).status == 201
    (used,) = caller.get("/webhooks").data
    assert used == made | {"lastUsedAt": clock.now()}
    check_fields(used, WEBHOOK, filled=has_project)
    assert secret.removeprefix("whsec_") not in caller.get("/webhooks", pageSize=1).body.decode()


def test_a_webhook_needs_no_project(caller: Tenant) -> None:
    assert caller.post("/webhooks", {"name": "x"}).data["projectId"] is None


def test_secrets_and_addresses_are_each_webhook_s_own(caller: Tenant) -> None:
    made = [caller.post("/webhooks", {"name": "Same"}).data for _ in range(5)]
    for name in ("id", "slug", "url", "secret"):
        assert len({each[name] for each in made}) == 5


def test_a_removed_webhook_is_gone_and_the_workspace_need_not_be_named(caller: Tenant, tenant: Tenants) -> None:
    one, other = (caller.post("/webhooks", {"name": "x"}).data["id"] for _ in range(2))
    check_problem(caller.delete(f"/webhooks/{one}", workspaceId=tenant().workspace_id), "not_found")
    for path, named in ((f"/webhooks/{one}", caller.workspace_id), (f"/webhooks/{other}", None)):
        answer = caller.delete(path, workspaceId=named)
        assert (answer.status, answer.json()) == (
            200,
            {"data": {"id": path.removeprefix("/webhooks/"), "deleted": True}},
        )
        check_problem(caller.delete(path, workspaceId=named), "not_found")
    assert caller.get("/webhooks").data == []


def test_a_workspace_has_a_thousand_which_come_whole(caller: Tenant, database: Database) -> None:
    for number in range(1000):
        last = caller.post("/webhooks", {"name": f"{number}"}).data["id"]
    whole = caller.get("/webhooks").json()
    assert whole.keys() == {"data"}
    assert {each["name"] for each in whole["data"]} == {f"{number}" for number in range(1000)}
    moments = [(each["createdAt"], each["id"]) for each in whole["data"]]
    assert moments == sorted(moments, reverse=True)
    assert len(caller.get("/webhooks", page=50).data) == 20, "20 a page where only the page is said"
    with unchanged(database, caller):
        check_problem(caller.post("/webhooks", {"name": "one more"}), "forbidden")
    caller.delete(f"/webhooks/{last}")
    assert caller.post("/webhooks", {"name": "in its place"}).status == 201


# What a delivery says, and what of it is in the item.
FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"category": None, "customMetadata": None, "rating": None, "tags": [], "userEmail": None, "context": {}}),
    ({"category": " bug "}, {"category": "bug"}),
    ({"metadata": {"build": {"number": 7, "ok": False, "log": ["a", None]}}},) * 2,
    ({"metadata": {"name": "Alice", "phone": "+12025550175"}}, {"userName": "Alice", "userPhone": "+12025550175"}),
    ({"metadata": {"customFields": {"df_email": "d@example.com"}}}, {"userEmail": "d@example.com"}),
    ({"metadata": {"email": "m@example.com"}, "userEmail": "E@Example.com"}, {"userEmail": "e@example.com"}),
    ({"rating": 0}, {"rating": 0}),
    ({"rating": 9.5}, {"rating": 9.5}),
    ({"tags": ["ci", " nightly ", "ci"]}, {"tags": ["ci", "nightly"]}),
    ({"context": {"page": "/settings"}}, {"context": {"page": "/settings"}}),
    (
        dict.fromkeys(("projectId", "category", "metadata", "rating", "tags", "userEmail", "context")),
        {"category": None, "customMetadata": None, "tags": [], "context": {}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kept"), FIELDS)
def test_what_each_field_of_a_delivery_becomes(
    caller: Tenant, client: Client, said: dict[str, Any], kept: dict[str, Any]
) -> None:
    answer = sender(caller, client).send({"message": " Bug report ", **said})
    assert (answer.status, answer.json().keys()) == (201, {"success", "feedbackId"})
    assert answer.json()["success"] is True
    item = caller.get(f"/feedback/{answer.json()['feedbackId']}").data
    kept = {"customMetadata" if name == "metadata" else name: value for name, value in kept.items()}
    assert {name: item[name] for name in kept} == kept
    assert (item["message"], item["source"], item["widgetId"]) == ("Bug report", "webhook", "api")
    assert (item["projectId"], item["status"]) == (caller.project_id, "new")


@pytest.mark.parametrize("missing", [{}, {"message": None}, {"message": "  "}, {"message": "x" * 5001}])
def test_a_message_is_required(caller: Tenant, client: Client, database: Database, missing: dict[str, Any]) -> None:
    machine = sender(caller, client)
    with unchanged(database, caller):
        check_problem(machine.send({"category": "bug", **missing}), "bad_request", field="message")


def test_a_project_is_required_where_the_webhook_has_none(caller: Tenant, client: Client, database: Database) -> None:
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    free, bound = sender(caller, client, projectId=None), sender(caller, client)
    with unchanged(database, caller):
        for body in ({"message": "x"}, {"message": "x", "projectId": None}, {"message": "x", "projectId": ""}):
            check_problem(free.send(body), "bad_request", field="projectId")
    wanted = [(free, {"projectId": other}, other), (bound, {}, caller.project_id), (bound, {"projectId": other}, other)]
    for number, (machine, named, project_id) in enumerate(wanted):
        found = machine.send({"message": f"{number}", **named}).json()["feedbackId"]
        assert caller.get(f"/feedback/{found}").data["projectId"] == project_id
    caller.delete(f"/projects/{caller.project_id}")
    check_problem(bound.send({"message": "later"}), "bad_request", field="projectId")
    assert bound.send({"message": "later", "projectId": other}).status == 201


def test_a_delivery_needs_no_key_and_every_webhook_is_its_workspace_s(
    caller: Tenant, tenant: Tenants, client: Client
) -> None:
    machines = [sender(someone, client) for someone in (caller, tenant())]
    found = [machine.send(b'{"message": "Bug report"}').json()["feedbackId"] for machine in machines]
    assert [each["id"] for each in caller.get("/feedback").data] == found[:1]
    check_problem(caller.get(f"/feedback/{found[1]}"), "not_found")
