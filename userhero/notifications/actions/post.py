"""Putting mails and messages into the outbox, within caps.

What exceeds a cap is not sent one by one: for members and for integrations it waits for a digest; an address that
nobody has proven to be anybody's, such as a customer's or one that a rule names, gets no more of it (``capped``).
"""

from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import ids
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.jobs import enqueue
from userhero.notifications.actions.caps import count_one, is_over
from userhero.notifications.addresses import is_unsubscribed
from userhero.notifications.content import Content, stored
from userhero.notifications.digest_times import next_hour
from userhero.notifications.recipients import Recipient
from userhero.notifications.tables import outbox

SEND, DELIVER, FOLD = "notifications.send", "notifications.deliver", "notifications.fold"

_o = outbox
_names = (
    "id", "workspace_id", "channel", "recipient", "recipient_name", "user_id", "customer_id", "integration_id",
    "target", "kind", "event_id", "feedback_id", "content", "status", "next_attempt_at", "hold_until", "created_at",
)  # fmt: skip
_INSERT = Statement(
    insert(_o)
    .values({name: bindparam(name) for name in _names})
    .on_conflict_do_nothing(index_elements=[_o.c.event_id, _o.c.recipient, _o.c.channel])
)


class Parcel(NamedTuple):
    """What is sent, and about what."""

    workspace_id: str
    kind: str
    content: Content
    event_id: str | None = None
    feedback_id: str | None = None


def post(
    tx: Transaction, parcel: Parcel, recipient: Recipient, *, hold_until: str | None = None, is_digest: bool = False
) -> str | None:
    """Send something soon, or as a part of a digest at a time; at once more of the same event to the same recipient is
    left out, and so is what somebody has unsubscribed from. Returns the id of the row, None where there is none.
    """
    if recipient.is_outside and is_unsubscribed(tx, parcel.workspace_id, recipient.address):
        return None
    status = "waiting"
    if hold_until is None and not is_digest and is_over(tx, parcel.workspace_id, recipient):
        status, hold_until = ("capped", None) if recipient.is_unproven else ("held", next_hour(tx.now))
    elif hold_until is not None:
        status = "held"
    outbox_id = ids.new("out")
    if not _insert(tx, outbox_id, parcel, recipient, status, hold_until):
        return None
    if status == "waiting":
        count_one(tx, parcel.workspace_id, recipient)
        wake(tx, recipient.channel, recipient.address)
    elif status == "held":
        where = {"workspace": parcel.workspace_id, "recipient": recipient.address}
        enqueue(tx, FOLD, where, run_at=hold_until, key=f"{parcel.workspace_id} {recipient.address}")
    return outbox_id


def wake(tx: Transaction, channel: str, address: str, at: str | None = None) -> None:
    """See to it that what waits for a recipient is sent: mails all by one job, messages by one for each place."""
    if channel == "email":
        enqueue(tx, SEND, {}, run_at=at, key="mail")
    else:
        enqueue(tx, DELIVER, {"recipient": address}, run_at=at, key=address)


def _insert(
    tx: Transaction, outbox_id: str, parcel: Parcel, recipient: Recipient, status: str, hold_until: str | None
) -> bool:
    is_sent = status == "waiting"
    values = {
        "id": outbox_id,
        "workspace_id": parcel.workspace_id,
        "channel": recipient.channel,
        "recipient": recipient.address,
        "recipient_name": recipient.name,
        "user_id": recipient.user_id,
        "customer_id": recipient.customer_id,
        "integration_id": recipient.integration_id,
        "target": recipient.target,
        "kind": parcel.kind,
        "event_id": parcel.event_id,
        "feedback_id": parcel.feedback_id,
        "content": stored(parcel.content),
        "status": status,
        "next_attempt_at": tx.now if is_sent else None,
        "hold_until": hold_until,
        "created_at": tx.now,
    }
    return tx.run(_INSERT, **values) == 1
