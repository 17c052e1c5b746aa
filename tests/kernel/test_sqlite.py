"""How SQLite is opened: so that a commit is on disk, and never in a release that can corrupt its file."""

from pathlib import Path

import pytest

from userhero.kernel.db.sqlite import connect, is_safe


@pytest.mark.case("DUR-01")
def test_settings_of_a_connection(tmp_path: Path) -> None:
    connection = connect(tmp_path / "userhero.db")
    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    version = connection.execute("SELECT sqlite_version()").fetchone()[0]
    connection.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    assert is_safe(version)


@pytest.mark.case("DUR-01")
@pytest.mark.parametrize("version", ["3.44.6", "3.50.7", "3.51.3", "3.52.1", "3.53.0", "4.0.0"])
def test_releases_that_are_taken(version: str) -> None:
    assert is_safe(version)


@pytest.mark.case("DUR-01")
@pytest.mark.parametrize("version", ["3.40.1", "3.44.5", "3.45.0", "3.50.6", "3.51.2", "3.52.0"])
def test_releases_that_are_not(version: str) -> None:
    assert not is_safe(version)
