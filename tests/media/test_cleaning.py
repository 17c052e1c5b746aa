"""What nobody needs goes: uploads never attached, files without a row, drafts of crashed processes."""

import os
from pathlib import Path

import pytest

from tests.media.samples import path_of, picture, upload
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.tenants import Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner
from userhero.server import composition


@pytest.fixture
def tidy(database: Database) -> Runner:
    """Does what is due."""
    return Runner(database, composition.job_table())


def _file(settings: Settings, url: str) -> Path:
    token = path_of(url).split("/")[2]
    return settings.data / "media" / "files" / token[:2] / token


def test_uploads_stay_only_where_they_are_used(
    tenant: Tenants, client: Client, clock: Clock, tidy: Runner, settings: Settings
) -> None:
    """UP-24."""
    someone = tenant()
    item = someone.new_feedback()
    unused, shot = (upload(someone, picture()).data["url"] for _ in range(2))
    loose, kept = (upload(someone, picture(), feedbackId=item["id"]).data for _ in range(2))
    someone.new_feedback(videoUrl=shot)
    someone.post(f"/feedback/{item['id']}/comments", {"attachments": [kept]})
    urls = [unused, loose["url"], shot, kept["url"]]
    tidy.run_due()
    clock.advance(hours=23, minutes=40)
    tidy.run_due()
    assert [client.request("GET", path_of(url)).status for url in urls] == [200, 200, 200, 200]
    clock.advance(hours=1)
    tidy.run_due()
    clock.advance(minutes=2)
    tidy.run_due()
    assert [client.request("GET", path_of(url)).status for url in urls] == [404, 404, 200, 200]
    assert [_file(settings, url).exists() for url in urls] == [False, False, True, True]


def test_the_file_follows_its_row(tenant: Tenants, clock: Clock, tidy: Runner, settings: Settings) -> None:
    someone = tenant()
    url = upload(someone, picture()).data["url"]
    item = someone.new_feedback(screenshotUrl=url)
    someone.delete(f"/feedback/{item['id']}")
    tidy.run_due()
    clock.advance(minutes=2)
    tidy.run_due()
    assert not _file(settings, url).exists()


def test_files_without_a_row_go_after_a_day(clock: Clock, tidy: Runner, settings: Settings) -> None:
    """UP-23: what a crash between file and row, or in the middle of an upload, leaves."""
    folder = settings.data / "media"
    old, young = folder / "files" / "zz" / ("z" * 32), folder / "files" / "zz" / ("y" * 32)
    old.parent.mkdir(exist_ok=True)
    drafts = [folder / "incoming" / "draft-old", folder / "incoming" / "draft-young"]
    for file in (old, young, *drafts):
        file.write_bytes(b"lost")
    tidy.run_due()
    clock.advance(days=2, hours=1)
    for file in (old, drafts[0]):
        os.utime(file, (clock.seconds - 90_000, clock.seconds - 90_000))
    for file in (young, drafts[1]):
        os.utime(file, (clock.seconds - 3000, clock.seconds - 3000))
    tidy.run_due()
    assert [file.exists() for file in (old, young, *drafts)] == [False, True, False, True]
    young.unlink()
    drafts[1].unlink()
