"""Ids tell what they name, sort by the time they were made, and are never the same."""

import base64
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.media.samples import picture, upload
from tests.support.clock import Clock
from tests.support.problems import rows_of
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def macro(caller: Tenant) -> Any:
    body = {
        "projectId": caller.project_id,
        "name": "Triage",
        "scope": "manual",
        "actions": [{"type": "set_priority", "params": {"priority": "high"}}],
    }
    return caller.post("/automations", body).json()


def run(caller: Tenant) -> str:
    """The id of one run of a macro."""
    made = macro(caller)
    caller.post(f"/automations/{made['id']}/run", {"feedbackId": caller.new_feedback()["id"]})
    return str(caller.get(f"/automations/{made['id']}/runs").json()["runs"][0]["id"])


def note(caller: Tenant) -> str:
    return str(caller.post(f"/feedback/{caller.new_feedback()['id']}/notes", {"content": "x"}).data["id"])


MADE: dict[str, Callable[[Tenant, Tenants], Any]] = {
    "ws": lambda caller, tenant: tenant().workspace_id,
    "user": lambda caller, tenant: tenant().user_id,
    "key": lambda caller, tenant: tenant.with_key(caller).key_id,
    "proj": lambda caller, tenant: caller.post("/projects", {"name": "x"}).data["id"],
    "w": lambda caller, tenant: caller.post("/widgets", {"projectId": caller.project_id, "name": "x"}).data["id"],
    "fb": lambda caller, tenant: caller.new_feedback()["id"],
    "cust": lambda caller, tenant: caller.post("/customers", {"name": "x"}).data["id"],
    "auto": lambda caller, tenant: macro(caller)["id"],
    "run": lambda caller, tenant: run(caller),
    "wh": lambda caller, tenant: caller.post("/webhooks", {"name": "x"}).data["id"],
    "req": lambda caller, tenant: caller.get("/workspaces").header("x-request-id"),
}


@pytest.mark.parametrize("prefix", MADE)
def test_an_id_has_the_prefix_of_its_kind_and_sorts_by_time(
    caller: Tenant, tenant: Tenants, clock: Clock, prefix: str
) -> None:
    found = []
    for _ in range(4):
        found.append(MADE[prefix](caller, tenant))
        clock.advance(0.002)
    assert all(re.fullmatch(rf"{prefix}_[0-9a-v]{{26}}", each) for each in found), found
    assert found == sorted(set(found))


def test_events_have_theirs(caller: Tenant, database: Database) -> None:
    caller.new_feedback()
    ids = re.findall(r"'(evt_[^']*)'", repr(rows_of(database, caller)["events"]))
    assert ids
    assert all(re.fullmatch(r"evt_[0-9a-v]{26}", each) for each in ids)


def test_comments_and_attachments_have_the_time_in_theirs(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback()["id"]
    for _ in range(2):
        clock.advance(61)
        now = int(clock.seconds)
        comment = caller.post(f"/feedback/{item}/comments", {"message": "x"}).data["id"]
        assert re.fullmatch(rf"cc_{now}_[0-9A-Za-z]{{8,}}", comment)
        attachment = upload(caller, picture(), feedbackId=item).data["id"]
        assert re.fullmatch(rf"att_{now}_[0-9A-Za-z]{{8,}}", attachment)


def test_notes_have_uuids_of_version_7(caller: Tenant, clock: Clock) -> None:
    found = []
    for _ in range(3):
        clock.advance(1)
        found.append(note(caller))
    assert [str(uuid.UUID(each)) for each in found] == found == sorted(set(found))
    assert {uuid.UUID(each).version for each in found} == {7}
    assert uuid.UUID(found[-1]).int >> 80 == int(clock.seconds) * 1000


def test_keys_for_the_public_and_secrets_of_webhooks(caller: Tenant) -> None:
    keys = [caller.post("/projects", {"name": "x"}).data["publicKey"] for _ in range(3)]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"pk_live_[0-9A-Za-z]{20,}", key) for key in keys)
    secrets = [caller.post("/webhooks", {"name": "x"}).data["secret"] for _ in range(3)]
    assert len(set(secrets)) == 3
    for secret in secrets:
        prefix, _, encoded = secret.partition("_")
        assert (prefix, len(base64.b64decode(encoded, validate=True))) == ("whsec", 32)
