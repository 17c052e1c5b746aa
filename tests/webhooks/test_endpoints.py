"""``/webhook-endpoints``: what can be said of an endpoint, who may, and what is never shown."""

import re
from base64 import b64decode
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from tests.webhooks.receivers import Hooks, endpoint, receiver, submit_many
from userhero.kernel.db import Database, Statement
from userhero.server.composition import job_table
from userhero.webhooks.actions.endpoints import CHUNK, MAX_ENDPOINTS, REMOVE
from userhero.webhooks.actions.redeliver import KEPT_DAYS
from userhero.webhooks.kinds import PUBLIC
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints

URL = "https://hooks.example.invalid/userhero"
FIELDS = {
    "id": "string", "workspaceId": "string", "projectId": "string?", "url": "string", "events": "strings",
    "description": "string?", "enabled": "boolean", "createdAt": "time", "updatedAt": "time",
}  # fmt: skip
DELIVERY = {
    "id": "string", "endpointId": "string", "eventId": "string", "event": "string", "attempt": "integer",
    "status": "string", "responseStatus": "integer?", "error": "string?", "durationMs": "integer?",
    "createdAt": "time", "nextAttemptAt": "time?",
}  # fmt: skip


def test_an_endpoint_as_it_is_made(tenant: Tenants) -> None:
    caller = tenant()
    answer = caller.post("/webhook-endpoints", {"url": URL})
    assert answer.status == 201
    made = answer.data
    check_fields(made, {**FIELDS, "secret": "string"})
    assert re.fullmatch(r"whe_[0-9a-v]{26}", made["id"])
    assert len(b64decode(made["secret"].removeprefix("whsec_"), validate=True)) == 32
    assert (made["url"], made["events"], made["enabled"]) == (URL, ["*"], True)
    assert (made["projectId"], made["description"]) == (None, None)
    shown = {name: made[name] for name in FIELDS}
    assert caller.get(f"/webhook-endpoints/{made['id']}").data == shown
    listed = caller.get("/webhook-endpoints").json()
    assert listed["data"] == [shown]
    assert listed["pagination"] == {"page": 1, "pageSize": 20, "hasMore": False, "nextCursor": None}


def test_a_secret_is_shown_once_and_sealed(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    secrets = [caller.post("/webhook-endpoints", {"url": URL}).data["secret"] for _ in range(2)]
    endpoint_id = caller.get("/webhook-endpoints").data[0]["id"]
    path = f"/webhook-endpoints/{endpoint_id}"
    secrets.append(caller.post(f"{path}/rotate-secret").data["secret"])
    assert len(set(secrets)) == 3
    for answer in (
        caller.get("/webhook-endpoints"),
        caller.get(path),
        caller.patch(path, {"description": "x"}),
        caller.post(f"{path}/test"),
        caller.get(f"{path}/deliveries"),
        caller.get("/events"),
    ):
        assert b"whsec_" not in answer.body
    kept = select(webhook_endpoints).where(webhook_endpoints.c.workspace_id == caller.workspace_id)
    rows = database.read(lambda tx: tx.all(Statement(kept)))
    assert not any(secret in str(rows) or secret.encode() in str(rows).encode() for secret in secrets)


def test_everything_can_be_said_and_changed(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    given = {
        "url": "http://[2606:4700:4700::1111]:8080/x?token=1#part",
        "projectId": caller.project_id,
        "events": ["feedback.created", "note.created", "feedback.created"],
        "description": "  For the CRM  ",
        "enabled": False,
    }
    made = caller.post("/webhook-endpoints", given).data
    assert (made["url"], made["projectId"], made["enabled"]) == (given["url"], caller.project_id, False)
    assert made["events"] == ["feedback.created", "note.created"]
    assert made["description"] == "For the CRM"
    path = f"/webhook-endpoints/{made['id']}"
    clock.advance(seconds=5)
    assert caller.patch(path, {"description": "For the CRM", "enabled": False}).data["updatedAt"] == made["updatedAt"]
    for change in (
        {"url": URL},
        {"projectId": None},
        {"events": ["*"]},
        {"description": None},
        {"description": " "},
        {"enabled": True},
    ):
        clock.advance(seconds=1)
        found = caller.patch(path, change).data
        wanted = None if change == {"description": " "} else next(iter(change.values()))
        assert found[next(iter(change))] == wanted
        assert found == caller.get(path).data
    assert caller.get(path).data["updatedAt"] > made["updatedAt"]
    gone = caller.delete(path)
    assert (gone.status, gone.json()) == (200, {"data": {"id": made["id"], "deleted": True}})
    for answer in (caller.get(path), caller.patch(path, {}), caller.delete(path), caller.get(f"{path}/deliveries")):
        check_problem(answer, "not_found")
    assert caller.get("/webhook-endpoints").data == []


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "url"),
        ({"url": None}, "url"),
        ({"url": ""}, "url"),
        ({"url": "hooks.example.com"}, "url"),
        ({"url": "ftp://hooks.example.com"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://user:pass@hooks.example.com"}, "url"),
        ({"url": "https://hooks.example.com:22/"}, "url"),
        ({"url": "https://hooks.example.com/" + "x" * 2048}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["feedback"]}, "events"),
        ({"url": URL, "events": ["feedback.created"] * 21}, "events"),
        ({"url": URL, "events": "*"}, "events"),
        ({"url": URL, "events": ["webhook_endpoint.disabled"]}, "events"),
        ({"url": URL, "events": None}, "events"),
        ({"url": URL, "description": "x" * 501}, "description"),
        ({"url": URL, "enabled": "yes"}, "enabled"),
        ({"url": URL, "enabled": None}, "enabled"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_refused(tenant: Tenants, database: Database, fields: dict[str, Any], where: str) -> None:
    caller = tenant()
    made = caller.post("/webhook-endpoints", {"url": URL}).data
    with unchanged(database, caller):
        answer = caller.post("/webhook-endpoints", fields)
        assert answer.status == 400, answer
        assert where in answer.body.decode()
        if fields:
            assert caller.patch(f"/webhook-endpoints/{made['id']}", fields).status == 400


@pytest.mark.case("SSRF-01", "SSRF-03")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "a.localhost", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "127.0.0.1.", "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fd00:ec2::254]", "[fe80::1]",
        "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021",
        "%31%32%37.0.0.1", "[fe80::1%25eth0]", "metadata.google.internal",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_in_every_spelling(tenant: Tenants, database: Database, host: str) -> None:
    """When it is saved; when it is sent to, the address is checked that is connected to."""
    caller = tenant()
    made = caller.post("/webhook-endpoints", {"url": URL}).data
    with unchanged(database, caller):
        for url in (f"http://{host}/", f"https://{host}:8443/x"):
            check_problem(caller.post("/webhook-endpoints", {"url": url}), "bad_request", field="url")
            answer = caller.patch(f"/webhook-endpoints/{made['id']}", {"url": url})
            check_problem(answer, "bad_request", field="url")


def test_what_the_operator_allows_may_be_saved(hooks: Hooks) -> None:
    caller = hooks.tenant()
    assert caller.post("/webhook-endpoints", {"url": "http://127.0.0.1:8080/"}).status == 201
    check_problem(caller.post("/webhook-endpoints", {"url": "http://10.0.0.1/"}), "bad_request", field="url")


def test_every_public_kind_can_be_chosen(tenant: Tenants) -> None:
    caller = tenant()
    assert caller.post("/webhook-endpoints", {"url": URL, "events": [*PUBLIC, "*"]}).data["events"] == [*PUBLIC, "*"]


def test_a_workspace_has_fifty(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    made = [caller.post("/webhook-endpoints", {"url": URL}).data["id"] for _ in range(MAX_ENDPOINTS)]
    with unchanged(database, caller):
        check_problem(caller.post("/webhook-endpoints", {"url": URL}), "forbidden", naming="50")
    caller.delete(f"/webhook-endpoints/{made[0]}")
    assert caller.post("/webhook-endpoints", {"url": URL}).status == 201


def test_lists_are_narrowed_and_paged(tenant: Tenants) -> None:
    caller = tenant()
    for_all = caller.post("/webhook-endpoints", {"url": URL}).data["id"]
    narrow = [
        caller.post("/webhook-endpoints", {"url": URL, "projectId": caller.project_id}).data["id"] for _ in range(2)
    ]
    found = caller.get("/webhook-endpoints", projectId=caller.project_id).data
    assert [each["id"] for each in found] == narrow[::-1]
    first = caller.get("/webhook-endpoints", pageSize=2, includeTotal="true").json()
    assert (first["pagination"]["total"], first["pagination"]["hasMore"]) == (3, True)
    rest = caller.get("/webhook-endpoints", pageSize=2, cursor=first["pagination"]["nextCursor"]).data
    assert [each["id"] for each in first["data"] + rest] == [*narrow[::-1], for_all]


def test_only_what_was_read_is_changed(tenant: Tenants, database: Database) -> None:
    """``If-Match`` on endpoints, and on incoming webhooks, which can only be deleted."""
    caller = tenant()
    path = f"/webhook-endpoints/{caller.post('/webhook-endpoints', {'url': URL}).data['id']}"
    hook = f"/webhooks/{caller.post('/webhooks', {'name': 'CI'}).data['id']}"
    stale = [("if-match", '"stale"')]
    with unchanged(database, caller):
        for answer in (
            caller.patch(path, {"description": "x"}, headers=stale),
            caller.delete(path, headers=stale),
            caller.delete(hook, headers=stale),
        ):
            check_problem(answer, "precondition_failed")
    for each in (path, hook):
        tag = caller.get(each).header("etag")
        assert tag is not None
        assert caller.get(each, headers=[("if-none-match", tag)]).status == 304
        assert caller.delete(each, headers=[("if-match", tag)]).status == 200


def test_an_incoming_webhook_can_be_read(tenant: Tenants) -> None:
    caller, stranger = tenant(), tenant()
    made = caller.post("/webhooks", {"name": "CI", "projectId": caller.project_id}).data
    path = f"/webhooks/{made.pop('id')}"
    made.pop("secret")
    found = caller.get(path).data
    assert {name: value for name, value in found.items() if name != "id"} == made
    assert found == caller.get("/webhooks").data[0]
    assert b"whsec_" not in caller.get(path).body
    check_problem(stranger.get(path, workspaceId=None), "not_found")
    check_problem(caller.get(path, workspaceId=stranger.workspace_id), "not_found")
    check_problem(caller.get("/webhooks/wh_nothing"), "not_found")


def test_a_test_is_tried_once_and_changes_nothing_else(hooks: Hooks, clock: Clock) -> None:
    caller = hooks.tenant()
    with receiver(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as server:
        told = endpoint(caller, server.url, events=["vote.created"])
        answer = caller.post(f"{told.path}/test")
        assert answer.status == 200
        check_fields(answer.data, DELIVERY)
        assert (answer.data["status"], answer.data["attempt"]) == ("pending", 0)
        assert answer.data["event"] == "webhook_endpoint.test"
        hooks.catch_up()
        clock.advance(days=6)
        hooks.catch_up()
    (received,) = server.requests
    assert received.signatures == [received.signature(told.secret)]
    assert received.json["data"]["id"] == told.id
    found = told.only()
    assert (found["status"], found["responseStatus"], found["nextAttemptAt"]) == ("failed", 500, None)
    assert told.shown()["enabled"] is True
    assert caller.post(f"{told.path}/deliveries/redeliver", {"since": "2020-01-01"}).data == {"count": 0}
    assert caller.get("/events").data == [], "a test did not happen"


def test_one_that_is_switched_off_is_sent_nothing(hooks: Hooks) -> None:
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url, enabled=False)
        caller.new_feedback()
        hooks.catch_up()
        assert told.deliveries() == []
        with unchanged(hooks.database, caller):
            check_problem(caller.post(f"{told.path}/test"), "bad_request", naming="switched off")
            again = caller.post(f"{told.path}/deliveries/redeliver", {"since": "2020-01-01"})
            check_problem(again, "bad_request", naming="switched off")
        told.change(enabled=True)
        item = caller.new_feedback()
        hooks.catch_up()
    assert [each.subject for each in server.of("feedback.created")] == [item["id"]]


@pytest.mark.parametrize("word", ["test", "rotate-secret", "deliveries/{delivery}/redeliver"])
def test_what_takes_nothing_may_be_asked_for_without_a_body(tenant: Tenants, client: Client, word: str) -> None:
    caller = tenant()
    path = f"/webhook-endpoints/{caller.post('/webhook-endpoints', {'url': URL}).data['id']}"
    delivery = caller.post(f"{path}/test").data["id"]
    target = f"{path}/{word.format(delivery=delivery)}"
    named = {"workspaceId": caller.workspace_id}
    ways: list[dict[str, Any]] = [{}, {"json": {}}, {"json": named}, named]
    for said in ways:
        assert caller.request("POST", target, **said).status == 200
    stranger = tenant()
    check_problem(caller.request("POST", target, json={"workspaceId": stranger.workspace_id}), "not_found")
    check_problem(caller.request("POST", target, workspaceId=stranger.workspace_id), "not_found")
    check_problem(caller.request("POST", target, json={"nonsense": 1}), "bad_request")


def test_what_waits_has_failed_once_it_is_switched_off(hooks: Hooks) -> None:
    """At once, not when somebody comes by."""
    caller = hooks.tenant()
    with receiver(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        assert [each["status"] for each in told.deliveries()] == ["pending"]
        told.change(enabled=False)
        (found,) = told.deliveries()
    assert (found["status"], found["error"]) == ("failed", "The endpoint is switched off.")
    assert found["nextAttemptAt"] is None


def test_the_log_is_narrowed_and_paged(hooks: Hooks, clock: Clock) -> None:
    caller = hooks.tenant()
    with receiver(lambda received: b"HTTP/1.1 %d X\r\n\r\n" % (200 if b'"good"' in received.body else 500)) as server:
        told = endpoint(caller, server.url)
        for message in ("good", "bad", "good", "bad", "good"):
            caller.new_feedback(message)
            hooks.catch_up()
            clock.advance(seconds=1)
    path = f"{told.path}/deliveries"
    found = caller.get(path).data
    for each in found:
        check_fields(each, DELIVERY)
        assert each["endpointId"] == told.id
    assert [each["status"] for each in found] == ["delivered", "pending", "delivered", "pending", "delivered"]
    assert [each["id"] for each in caller.get(path, status="pending").data] == [found[1]["id"], found[3]["id"]]
    assert caller.get(path, status="failed").data == []
    first = caller.get(path, pageSize=3).json()
    rest = caller.get(path, pageSize=3, cursor=first["pagination"]["nextCursor"]).json()
    assert first["data"] + rest["data"] == found
    assert caller.get(path, pageSize=3, page=2).json()["data"] == rest["data"]
    check_problem(caller.get(path, status="gone"), "bad_request", field="status")
    check_problem(caller.get(path, status="failed", cursor=first["pagination"]["nextCursor"]), "bad_request")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": None}, "since"),
        ({"since": "2026-01-01", "until": "x"}, "until"),
        ({"since": "2026-01-01" + " " * 64}, "since"),
    ],
)
def test_times_that_are_none(tenant: Tenants, database: Database, fields: dict[str, Any], where: str) -> None:
    caller = tenant()
    path = f"/webhook-endpoints/{caller.post('/webhook-endpoints', {'url': URL}).data['id']}"
    with unchanged(database, caller):
        check_problem(caller.post(f"{path}/deliveries/redeliver", fields), "bad_request", field=where)


def test_a_delivery_belongs_to_its_endpoint(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    one, other = (f"/webhook-endpoints/{caller.post('/webhook-endpoints', {'url': URL}).data['id']}" for _ in range(2))
    delivery = caller.post(f"{one}/test").data["id"]
    assert caller.get(f"{one}/deliveries/{delivery}").status == 200
    with unchanged(database, caller):
        check_problem(caller.get(f"{other}/deliveries/{delivery}"), "not_found")
        check_problem(caller.post(f"{other}/deliveries/{delivery}/redeliver"), "not_found")
        check_problem(caller.get(f"{one}/deliveries/redeliver"), "method_not_allowed")


def test_deleting_takes_the_deliveries_along(hooks: Hooks) -> None:
    """However many there are: what is not gone at once is out of sight."""
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url, events=["feedback.created"])
        submit_many(hooks, caller, CHUNK + 5)
        hooks.catch_up()
        assert caller.delete(told.path).status == 200
        check_problem(caller.get(f"{told.path}/deliveries"), "not_found")
        assert caller.get("/webhook-endpoints").data == []
        assert caller.count("/webhook-endpoints") == 0
        caller.new_feedback()
        hooks.catch_up()
        assert len(server.requests) == CHUNK + 5
    finish(hooks.database, REMOVE)
    assert rows(hooks, caller, told.id) == (0, 0)


def test_what_goes_with_a_project(hooks: Hooks) -> None:
    caller = hooks.tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    told = endpoint(caller, URL, projectId=other)
    stays = endpoint(caller, URL)
    assert caller.delete(f"/projects/{other}").status == 200
    check_problem(caller.get(told.path), "not_found")
    assert caller.get(stays.path).status == 200


def test_the_log_is_kept_for_thirty_days(hooks: Hooks, clock: Clock) -> None:
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url, events=["feedback.created"])
        submit_many(hooks, caller, CHUNK + 5)
        hooks.catch_up()
        clock.advance(days=KEPT_DAYS, hours=-1)
        finish(hooks.database, "webhooks.purge_deliveries")
        assert caller.count(f"{told.path}/deliveries") == CHUNK + 5
        clock.advance(hours=2)
        caller.new_feedback()
        hooks.catch_up()
        finish(hooks.database, "webhooks.purge_deliveries")
        assert len(told.deliveries()) == 1
    assert job_table().kinds["webhooks.purge_deliveries"].every == 3600


def rows(hooks: Hooks, caller: Tenant, endpoint_id: str) -> tuple[int, int]:
    """How many rows of the endpoint there are: its own, and deliveries."""
    own = Statement(select(webhook_endpoints.c.id).where(webhook_endpoints.c.id == endpoint_id))
    of_it = Statement(select(webhook_deliveries.c.id).where(webhook_deliveries.c.endpoint_id == endpoint_id))
    return hooks.database.read(lambda tx: (len(tx.all(own)), len(tx.all(of_it))))
