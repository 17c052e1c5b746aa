"""Jobs reach the mail server through the database object, and its password shows nowhere."""

from collections.abc import Callable

import pytest

from tests.support.databases import Instances
from tests.support.live import LiveServer
from tests.support.mail_servers import HOST, post_office
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.db import Database
from userhero.kernel.instance import find_fact, open_database, set_fact
from userhero.kernel.jobs import Job, Jobs, JobTable, Runner, enqueue
from userhero.kernel.mail import Delayed, Letter, Mailbox, Refused, Sent


def test_a_job_sends_a_letter_outside_of_any_transaction(instances: Instances) -> None:
    jobs = Jobs()

    @jobs.outside("test.mail")
    def deliver(database: Database, job: Job) -> None:
        assert database.mailer.sender is not None
        letter = Letter(
            id="mail_1",
            sender=Mailbox(database.mailer.sender.address, "Team"),
            recipient=Mailbox(job.payload["to"]),
            subject="Hello",
            text="Good day.",
        )
        match database.mailer.send(letter):
            case Sent(reply=words) | Refused(reason=words) | Delayed(reason=words):
                database.write(lambda tx: set_fact(tx, "mail", words))

    instance = instances.make()
    with post_office() as post:
        settings = Settings(
            data=instance.data,
            database=instance.url,
            smtp_url=f"smtp://{HOST}:{post.port}",
            mail_from="Acme <feedback@example.com>",
        )
        database = open_database(settings)
        try:
            database.write(lambda tx: enqueue(tx, "test.mail", {"to": "ann@example.org"}))
            assert Runner(database, JobTable([jobs])).run_due() == 1
            assert database.read(lambda tx: find_fact(tx, "mail")) == "250 OK"
        finally:
            database.close()
    (taken,) = post.mails
    assert (taken.sender, taken.recipient) == ("feedback@example.com", "ann@example.org")
    assert b"From: Team <feedback@example.com>\r\n" in taken.content


def test_settings_that_can_not_work_stop_the_start(instances: Instances) -> None:
    instance = instances.make()
    with pytest.raises(ConfigurationError, match="USERHERO_SMTP_URL"):
        open_database(Settings(data=instance.data, database=instance.url, smtp_url="mail.example.com"))


def test_a_running_server_shows_no_password(serve: Callable[..., LiveServer], instances: Instances) -> None:
    secret = "hunter2hunter2"
    env = {
        "USERHERO_SMTP_URL": f"smtp://user:{secret}@mail.example.com",
        "USERHERO_MAIL_FROM": "feedback@example.com",
        "USERHERO_LOG_LEVEL": "debug",
    }
    server = serve(instances.make(migrated=False), env=env)
    metrics = server.client.request("GET", "/metrics")
    assert metrics.status == 200
    assert secret not in metrics.body.decode()
    assert secret not in server.client.request("GET", "/api/v1/openapi.json").body.decode()
    assert secret not in server.command("check", "--json")
    server.stop()
    assert secret not in server.process.output()
