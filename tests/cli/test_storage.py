"""Checking an installation, and bringing it back from a backup."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.support.databases import Instances
from tests.support.faults import run
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.traffic import Traffic

Serve = Callable[..., LiveServer]
SETUP = ("setup", "--email", "owner@example.com", "--workspace", "Acme")


def checks(userhero: CommandLine, *, code: int) -> dict[str, bool]:
    found = userhero("check", "--json", code=code).json
    assert found["ok"] is (code == 0)
    return {check["name"]: check["ok"] for check in found["checks"]}


def test_a_sound_installation(userhero: CommandLine) -> None:
    userhero(*SETUP)
    assert set(checks(userhero, code=0).values()) == {True}
    assert "WRONG" not in userhero("check").out


def test_nothing_is_made_by_looking(userhero: CommandLine) -> None:
    before = sorted(userhero.instance.data.iterdir())
    assert checks(userhero, code=1)["schema"] is False
    assert sorted(userhero.instance.data.iterdir()) == before


@pytest.mark.case("DUR-25")
def test_what_check_finds(userhero: CommandLine, engine: str) -> None:
    userhero(*SETUP)
    secret = userhero.instance.data / "secret.key"
    secret.chmod(0o644)
    assert checks(userhero, code=1)["files"] is False
    secret.chmod(0o600)
    kept = secret.read_text("ascii")
    secret.write_text("f" * 64, "ascii")
    assert checks(userhero, code=1)["secret key"] is False
    secret.write_text(kept, "ascii")
    run(userhero.instance.address, "UPDATE alembic_version SET version_num = '0001'")
    assert checks(userhero, code=1)["schema"] is False


def test_check_finds_rows_that_point_nowhere(userhero: CommandLine, engine: str) -> None:
    if engine != "sqlite":
        pytest.skip("PostgreSQL does not let it come to that")
    userhero(*SETUP)
    run(userhero.instance.address, "DELETE FROM users")
    found = checks(userhero, code=1)
    assert [name for name, ok in found.items() if not ok] == ["integrity"]


@pytest.mark.case("DUR-21")
def test_a_backup_taken_from_a_running_server_brings_everything_back(
    userhero: CommandLine, elsewhere: CommandLine, serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    server = serve(userhero.instance)
    caller = server.tenant()
    item = caller.new_feedback("Kept")
    uploaded = userhero.instance.data / "media" / "files" / "ab" / "cd"
    uploaded.parent.mkdir(parents=True, exist_ok=True)
    uploaded.write_bytes(b"picture")
    file = tmp_path / "backup.tar"
    made = userhero("backup", str(file)).json
    assert made["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".userhero-*")) == []
    assert "stop it to restore" in userhero("restore", str(file), "--force", code=1).err
    caller.new_feedback("Too late")
    server.stop()

    elsewhere("restore", str(file))
    assert checks(elsewhere, code=0)
    assert (elsewhere.instance.data / "media" / "files" / "ab" / "cd").read_bytes() == b"picture"
    again = serve(elsewhere.instance)
    headers = [caller.authorization]
    found = again.client.request("GET", f"/api/v1/feedback?workspaceId={caller.workspace_id}", headers=headers).data
    assert [each["id"] for each in found] == [item["id"]]
    again.stop()


@pytest.mark.case("DUR-21")
@pytest.mark.figure(no="H14")
def test_backups_taken_under_load(
    userhero: CommandLine, elsewhere: CommandLine, serve: Serve, tmp_path: Path, long: bool, measured: Measured
) -> None:
    """Each holds all that was acknowledged before it began, nothing half, and starts."""
    server = serve(userhero.instance, env={"USERHERO_RATE_LIMIT": "1000000"})
    drills, restored = 20 if long else 1, 0
    traffic = Traffic(server.tenant())
    for number in range(drills):
        traffic.enough_at = len(traffic.acknowledged) + 20
        traffic.enough.clear()
        traffic.stopping.clear()
        traffic.start(3, f"{number}")
        assert traffic.enough.wait(60)
        before = set(traffic.acknowledged)
        userhero("backup", str(tmp_path / "backup.tar"))
        traffic.stop()
        elsewhere("restore", str(tmp_path / "backup.tar"), "--force")
        again = serve(elsewhere.instance)
        account = traffic.audit(again.database)
        assert not before & set(account.lost)
        assert not [*account.doubled, *account.made_up], account
        found = again.client.request(
            "GET", f"/api/v1/feedback?workspaceId={traffic.caller.workspace_id}", headers=[traffic.caller.authorization]
        )
        assert found.status == 200
        again.stop()
        assert checks(elsewhere, code=0)
        restored += account.there
    measured(attempts=drills, found=f"{drills} of {drills} restored, with {restored:,} writes held against them")


def test_a_restore_replaces_only_when_told_to(userhero: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    userhero(*SETUP)
    userhero("backup", str(file))
    userhero("user", "create", "--email", "late@example.com", "--name", "Late")
    assert "--force" in userhero("restore", str(file), code=1).err
    userhero("key", "list", "--email", "late@example.com")
    userhero("restore", str(file), "--force")
    userhero("key", "list", "--email", "late@example.com", code=1)
    userhero("key", "list", "--email", "owner@example.com")


def test_what_can_not_be_restored(userhero: CommandLine, instances: Instances, tmp_path: Path) -> None:
    assert "there is no file" in userhero("restore", str(tmp_path / "nothing.tar"), code=1).err
    (tmp_path / "text.tar").write_text("not an archive", "ascii")
    assert "is not a backup" in userhero("restore", str(tmp_path / "text.tar"), code=1).err
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / "text.tar", "text")
    assert "is not a backup" in userhero("restore", str(tmp_path / "other.tar"), code=1).err
    assert "there is no database" in userhero("backup", str(tmp_path / "new.tar"), code=1).err
    assert not (tmp_path / "new.tar").exists()


def test_a_backup_that_reaches_outside_is_refused(userhero: CommandLine, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        (tmp_path / "evil").write_text("evil", "ascii")
        tar.add(tmp_path / "evil", "../../evil")
    assert "is not a backup" in userhero("restore", str(tmp_path / "evil.tar"), code=1).err
    assert list(userhero.instance.data.parent.glob("evil*")) == []
