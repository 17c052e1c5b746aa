"""SQLite's log is moved into the file beside the writer, and does not grow without end."""

from functools import partial

import pytest

from tests.support.databases import Instances
from userhero.kernel.config import Settings
from userhero.kernel.db import checkpoints, sqlite
from userhero.kernel.db.sqlite import connect
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.instance import find_fact, open_database, set_fact

_WRITES, _BYTES = 200, 100_000


@pytest.mark.case("DUR-12")
def test_the_log_of_a_writer_who_never_pauses_stays_short(
    instances: Instances, monkeypatch: pytest.MonkeyPatch
) -> None:
    if instances.engine != "sqlite":
        pytest.skip("PostgreSQL sees to its log itself")
    monkeypatch.setattr(checkpoints, "_WORTHWHILE", 50)
    monkeypatch.setattr(checkpoints, "_LONG", 100)
    monkeypatch.setattr(checkpoints, "_PAUSE_SECONDS", 0.001)
    instance = instances.make()
    database = open_database(Settings(data=instance.data))
    log = instance.data / "userhero.db-wal"
    sizes = []
    for number in range(_WRITES):
        database.write(partial(set_fact, name="long", value=f"{number:08}" * (_BYTES // 8)))
        sizes.append(log.stat().st_size)
    assert max(sizes) < _WRITES * _BYTES / 2
    database.close()
    assert not log.exists()
    again = open_database(Settings(data=instance.data))
    assert again.read(lambda tx: find_fact(tx, "long")) == f"{_WRITES - 1:08}" * (_BYTES // 8)
    again.close()


@pytest.mark.case("DUR-12")
def test_a_reader_who_takes_long_holds_nobody_up(instances: Instances, monkeypatch: pytest.MonkeyPatch) -> None:
    if instances.engine != "sqlite":
        pytest.skip("PostgreSQL sees to its log itself")
    for name, value in (("_WORTHWHILE", 5), ("_LONG", 10), ("_BEHIND", 10), ("_FAR_BEHIND", 20)):
        monkeypatch.setattr(checkpoints, name, value)
    monkeypatch.setattr(checkpoints, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(checkpoints, "_PATIENCE_SECONDS", 600.0)
    instance = instances.make()
    database = open_database(Settings(data=instance.data))
    reader = sqlite.connect(instance.data / "userhero.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM instance_facts").fetchone()
    for number in range(20):
        database.write(partial(set_fact, name="long", value=f"{number:08}" * (_BYTES // 8)))
    reader.close()
    database.close()


def test_a_log_that_can_not_be_moved_does_not_end_the_writer(instances: Instances) -> None:
    """As on a full disk; here it can't because the connection is within a transaction."""
    if instances.engine != "sqlite":
        pytest.skip("PostgreSQL sees to its log itself")
    path = instances.make().data / "userhero.db"
    moving, writer = checkpoints.Checkpoints(connect(path)), connect(path)
    moving._is_long = True
    left = []
    for statement in ("BEGIN IMMEDIATE", "ROLLBACK"):
        writer.execute(statement)
        moving.committed(writer)
        left.append(moving._is_long)
    assert left == [True, False]
    moving.stop()
    writer.close()


def test_a_log_that_can_not_be_looked_at_holds_nobody_up(instances: Instances, monkeypatch: pytest.MonkeyPatch) -> None:
    if instances.engine != "sqlite":
        pytest.skip("PostgreSQL sees to its log itself")
    monkeypatch.setattr(checkpoints, "_PATIENCE_SECONDS", 600.0)
    path = instances.make().data / "userhero.db"
    closed, writer = connect(path), connect(path)
    moving = checkpoints.Checkpoints(closed)
    closed.close()
    moving._left = checkpoints._FAR_BEHIND
    moving._caught_up.clear()
    moving.committed(writer)
    moving.catch_up()
    assert moving._left == 0
    moving.stop()
    writer.close()


def test_a_file_that_can_not_be_opened_is_tried_again(instances: Instances) -> None:
    if instances.engine != "sqlite":
        pytest.skip("PostgreSQL has connections of its own")
    path = instances.make().data / "userhero.db"
    opened = open_database(Settings(data=path.parent))
    opened.close()
    database = sqlite.SqliteDatabase(path, opened.keys, opened.storage, opened.mailer, opened.outbound, audit_days=1)
    kept = path.rename(path.with_suffix(".kept"))
    path.mkdir()
    with pytest.raises(ServiceUnavailable):
        database.write(partial(set_fact, name="written", value="no"))
    path.rmdir()
    kept.rename(path)
    database.write(partial(set_fact, name="written", value="yes"))
    assert database.read(lambda tx: find_fact(tx, "written")) == "yes"
    database.close()
