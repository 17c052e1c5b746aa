"""``userhero outbox``: nothing that was to be sent is lost for want of a mail server."""

import json
import os
import signal
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.support.live import USERHERO, clean_environment
from tests.support.mail_servers import post_office
from tests.support.processes import Process
from userhero import workspaces
from userhero.feedback import NewComment, NewFeedback, add_comment, submit_feedback
from userhero.kernel import clock
from userhero.kernel.config import Settings
from userhero.kernel.db import Transaction
from userhero.kernel.instance import open_database


def reply(userhero: CommandLine, *addresses: str) -> None:
    """An agent's replies to customers with these addresses."""
    made = userhero("setup", "--json", "--email", "jane@example.com", "--workspace", "Acme", "--project", "App").json
    database = open_database(Settings(data=userhero.instance.data, database=userhero.instance.url))

    def unit(tx: Transaction) -> None:
        actor = workspaces.act_as(tx, "jane@example.com")
        place = {"workspace_id": made["workspaceId"], "project_id": made["projectId"]}
        for address in addresses or ("sam@example.org",):
            item = json.loads(submit_feedback(tx, actor, NewFeedback(**place, message="x", user_email=address)))
            add_comment(tx, actor, item["id"], NewComment(message="We are on it"))

    database.write(unit)
    database.close()


def test_a_mail_that_was_kept(userhero: CommandLine) -> None:
    assert "There are none." in userhero("outbox", "list").out
    reply(userhero)
    userhero("jobs", "run")
    (found,) = userhero("outbox", "list", "--json").json
    assert (found["status"], found["recipient"], found["kind"]) == ("kept", "sam@example.org", "reply")
    assert "sam@example.org" in userhero("outbox", "list", "--status", "kept").out
    assert userhero("outbox", "list", "--status", "sent", "--json").json == []
    shown = userhero("outbox", "show", found["id"]).json
    assert "We are on it" in shown["text"]
    with post_office() as post:
        env = {
            "USERHERO_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
            "USERHERO_MAIL_FROM": "feedback@example.com",
        }
        userhero("jobs", "run", "--now", "2100-01-01", env=env)
        assert post.mails == [], "after a day it goes out only when somebody asks for it"


def test_sending_again(userhero: CommandLine) -> None:
    reply(userhero)
    userhero("jobs", "run")
    (found,) = userhero("outbox", "list", "--json").json
    assert userhero("outbox", "retry", found["id"], "--json").json == {"retried": 1}
    with post_office() as post:
        env = {"USERHERO_SMTP_URL": f"smtp://127.0.0.1:{post.port}", "USERHERO_MAIL_FROM": "feedback@example.com"}
        userhero("jobs", "run", env=env)
        assert [mail.recipient for mail in post.mails] == ["sam@example.org"]
    assert userhero("outbox", "show", found["id"]).json["status"] == "sent"
    assert userhero("outbox", "retry", "--json").json == {"retried": 0}
    assert "It was sent." in userhero("outbox", "retry", found["id"], code=1).err
    assert "no mail or message" in userhero("outbox", "retry", "out_1", code=1).err
    assert "no mail or message" in userhero("outbox", "show", "out_1", code=1).err


@pytest.mark.parametrize(("command", "taken"), [("DATA", 3), ("RCPT", 2)])
def test_a_sender_that_is_killed_loses_no_mail(userhero: CommandLine, tmp_path: Path, command: str, taken: int) -> None:
    """After five minutes another one sends what is left; what the server had taken comes again as the same mail."""
    addresses = [f"c{number}@example.org" for number in range(5)]
    reply(userhero, *addresses)
    with post_office() as post:

        def strike(heard: str) -> None:
            if heard == command and len(post.mails) == 2 and sender.code is None:
                os.kill(sender.pid, signal.SIGKILL)
                assert sender.is_over(30)

        post.on_command = strike
        env = {"USERHERO_SMTP_URL": f"smtp://127.0.0.1:{post.port}", "USERHERO_MAIL_FROM": "feedback@example.com"}
        words: list[str | Path] = [USERHERO, "jobs", "run", *userhero.place]
        sender = Process(words, tmp_path / "log", env=clean_environment() | env)
        assert sender.is_over(60), sender.output()
        assert sender.code == -signal.SIGKILL, sender.output()
        post.on_command = None
        userhero("jobs", "run", env=env)
        assert len(post.mails) == taken, "for five minutes somebody may be at them"
        userhero("jobs", "run", "--now", clock.shift(clock.now(), minutes=6), env=env)
    assert sorted({mail.recipient for mail in post.mails}) == addresses
    assert len(post.mails) == 5 + (taken - 2)
    assert len({message_from_bytes(mail.content)["Message-ID"] for mail in post.mails}) == 5
    assert {each["status"] for each in userhero("outbox", "list", "--json").json} == {"sent"}
