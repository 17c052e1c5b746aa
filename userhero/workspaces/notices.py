"""Telling people by mail what was changed about how they sign in, so that they notice if it was not them."""

from typing import NamedTuple

from userhero.kernel.db import Database, Transaction
from userhero.kernel.instance import is_mail_set_up, public_address
from userhero.kernel.jobs import Job, enqueue
from userhero.kernel.mail import Mailbox
from userhero.kernel.mail.templates import Frame
from userhero.workspaces.mailing import PRODUCT, link_button, send, try_later
from userhero.workspaces.people import find_person

NOTICE = "workspaces.mail_notice"


class _Words(NamedTuple):
    title: str
    text: str


_SAID = {
    "password": _Words(
        "Your password was changed",
        "The password of your account was changed on {at} UTC, and every other browser was signed out.",
    ),
    "second_factor_on": _Words(
        "Your second factor is on",
        "A second factor was set up for your account on {at} UTC. Signing in asks for a code of an app from now on.",
    ),
    "second_factor_off": _Words(
        "Your second factor is off",
        "The second factor of your account was switched off on {at} UTC. Your password alone is enough to sign in.",
    ),
}
_UNLESS = (
    "If that was you, there is nothing to do. If not, set a new password now, and tell whoever runs the server: "
    "somebody may have had access to your account."
)


def notify(tx: Transaction, user_id: str, what: str) -> None:
    """Let somebody know of a change to their account, where mail is set up."""
    if is_mail_set_up(tx):
        enqueue(tx, NOTICE, {"user": user_id, "what": what, "at": tx.now})


def mail_notice(database: Database, job: Job) -> None:
    """Send the mail; nothing where the account is gone, or the mail server."""
    person = database.read(lambda tx: find_person(tx, job.payload["user"]))
    if person is None or not database.mailer.is_configured:
        return
    said, at = _SAID[job.payload["what"]], job.payload["at"]
    base_url = database.read(public_address)
    frame = Frame(
        workspace=PRODUCT,
        title=said.title,
        reason="You get this mail whenever it changes how your account is signed in to.",
        button=link_button("To your account", base_url, "/app/account") if base_url else None,
    )
    words = [said.text.format(at=f"{at[:10]} {at[11:16]}"), _UNLESS]
    try_later(database, job, send(database, job.id, Mailbox(person.email, person.name), frame, words))
