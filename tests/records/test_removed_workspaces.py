"""A workspace that is deleted: at once nobody gets in, then nothing of it is left. Its neighbours keep all they had."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.media.samples import path_of
from tests.records.archives import download, exported
from tests.records.leftovers import find_left
from tests.records.test_erasures import Canary
from tests.support.client import Client
from tests.support.databases import Instance
from tests.support.problems import check_problem, owned_tables, rows_of, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish, settle
from userhero import records
from userhero.kernel.audit import audit_log
from userhero.kernel.db import Database, Statement, Transaction, metadata
from userhero.kernel.errors import Invalid, NotFound
from userhero.kernel.jobs import list_jobs
from userhero.records import clearing
from userhero.records.actions.export import REMOVE
from userhero.records.actions.remove_workspace import REMOVE_WORKSPACE
from userhero.records.belongings import CHUNK, tables

_log = audit_log.c
_ACTS = Statement(select(_log.act, _log.actor_id, _log.workspace_id).where(_log.subject_id == bindparam("subject")))
# Theirs who were in it.
MINE = frozenset({"users", "api_keys", "sessions", "idempotency_keys"})


def deleted(database: Database, workspace_id: str, name: str = "Acme Inc") -> None:
    database.write(lambda tx: records.delete_workspace(tx, workspace_id, name=name))


def left_of(database: Database, caller: Tenant) -> dict[str, int]:
    """The tables that still have rows of a workspace; what belongs to accounts stays."""
    return {name: len(rows) for name, rows in rows_of(database, caller).items() if rows and name not in MINE}


@pytest.mark.case("TEN-23")
def test_nothing_is_left(
    tenant: Tenants,
    database: Database,
    instance: Instance,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canary, neighbour = Canary(tenant()), Canary(tenant())
    caller = canary.caller
    hook = caller.post("/webhooks", {"name": "In", "projectId": caller.project_id}).data
    for number in range(CHUNK + 1):
        caller.new_feedback(f"{canary.message} {number}")
    settle(database)
    archive = exported(caller, database, includeMedia=True)
    file = path_of(caller.get(f"/feedback/{canary.item}").data["screenshotUrl"])
    entrance = "/api/" + hook["url"].partition("/api/")[2]
    assert client.request("GET", file).status == 200
    assert client.request("POST", entrance).status == 401
    words = [*canary.who, *canary.words]
    # The control: what is looked for would be found.
    assert {each.partition(" in ")[0] for each in find_left(instance, words, tmp_path)} >= {
        canary.email,
        canary.message,
    }
    monkeypatch.setattr(clearing, "JOB_SECONDS", 0.0)
    with unchanged(database, neighbour.caller):
        deleted(database, caller.workspace_id)
        assert caller.get("/workspaces").data == []
        check_problem(caller.get(f"/feedback/{canary.item}"), "not_found")
        check_problem(caller.post("/feedback", {"projectId": caller.project_id, "message": "x"}), "not_found")
        assert (
            client.request("POST", hook["url"].partition("/api/")[1] + hook["url"].partition("/api/")[2]).status == 404
        )
        finish(database, REMOVE_WORKSPACE)
        settle(database, REMOVE, "media.remove")
    assert left_of(database, caller) == {}
    assert find_left(instance, words, tmp_path) == []
    check_problem(client.request("GET", file), "not_found")
    check_problem(download(client, archive["url"]), "not_found")
    assert [job for job in database.read(list_jobs) if job.failed_at] == []
    (record,) = database.read(lambda tx: _acts(tx, caller.workspace_id))
    assert record == ("workspace.deleted", "operator", None)


def _acts(tx: Transaction, workspace_id: str) -> list[tuple[Any, ...]]:
    """What the installation's log says of a workspace."""
    return [tuple(row) for row in tx.all(_ACTS, subject=workspace_id)]


@pytest.mark.case("TEN-23")
def test_the_name_has_to_be_typed(tenant: Tenants, database: Database) -> None:
    caller, other = tenant(), tenant()
    with unchanged(database, caller, other):
        with pytest.raises(Invalid, match="is not the name"):
            deleted(database, caller.workspace_id, "Acme")
        with pytest.raises(NotFound):
            deleted(database, "ws_nothing")


@pytest.mark.case("TEN-23")
def test_every_table_of_a_workspace_is_emptied() -> None:
    """A new table is neither forgotten, nor emptied after those that would take its rows along, many at once."""
    order = tables()
    assert owned_tables() - MINE <= set(order)
    for name in order:
        above = {key.column.table.name for key in metadata.tables[name].foreign_keys} & set(order)
        assert all(order.index(name) < order.index(each) for each in above), name
