"""Every operation that writes either leaves the record of an act, one and the right one, or is no act at all."""

from typing import Any

import pytest

from tests.support.acts import AUDITED, NOT_ADMINISTRATIVE, log_of
from tests.support.operations import CALLS, ROUTES, send
from tests.support.problems import owned_tables
from tests.support.tenants import Tenants
from userhero.kernel.db import Database
from userhero.workspaces import AuditFilter, list_newest_acts

WRITES = {name for name, route in ROUTES.items() if route.method != "GET"}


def test_every_write_is_an_act_or_is_said_to_be_none() -> None:
    assert AUDITED.keys() | NOT_ADMINISTRATIVE.keys() == WRITES
    assert not AUDITED.keys() & NOT_ADMINISTRATIVE.keys()


def test_whoever_is_refused_leaves_no_record() -> None:
    """Every refusal is tested to change no row of a workspace: here, that rows of the log are among these."""
    assert "audit_log" in owned_tables()


@pytest.mark.parametrize("name", sorted(AUDITED))
def test_an_act_leaves_one_record(tenant: Tenants, name: str) -> None:
    caller, expected = tenant(), AUDITED[name]
    call = CALLS[name](caller)
    before = log_of(caller)
    answer = send(caller, ROUTES[name], call, headers=[("user-agent", "curl/8.5.0")])
    assert answer.status == ROUTES[name].status, answer
    (record,) = (each for key, each in log_of(caller).items() if key not in before)
    answered = answer.json()
    subject = call.path[expected.subject] if expected.subject else answered.get("data", answered)["id"]
    assert record["act"] == expected.act
    assert (record["subject"]["type"], record["subject"]["id"]) == (expected.act.partition(".")[0], subject)
    assert record["actor"] == {
        "userId": caller.user_id, "name": "Jane Smith", "via": "key", "credentialId": caller.key_id
    }  # fmt: skip
    assert record["workspaceId"] == caller.workspace_id
    assert record["requestId"] == answer.header("x-request-id")
    assert (record["address"], record["userAgent"]) == ("127.0.0.1", "curl/8.5.0")
    check_values(record)


def check_values(record: dict[str, Any]) -> None:
    """There is a before and an after as the verb has it, and where there are both, they differ in everything."""
    before, after = record["before"], record["after"]
    match record["act"].partition(".")[2]:
        case "created" | "merged" | "redelivered" | "requested" | "erased":
            assert before is None
            assert after
        case "deleted":
            assert before
            assert after is None
        case "updated":
            assert after
            assert before.keys() == after.keys()
            assert all(before[name] != after[name] for name in after)
        case verb:
            assert verb == "secret_rotated"
            assert before is after is None


@pytest.mark.parametrize("name", sorted(NOT_ADMINISTRATIVE))
def test_other_work_leaves_none(tenant: Tenants, name: str) -> None:
    caller = tenant()
    call = CALLS[name](caller)
    before = log_of(caller)
    assert send(caller, ROUTES[name], call).status == ROUTES[name].status
    assert log_of(caller) == before


@pytest.mark.parametrize("name", sorted(name for name in AUDITED if ROUTES[name].method != "DELETE"))
def test_a_repeated_request_leaves_no_second_record(tenant: Tenants, name: str) -> None:
    caller = tenant()
    call = CALLS[name](caller)
    send(caller, ROUTES[name], call, headers=[("idempotency-key", "k")])
    before = log_of(caller)
    again = send(caller, ROUTES[name], call, headers=[("idempotency-key", "k")])
    assert again.header("idempotent-replayed") == "true"
    assert log_of(caller) == before


def test_what_changes_nothing_is_no_act(tenant: Tenants) -> None:
    """Changes to what is there already."""
    caller = tenant()
    for name in sorted(name for name in AUDITED if ROUTES[name].method == "PATCH"):
        call = CALLS[name](caller)
        send(caller, ROUTES[name], call)
        before = log_of(caller)
        assert send(caller, ROUTES[name], call).status == 200
        assert log_of(caller) == before, name


def test_the_operator_sees_the_same(tenant: Tenants, database: Database) -> None:
    """The log of one workspace, at the command line and over the API."""
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"name": "Renamed"})
    found = database.read(lambda tx: list_newest_acts(tx, AuditFilter(workspace=caller.workspace_id)))
    assert (
        caller.request("GET", "/audit-log", workspaceId=caller.workspace_id)
        .body.decode()
        .startswith(f'{{"data":[{",".join(found)}]')
    )
