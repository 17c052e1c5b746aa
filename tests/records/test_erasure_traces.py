"""What tells of somebody by other means than an address, and erasures that meet others or take long."""

from pathlib import Path
from typing import Any

import pytest

from tests.records.leftovers import find_left
from tests.records.test_erasures import Canary, erased
from tests.support.databases import Instance
from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from tests.support.work import finish, settle
from userhero.kernel.db import Database
from userhero.records import erasing
from userhero.records.actions.erase import ERASE
from userhero.records.erasure_queries import find_of_customer


@pytest.mark.parametrize("content", ["delete", "keep"])
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "not_yet_told"])
def test_notices_of_what_they_said_on_items_of_others(
    tenant: Tenants, database: Database, instance: Instance, tmp_path: Path, content: str, is_told: bool
) -> None:
    """A notice and its mail quote a comment and name who wrote it, but hold no address of theirs."""
    caller = tenant()
    canary = Canary(caller)
    watcher = tenant.colleague(caller, "member")
    caller.patch(f"/feedback/{canary.other['id']}", {"assigneeId": caller.user_id, "watcherIds": [watcher.user_id]})
    said = {"authorType": "customer", "authorEmail": canary.second, "message": f"{canary.said} again"}
    for name in (f'{canary.name}  "the first"', canary.name * 12):
        caller.post(f"/feedback/{canary.other['id']}/comments", {**said, "authorName": name[:200]})
    others = {"authorType": "customer", "authorName": "Other", "authorEmail": "other@example.com", "message": "Oh"}
    caller.post(f"/feedback/{canary.other['id']}/comments", others)
    if is_told:
        settle(database)
    erased(canary, database, content=content)
    settle(database)
    words = [canary.name, *([canary.said] if content == "delete" else [])]
    assert find_left(instance, words, tmp_path) == []


def test_one_that_takes_longer_than_a_job_may(
    tenant: Tenants, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = Canary(tenant())
    settle(database)
    monkeypatch.setattr(erasing, "JOB_SECONDS", 0)
    monkeypatch.setattr(erasing, "PAGE", 2)
    erasure_id = canary.caller.post(f"/customers/{canary.id}/erase").data["id"]
    for _ in range(400):
        erasing.erase_rest(database, erasure_id)
    assert canary.caller.get(f"/erasures/{erasure_id}").data["status"] == "done"


def test_the_answer_about_a_card_is_forgotten(tenant: Tenants, database: Database) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    item = caller.new_feedback(canary.message, userEmail=canary.email)["id"]
    path, key = f"/workflows/{canary.workflow}/items", [("idempotency-key", "card")]
    caller.post(path, {"feedbackId": item}, headers=key)
    mine = {"feedbackId": caller.new_feedback("Mine", userEmail="other@example.com")["id"]}
    kept = caller.post(path, mine, headers=[("idempotency-key", "mine")]).data
    erased(canary, database)
    check_problem(caller.post(path, {"feedbackId": item}, headers=key), "not_found")
    assert caller.post(path, mine, headers=[("idempotency-key", "mine")]).data == kept


def test_two_ask_at_once(tenant: Tenants, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL both find none, and one waits for the other to end."""
    canary = Canary(tenant())
    first = canary.caller.post(f"/customers/{canary.id}/erase").data
    first_look = iter([True])
    monkeypatch.setattr(
        "userhero.records.actions.erase.find_of_customer",
        lambda *args: None if next(first_look, False) else find_of_customer(*args),
    )
    again = canary.caller.post(f"/customers/{canary.id}/erase")
    assert (again.status, again.data["id"]) == (201, first["id"])
    finish(database, ERASE)


def test_an_address_at_the_start_of_a_line(
    tenant: Tenants, database: Database, instance: Instance, tmp_path: Path
) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    caller.post(f"/feedback/{canary.item}/comments", {"authorType": "agent", "message": f"See:\n{canary.email}"})
    caller.patch(f"/feedback/{canary.other['id']}", {"assigneeId": caller.user_id})
    message = f"Please tell them:\n{canary.email}"
    new = caller.new_feedback("Third", userEmail="third@example.com")
    comment: Any = caller.post(f"/feedback/{new['id']}/comments", {"authorType": "agent", "message": message}).data
    settle(database)
    erased(canary, database)
    left = [each for each in find_left(instance, [canary.email], tmp_path) if "messages" not in each]
    events = str(caller.get("/events", pageSize=100).json())
    assert comment["id"] in str(caller.get(f"/feedback/{new['id']}").json())
    assert canary.email not in events, left
