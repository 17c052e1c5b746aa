"""Mails about accounts: written and sent from jobs, outside of any transaction."""

from functools import cache, partial

from userhero.kernel import clock
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, enqueue
from userhero.kernel.mail import Delayed, Letter, Mailbox, Outcome
from userhero.kernel.mail.templates import Button, Frame, MailTemplates

PRODUCT = "UserHero"
# How long after the first, second, … failure the next attempt is, in seconds; after the last there is none.
DELAYS = (60, 300, 1800, 7200, 21600)


@cache
def _templates() -> MailTemplates:
    return MailTemplates()


def send(database: Database, letter_id: str, to: Mailbox, frame: Frame, paragraphs: list[str]) -> Outcome:
    """Send a mail that is a few paragraphs and perhaps a button. Call it where mail is set up only."""
    sender = database.mailer.sender
    assert sender is not None, "there is one where mail is configured"
    bodies = _templates().render("mail/paragraphs", frame, paragraphs=paragraphs)
    letter = Letter(
        id=letter_id,
        sender=Mailbox(sender.address, sender.name or PRODUCT),
        recipient=to,
        subject=frame.title,
        text=bodies.text,
        html=bodies.html,
    )
    return database.mailer.send(letter)


def link_button(label: str, base_url: str, path: str) -> Button:
    """What leads back to the server."""
    return Button(label, base_url + path)


def try_later(database: Database, job: Job, outcome: Outcome) -> None:
    """Ask for the job once more, after a while, where its mail could not go out now."""
    attempts = int(job.payload.get("attempts", 0))
    if isinstance(outcome, Delayed) and attempts < len(DELAYS):
        database.write(partial(_ask, job=job, attempts=attempts))


def _ask(tx: Transaction, job: Job, attempts: int) -> None:
    later = clock.shift(tx.now, seconds=DELAYS[attempts])
    enqueue(tx, job.kind, {**job.payload, "attempts": attempts + 1}, run_at=later)
