"""Background work at the command line."""

from tests.cli.conftest import CommandLine
from userhero.kernel.config import Settings
from userhero.kernel.instance import open_database
from userhero.kernel.jobs import enqueue


def test_what_is_due_is_done_now_or_as_if_it_were_later(userhero: CommandLine) -> None:
    assert userhero("jobs", "run").json["done"] >= 2, "what was never done is due"
    assert userhero("jobs", "run", "--json").out.count("\n") == 1
    assert userhero("jobs", "run", "--now", "2099-01-01T00:00:00Z").json["done"] >= 2


def test_what_waits_can_be_seen(userhero: CommandLine) -> None:
    assert userhero("jobs", "list").out == "No jobs wait, and none failed.\n"
    database = open_database(Settings(data=userhero.instance.data, database=userhero.instance.url))
    database.write(lambda tx: enqueue(tx, "test.waits", {}, run_at="2099-01-01T00:00:00.000Z"))
    database.close()
    (job,) = userhero("jobs", "list", "--json").json
    assert (job["kind"], job["runAt"], job["attempts"], job["failedAt"]) == (
        "test.waits",
        "2099-01-01T00:00:00.000Z",
        0,
        None,
    )
    assert "test.waits" in userhero("jobs", "list").out
