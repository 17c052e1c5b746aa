"""What nobody needs goes: uploads never attached, files without a row, drafts of crashed processes."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.media.samples import path_of, picture, upload
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from tests.support.waiting import held, wait_for_lock
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner
from userhero.media import attach
from userhero.media.actions import drop_forgotten
from userhero.server import composition


@pytest.fixture
def tidy(database: Database) -> Runner:
    """Does what is due."""
    return Runner(database, composition.job_table())


def _file(settings: Settings, url: str) -> Path:
    token = path_of(url).split("/")[2]
    return settings.data / "media" / "files" / token[:2] / token


@pytest.mark.case("UP-24")
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


def test_a_file_that_is_attached_at_the_last_moment_stays(
    tenant: Tenants, client: Client, clock: Clock, tidy: Runner, database: Database
) -> None:
    """Whoever cleans up has seen it unattached, and waits for who is attaching it."""
    someone = tenant()
    item = someone.new_feedback()["id"]
    file = upload(someone, picture(), feedbackId=item).data
    clock.advance(hours=25)
    with ThreadPoolExecutor(1) as pool:
        with held(database, lambda tx: attach(tx, item, [file["id"]]), kept=True):
            cleaning = pool.submit(tidy.run_due)
            wait_for_lock(database, cleaning)
        cleaning.result()
    assert client.request("GET", path_of(file["url"])).status == 200


def test_a_file_that_goes_at_the_last_moment_is_attached_no_more(
    tenant: Tenants, clock: Clock, database: Database
) -> None:
    """Whoever attaches it waits for who is cleaning up."""
    someone = tenant()
    item = someone.new_feedback()["id"]
    file = upload(someone, picture(), feedbackId=item).data
    clock.advance(hours=25)
    with ThreadPoolExecutor(1) as pool:
        with held(database, drop_forgotten, kept=True):
            comment = pool.submit(someone.post, f"/feedback/{item}/comments", {"attachments": [file]})
            wait_for_lock(database, comment)
        check_problem(comment.result(), "bad_request", field="attachments[0].id")
    assert someone.get(f"/feedback/{item}/comments").data == []


@pytest.mark.case("UP-23")
def test_the_file_follows_its_row(tenant: Tenants, clock: Clock, tidy: Runner, settings: Settings) -> None:
    someone = tenant()
    url = upload(someone, picture()).data["url"]
    item = someone.new_feedback(screenshotUrl=url)
    someone.delete(f"/feedback/{item['id']}")
    tidy.run_due()
    clock.advance(minutes=2)
    tidy.run_due()
    assert not _file(settings, url).exists()


@pytest.mark.case("UP-23")
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
