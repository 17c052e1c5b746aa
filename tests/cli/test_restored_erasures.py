"""A backup from before an erasure does not bring anybody back."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cli.conftest import CommandLine
from tests.support.live import LiveServer
from tests.support.tenants import Tenant
from userhero.kernel import clock
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Statement
from userhero.kernel.instance import open_database
from userhero.records.actions.erase import EVIDENCE_DAYS
from userhero.records.erasing import erase_rest
from userhero.records.redoing import forget_notes
from userhero.records.tables import erasures as table

Serve = Callable[..., LiveServer]
_GOING = Statement(select(table.c.id).where(table.c.finished_at.is_(None)))
NOTES = Path("media", "files", "erasures")


@contextmanager
def opened(userhero: CommandLine) -> Iterator[Database]:
    instance = userhero.instance
    database = open_database(Settings(data=instance.data, database=instance.url))
    try:
        yield database
    finally:
        database.close()


def forget_for_good(userhero: CommandLine, caller: Tenant, customer_id: str) -> None:
    """Erase somebody, and have all of it done; the server is stopped afterwards."""
    erasure = caller.post(f"/customers/{customer_id}/erase", {}).data["id"]
    with opened(userhero) as database:
        erase_rest(database, erasure)
    assert caller.get(f"/erasures/{erasure}").data["status"] == "done"


def find(server: LiveServer, caller: Tenant, path: str) -> int:
    return server.client.request(
        "GET", f"/api/v1{path}?workspaceId={caller.workspace_id}", headers=[caller.authorization]
    ).status


@pytest.mark.case("GDPR-04")
def test_a_restore_does_not_bring_them_back(
    userhero: CommandLine, elsewhere: CommandLine, serve: Serve, tmp_path: Path
) -> None:
    """Not to the same place, nor to another that has the notes; to one without notes it does, which shows them at work.
    Who had been merged into them stays away too.
    """
    server, file = serve(userhero.instance), str(tmp_path / "backup.tar")
    caller = server.tenant()
    erased, merged, other = (
        caller.post("/customers", {"name": name, "primaryEmail": f"{name}@example.com"}).data["id"]
        for name in ("erased", "merged", "other")
    )
    item = caller.new_feedback("Theirs", userEmail="erased@example.com")["id"]
    userhero("backup", file)
    caller.post(f"/customers/{erased}/merge", {"sourceCustomerId": merged})
    forget_for_good(userhero, caller, erased)
    server.stop()
    assert len(list((userhero.instance.data / NOTES).iterdir())) == 2

    elsewhere("restore", file)
    without = serve(elsewhere.instance)
    assert [find(without, caller, f"/customers/{each}") for each in (erased, merged, other)] == [200, 200, 200]
    without.stop()

    shutil.copytree(userhero.instance.data / NOTES, elsewhere.instance.data / NOTES)
    for place in (elsewhere, userhero):
        place("restore", file, "--force")
        again = serve(place.instance)
        assert [find(again, caller, f"/customers/{each}") for each in (erased, merged, other)] == [404, 404, 200]
        finish(place, again)
        assert find(again, caller, f"/feedback/{item}") == 404
        again.stop()


def finish(place: CommandLine, server: LiveServer) -> None:
    """Let the jobs end that go on with erasures."""
    if place.instance.url is not None:
        with opened(place) as database:
            for erasure in erasures(database):
                erase_rest(database, erasure)
        return
    server.process.wait_until(lambda: not pending(place))


def erasures(database: Database) -> list[str]:
    return database.read(lambda tx: tx.texts(_GOING))


def pending(place: CommandLine) -> bool:
    with opened(place) as database:
        return bool(erasures(database))


def test_notes_go_with_the_evidence(userhero: CommandLine) -> None:
    with opened(userhero) as database:
        folder = userhero.instance.data / NOTES
        folder.mkdir(parents=True)
        old, new = folder / "ws_a.cust_a.delete", folder / "ws_a.cust_b.delete"
        for file, days in ((old, EVIDENCE_DAYS + 1), (new, EVIDENCE_DAYS - 1)):
            file.touch()
            moment = clock.seconds() - days * 86_400
            os.utime(file, (moment, moment))
        forget_notes(database)
        assert [file.name for file in folder.iterdir()] == [new.name]
