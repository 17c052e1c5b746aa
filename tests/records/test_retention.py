"""Feedback goes once the workspace's plan, or the workspace itself, keeps it no longer."""

from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.media.samples import path_of, picture, upload
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero import records, workspaces
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import events
from userhero.records import retention
from userhero.records.jobs import RETAIN

_CAUSES = Statement(
    select(events.c.subject_id, events.c.cause).where(
        events.c.workspace_id == bindparam("workspace"), events.c.kind == "feedback.deleted"
    )
)


def keep(database: Database, caller: Tenant, **change: Any) -> None:
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, **change))


def shown(database: Database, caller: Tenant) -> tuple[int | None, int]:
    """For how many days, and how many items are due."""

    def unit(tx: Transaction) -> tuple[int | None, int]:
        every = {each.workspace_id: each for each in records.list_retention_status(tx)}
        return every[caller.workspace_id].days, every[caller.workspace_id].due

    return database.read(unit)


@pytest.mark.case("GDPR-08")
@pytest.mark.parametrize(("plan", "days"), [("free", 7), ("starter", 30), ("growth", 90), ("pro", 365)])
def test_as_long_as_the_plan_says(tenant: Tenants, database: Database, clock: Clock, plan: str, days: int) -> None:
    caller = tenant()
    caller.new_feedback("Old")
    clock.advance(days=1)
    caller.new_feedback("New")
    keep(database, caller, plan=plan)
    clock.advance(days=days - 1)
    finish(database, RETAIN)
    assert shown(database, caller) == (days, 0)
    keep(database, caller, plan="pro_max")
    assert caller.count() == 2
    keep(database, caller, plan=plan)
    clock.advance(days=1)
    finish(database, RETAIN)
    keep(database, caller, plan="pro_max")
    assert [item["message"] for item in caller.get("/feedback").data] == ["New"]


@pytest.mark.case("GDPR-08")
def test_what_goes_with_an_item(tenant: Tenants, database: Database, client: Client, clock: Clock) -> None:
    caller = tenant()
    item = caller.new_feedback("Unusual word", userEmail="jane@example.com")
    file = upload(caller, picture(), feedbackId=item["id"]).data
    caller.post(f"/feedback/{item['id']}/notes", {"content": "Noted", "attachments": [file]})
    keep(database, caller, retention_days=10)
    assert shown(database, caller) == (10, 0)
    assert caller.get(f"/workspace/{caller.workspace_id}").data["settings"]["retentionDays"] == 10
    clock.advance(days=10, seconds=1)
    assert shown(database, caller) == (10, 1)
    finish(database, RETAIN)
    assert shown(database, caller) == (10, 0)
    check_problem(caller.get(f"/feedback/{item['id']}"), "not_found")
    assert caller.count(search="unusual") == caller.count(search="noted") == 0
    assert caller.get(f"/customers/{item['customerId']}").data["feedbackCount"] == 0
    check_problem(client.request("GET", path_of(file["url"])), "not_found")
    assert database.read(lambda tx: tx.all(_CAUSES, workspace=caller.workspace_id)) == [(item["id"], retention.CAUSE)]
    assert caller.get("/events", pageSize=100).json()["data"][-1]["event"] == "feedback.deleted"


def test_unlimited_unless_it_was_set(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    caller.new_feedback()
    clock.advance(days=4000)
    finish(database, RETAIN)
    assert (shown(database, caller), caller.count()) == ((None, 0), 1)
    keep(database, caller, retention_days=3999)
    keep(database, caller, retention_days=0)
    finish(database, RETAIN)
    assert (shown(database, caller), caller.count()) == ((None, 0), 1)


def test_nothing_is_kept_longer_than_the_plan_says(tenant: Tenants, database: Database) -> None:
    caller = tenant(plan="pro")
    keep(database, caller, retention_days=1000)
    assert shown(database, caller) == (365, 0)


def test_more_than_a_job_may_do(
    tenant: Tenants, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "JOB_SECONDS", 0)
    monkeypatch.setattr(retention, "_PART", 1)
    callers = [tenant(), tenant()]
    for caller in callers:
        for _ in range(3):
            caller.new_feedback()
        keep(database, caller, retention_days=1)
    clock.advance(days=2)
    finish(database, RETAIN)
    assert [caller.count() for caller in callers] == [0, 0]
