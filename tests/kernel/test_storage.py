"""The two stores keep the same promises: a directory of this machine, and a bucket of a real S3 server process."""

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.live import clean_environment, free_port
from tests.support.processes import Process
from userhero.kernel import clock
from userhero.kernel.config import ConfigurationError, Settings, load
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.storage import Storage, draft, open_storage, sweep_drafts

CONTENT = bytes(range(256)) * 4096


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server with a bucket named ``files``."""
    port = free_port()
    log = tmp_path_factory.mktemp("s3") / "server.log"
    command: list[str | Path] = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = Process(command, log, env=clean_environment())
    address = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        try:
            bucket(address).create_bucket(Bucket="files")
        except Exception:  # noqa: BLE001  (whatever it is, it is not ready)
            return False
        return True

    server.wait_until(is_ready)
    yield address
    server.kill()


def bucket(address: str) -> Any:
    """An independent client of the same server."""
    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="secret"
    )


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A store of each kind."""
    if request.param == "local":
        return open_storage(Settings(data=tmp_path))
    address = request.getfixturevalue("s3")
    place = f"s3://files/{tmp_path.name}?endpoint={address}&region=us-east-1"
    return open_storage(Settings(data=tmp_path, storage=place, storage_key_id="id", storage_secret="secret"))


def put(store: Storage, name: str, content: bytes) -> None:
    descriptor, path = draft(store.incoming)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    store.put(name, path)
    path.unlink(missing_ok=True)


def read(store: Storage, name: str, start: int, end: int) -> bytes:
    async def collect() -> bytes:
        return b"".join([chunk async for chunk in store.read(name, start, end)])

    return asyncio.run(collect())


def test_what_was_put_can_be_read(store: Storage) -> None:
    put(store, "ab/abc", CONTENT)
    size = len(CONTENT)
    for start, end in ((0, size), (0, 1), (5, 300_000), (size - 1, size), (0, 0)):
        assert read(store, "ab/abc", start, end) == CONTENT[start:end]
    assert list(store.incoming.iterdir()) == []


def test_large_files_go_in_parts(store: Storage) -> None:
    content = CONTENT * 12
    put(store, "ab/large", content)
    assert read(store, "ab/large", 0, len(content)) == content


def test_a_file_that_is_not_there(store: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        read(store, "no/such", 0, 5)
    store.delete("no/such")


def test_deleted_files_are_gone(store: Storage) -> None:
    put(store, "ab/abc", b"hello")
    store.delete("ab/abc")
    with pytest.raises(FileNotFoundError):
        read(store, "ab/abc", 0, 5)
    assert [file.name for file in store.all()] == []


def test_every_file_is_listed_under_its_own_name(store: Storage) -> None:
    before = clock.seconds() - 5
    for name in ("ab/abc", "cd/cde"):
        put(store, name, b"hello")
    found = {file.name: file.written_at for file in store.all()}
    assert found.keys() == {"ab/abc", "cd/cde"}
    assert all(before < written < before + 60 for written in found.values())


def test_the_bucket_has_the_file_under_its_prefix(tmp_path: Path, s3: str) -> None:
    place = f"s3://files/some/folder?endpoint={s3}"
    store = open_storage(Settings(data=tmp_path, storage=place, storage_key_id="id", storage_secret="secret"))
    put(store, "ab/abc", b"hello")
    assert bucket(s3).get_object(Bucket="files", Key="some/folder/ab/abc")["Body"].read() == b"hello"


def test_a_bucket_that_can_not_be_reached(tmp_path: Path) -> None:
    place = f"s3://files?endpoint=http://127.0.0.1:{free_port()}"
    store = open_storage(Settings(data=tmp_path, storage=place, storage_key_id="id", storage_secret="secret"))
    with pytest.raises(ServiceUnavailable):
        put(store, "ab/abc", b"hello")


@pytest.mark.case("UP-25")
def test_a_full_disk_is_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """UP-25."""
    store = open_storage(Settings(data=tmp_path))
    put(store, "ab/old", b"earlier")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ServiceUnavailable, match="no room"):
        put(store, "ab/new", CONTENT)
    with pytest.raises(FileNotFoundError):
        read(store, "ab/new", 0, 5)
    assert read(store, "ab/old", 0, 7) == b"earlier"


@pytest.mark.case("UP-23")
def test_only_old_drafts_are_swept(tmp_path: Path) -> None:
    store = open_storage(Settings(data=tmp_path))
    descriptor, old = draft(store.incoming)
    os.close(descriptor)
    descriptor, young = draft(store.incoming)
    os.close(descriptor)
    os.utime(old, (1000, 1000))
    assert sweep_drafts(store.incoming, 2000) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_the_files_are_for_this_user_alone(tmp_path: Path) -> None:
    open_storage(Settings(data=tmp_path))
    modes = {folder.name: folder.stat().st_mode & 0o777 for folder in (tmp_path / "media").iterdir()}
    assert modes == {"files": 0o700, "incoming": 0o700}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("storage", "files"),
        ("storage", "https://bucket.example.com"),
        ("storage", "s3://"),
        ("media_origin", "media.example.com"),
        ("media_origin", "https://example.com/media"),
        ("media_origin", "ftp://example.com"),
    ],
)
def test_settings_that_can_not_work_are_refused(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=setting.replace("_", "-")):
        load({setting: value}, environ={})


def test_unknown_options_of_a_store_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="storage"):
        open_storage(Settings(data=tmp_path, storage="s3://files?colour=red"))
