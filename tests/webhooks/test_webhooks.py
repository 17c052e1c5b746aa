"""``/webhooks``: made with a secret that is shown once, listed, removed."""

import base64
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.db import Database, Statement, Transaction, metadata

SHAPE = {"id", "workspaceId", "projectId", "name", "slug", "url", "createdAt", "lastUsedAt"}


def test_the_reference_example_works(tenant: Tenants) -> None:
    """The secret comes with the create answer."""
    caller = tenant()
    answer = caller.post("/webhooks", {"name": "Zapier Integration", "projectId": caller.project_id})
    assert answer.status == 201
    made = answer.data
    assert made.keys() == SHAPE | {"secret"}
    assert made["id"].startswith("wh_")
    assert made["secret"].startswith("whsec_")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"), validate=True)) == 32
    assert made["url"].endswith(f"/api/hooks/{made['slug']}")
    assert made["url"].startswith("http")
    assert (made["projectId"], made["lastUsedAt"]) == (caller.project_id, None)
    gone = caller.delete(f"/webhooks/{made['id']}")
    assert gone.data == {"id": made["id"], "deleted": True}
    assert caller.get("/webhooks").json() == {"data": []}
    check_problem(caller.delete(f"/webhooks/{made['id']}"), "not_found")


@pytest.mark.case("WHI-14", "KEY-03")
def test_the_secret_is_never_shown_again_nor_kept_in_the_clear(tenant: Tenants, database: Database) -> None:
    """WHI-14."""
    caller = tenant()
    made = caller.post("/webhooks", {"name": "Hook"}, headers=[("idempotency-key", "k")]).data
    secret = made.pop("secret")
    assert caller.get("/webhooks").data == [made]

    def stored(tx: Transaction) -> str:
        tables = (metadata.tables[name] for name in ("incoming_webhooks", "idempotency_keys", "events"))
        return repr([tx.all(Statement(table.select())) for table in tables])

    kept = database.read(stored)
    assert secret not in kept
    assert secret.removeprefix("whsec_") not in kept


def test_a_list_is_newest_first_and_whole_unless_asked(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    made: list[str] = []
    for number in range(3):
        clock.advance(1)
        made.insert(0, caller.post("/webhooks", {"name": str(number)}).data["id"])
    assert [each["id"] for each in caller.get("/webhooks").data] == made
    assert caller.get("/webhooks").json().keys() == {"data"}
    first = caller.get("/webhooks", pageSize=2, includeTotal="true").json()
    assert (first["pagination"]["total"], first["pagination"]["hasMore"]) == (3, True)
    rest = caller.get("/webhooks", pageSize=2, cursor=first["pagination"]["nextCursor"]).data
    assert [each["id"] for each in first["data"] + rest] == made


def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    with unchanged(database, caller, stranger):
        refused: list[tuple[dict[str, Any], str]] = [
            ({}, "name"),
            ({"name": " "}, "name"),
            ({"name": "n" * 201}, "name"),
        ]
        refused += [({"name": "x", "slug": "mine"}, "slug"), ({"name": "x", "projectId": 5}, "projectId")]
        for body, where in refused:
            check_problem(caller.post("/webhooks", body), "bad_request", field=where)
        check_problem(caller.request("POST", "/webhooks", json={"name": "x"}), "bad_request", field="workspaceId")
        check_problem(caller.post("/webhooks", {"name": "x", "projectId": stranger.project_id}), "not_found")
        check_problem(caller.get("/webhooks", workspaceId=None), "bad_request", field="workspaceId")


def test_a_webhook_outlives_its_project(tenant: Tenants) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    made = caller.post("/webhooks", {"name": "Hook", "projectId": other}).data
    assert caller.delete(f"/projects/{other}").status == 200
    assert [(each["id"], each["projectId"]) for each in caller.get("/webhooks").data] == [(made["id"], None)]
