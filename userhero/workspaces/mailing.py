"""Mails about accounts: written and sent from jobs, outside of any transaction."""

from functools import cache

from userhero.kernel.db import Database
from userhero.kernel.mail import Letter, Mailbox, Outcome
from userhero.kernel.mail.templates import Button, Frame, MailTemplates

PRODUCT = "userhero"


@cache
def _templates() -> MailTemplates:
    return MailTemplates()


def send(
    database: Database, letter_id: str, to: Mailbox, frame: Frame, paragraphs: list[str], *, title: str = ""
) -> Outcome:
    """Send a mail that is a few paragraphs and perhaps a button. ``title`` is its subject where that is another one.

    Call it where mail is set up only.
    """
    sender = database.mailer.sender
    assert sender is not None, "there is one where mail is configured"
    bodies = _templates().render("mail/paragraphs", frame, paragraphs=[frame.title, *paragraphs])
    letter = Letter(
        id=letter_id,
        sender=Mailbox(sender.address, sender.name or PRODUCT),
        recipient=to,
        subject=title or frame.title,
        text=bodies.text,
        html=bodies.html,
    )
    return database.mailer.send(letter)


def link_button(label: str, base_url: str, path: str) -> Button:
    """What leads back to the server."""
    return Button(label, base_url + path)
