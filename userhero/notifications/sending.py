"""Sending what is due. It waits for servers that are not ours, so it runs outside any transaction."""

import secrets
from collections.abc import Callable
from functools import partial

from userhero.kernel import clock, log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.instance import public_address
from userhero.kernel.jobs import enqueue
from userhero.kernel.mail import Delayed, Refused
from userhero.notifications.actions.post import SEND
from userhero.notifications.actions.send import Result, Taken, free_mail, is_any_due, keep_mail, put_back, record, take
from userhero.notifications.integration_queries import find_target
from userhero.notifications.rendering import letter
from userhero.notifications.slack import deliver
from userhero.notifications.wanted import is_wanted

# No exchange begins later in a job: the longest takes a minute, and a job may take four.
TURN_SECONDS = 120.0
_STEP_BACK_SECONDS = 60
Attempt = Callable[[Taken], Result]
_logger = log.get("notifications")


def send_mail(database: Database) -> None:
    """Send the mails that are due, over one connection; where there is no mail server, put them aside."""
    if not database.mailer.is_configured:
        while database.write(keep_mail):
            pass
        return
    while database.write(free_mail):
        pass
    sender = database.mailer.sender
    assert sender is not None, "there is one where mail is configured"
    base_url = database.read(public_address)
    with database.mailer.batch() as batch:

        def attempt(row: Taken) -> Result:
            if not database.read(partial(is_wanted, row=row)):
                return Result(Refused("Whoever reads there wants no more of it."))
            try:
                made = letter(row, database.keys, base_url, sender, database.mailer.ways_in.domain)
            except ValueError as error:
                return Result(Refused(f"It can't become a mail: {error}"))
            return Result(batch.send(made))

        send_due(database, attempt, "email")
    if database.read(partial(is_any_due, channel="email")):
        database.write(_go_on)


def send_messages(database: Database, recipient: str) -> None:
    """Send the messages that are due to one place. Once it does not take one, the others wait for a while."""
    base_url = database.read(public_address)

    def attempt(row: Taken) -> Result:
        target = row.target
        if row.integration_id is not None:
            target = database.read(partial(find_target, integration_id=row.integration_id))
        return deliver(database.outbound, database.keys, target, row.content, base_url)

    send_due(database, attempt, "slack", recipient)


def send_due(database: Database, attempt: Attempt, channel: str, recipient: str | None = None) -> None:
    """Try what is due, one after the other, for as long as a job may take; what is left is left to others.

    What was sent and could not be noted is sent again, under the same id.
    """
    ends = clock.monotonic() + TURN_SECONDS
    while clock.monotonic() < ends:
        token = secrets.token_hex(8)
        rows = database.write(partial(take, token=token, channel=channel, recipient=recipient))
        if not rows:
            return
        for number, row in enumerate(rows):
            if clock.monotonic() >= ends:
                database.write(partial(put_back, rows=rows[number:], token=token))
                return
            result = _tried(attempt, row)
            database.write(partial(record, row=row, token=token, result=result))
            if recipient is not None and isinstance(result.outcome, Delayed):
                # It hangs or is busy: whoever else waits for a thread of ours shall not wait for it too.
                left = partial(put_back, rows=rows[number + 1 :], token=token, seconds=_STEP_BACK_SECONDS)
                database.write(left)
                return


def _tried(attempt: Attempt, row: Taken) -> Result:
    """What became of it. One that can't be dealt with must not hold up those behind it."""
    try:
        return attempt(row)
    except Exception:
        _logger.exception("sending failed", id=row.id, channel=row.channel)
        return Result(Delayed("Something went wrong on our side; the log has more."))


def _go_on(tx: Transaction) -> None:
    enqueue(tx, SEND, {}, key="mail")
