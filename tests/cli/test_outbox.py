"""``userhero outbox``: nothing that was to be sent is lost for want of a mail server."""

import json

from tests.cli.conftest import CommandLine
from tests.support.mail_servers import post_office
from userhero import workspaces
from userhero.feedback import NewComment, NewFeedback, add_comment, submit_feedback
from userhero.kernel.config import Settings
from userhero.kernel.db import Transaction
from userhero.kernel.instance import open_database


def reply(userhero: CommandLine) -> None:
    """An agent's reply to a customer with an address."""
    made = userhero("setup", "--json", "--email", "jane@example.com", "--workspace", "Acme", "--project", "App").json
    database = open_database(Settings(data=userhero.instance.data, database=userhero.instance.url))

    def unit(tx: Transaction) -> None:
        actor = workspaces.act_as(tx, "jane@example.com")
        new = NewFeedback(
            workspace_id=made["workspaceId"], project_id=made["projectId"], message="x", user_email="sam@example.org"
        )
        item = json.loads(submit_feedback(tx, actor, new))
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
