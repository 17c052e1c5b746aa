"""Bringing in items that are history already, many at a time: the bulk path.

It leaves the rows that single creates would have left had they been made back then, and tells nobody: no events, so no
automations, mails or webhooks follow. Nor does it count towards the month (docs/operate/import.md).
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.conversations import record_messages
from userhero.customers import Sender, Sight, identify_many
from userhero.feedback.actions.import_again import KnownItem, bring_again
from userhero.feedback.actions.import_rows import Prepared, Target
from userhero.feedback.actions.submit import URLS
from userhero.feedback.import_types import ImportItem, Load, Outcome
from userhero.feedback.tables import feedback, imported_items, ticket_counters
from userhero.feedback.words import index
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import BadRequest
from userhero.kernel.words import words
from userhero.media import check_addresses, claim_addresses

_n, _i = ticket_counters, imported_items
_INSERT = insertion(
    feedback,
    "id", "workspace_id", "project_id", "widget_id", "ticket_number", "message", "category", "rating", "status",
    "status_category", "tags", "priority", "assignee_id", "due_date", "due_date_by_hand", "sla_breached", "warn_at",
    "response_due_at", "responded_at", "response_breached", "user_email", "user_name", "user_phone", "customer_id",
    "screenshot_url", "attachment_url", "audio_url", "video_url", "context", "custom_metadata", "votes", "is_public",
    "customer_comments_enabled", "source", "created_at", "updated_at", "last_customer_reply_at", "resolved_at",
    "pending_since", "position",
)  # fmt: skip
_first = upsert(_n).values(
    workspace_id=bindparam("workspace"), last_number=bindparam("more"), month=bindparam("month"), in_month=0
)
_NUMBERS = Statement(
    _first.on_conflict_do_update(
        index_elements=[_n.c.workspace_id], set_={"last_number": _n.c.last_number + _first.excluded.last_number}
    ).returning(_n.c.last_number)
)
_KNOWN = Statement(
    select(_i.c.external_id, _i.c.feedback_id, _i.c.digest).where(
        _i.c.project_id == bindparam("project"), is_among(_i.c.external_id, bindparam("wanted"))
    )
)
_REMEMBER = insertion(_i, "project_id", "external_id", "feedback_id", "digest")
_encode = msgspec.json.Encoder().encode


class _New(NamedTuple):
    """A record that becomes an item, and its place among the outcomes."""

    place: int
    prepared: Prepared


def import_items(tx: Transaction, loads: Sequence[Load], *, trial: bool = False) -> list[Outcome]:
    """Bring items to their projects; returns what became of each, load after load, in the order given.

    A record that breaks a rule is refused, and the others are brought all the same. One that comes again under its
    ``external_id`` changes the item where it is not what it was the last time. With ``trial`` nothing is written. Some
    hundred items to a unit of work; of those with the same ``external_id`` only one. Raises NotFound for an unknown
    project.
    """
    outcomes: list[Outcome] = []
    new: list[_New] = []
    for load in loads:
        outcomes += _sorted_out(tx, load, new, len(outcomes), trial=trial)
    if not trial and new:
        new.sort(key=lambda each: (each.prepared.row["created_at"], each.prepared.row["id"]))
        _record(tx, [each.prepared for each in new])
        for place, prepared in new:
            outcomes[place] = Outcome("created", prepared.row["id"])
    return outcomes


def digest(item: ImportItem) -> str:
    """The same for records that say the same."""
    return sha256(_encode(item)).hexdigest()[:32]


def _sorted_out(tx: Transaction, load: Load, new: list[_New], first: int, *, trial: bool) -> list[Outcome]:
    """What becomes of each record of a load; those that become items are added to ``new``."""
    target = Target(tx, load)
    known = _known(tx, target, load.items)
    found: list[Outcome] = []
    for item in load.items:
        before = None if item.external_id is None else known.get(item.external_id)
        if before is not None and before.digest == digest(item):
            found.append(Outcome("unchanged", before.feedback_id))
            continue
        try:
            prepared = target.prepare(item)
            check_addresses(tx, prepared.row["workspace_id"], _addresses(prepared))
            if before is not None:
                found.append(bring_again(tx, load.actor, prepared, before, digest(item), trial=trial))
                continue
        except BadRequest as error:
            found.append(Outcome("refused", problems=error.details))
            continue
        new.append(_New(first + len(found), prepared))
        found.append(Outcome("created"))
    return found


def _known(tx: Transaction, target: Target, items: list[ImportItem]) -> dict[str, KnownItem]:
    wanted = [item.external_id for item in items if item.external_id is not None]
    if not wanted:
        return {}
    rows = tx.all(_KNOWN, project=target.project.id, wanted=_encode(wanted).decode())
    return {row[0]: KnownItem(*row) for row in rows}


def _record(tx: Transaction, new: Sequence[Prepared]) -> None:
    """Write items, which come in the order of time."""
    places = index.new_places(tx, [each.row["created_at"] for each in new])
    # In the order in which single submissions take them, or the two could wait for each other.
    customers = _identify(tx, new)
    numbers = _take_numbers(tx, Counter(each.row["workspace_id"] for each in new))
    rows = []
    for each, place, customer_id in zip(new, places, customers, strict=True):
        workspace_id = each.row["workspace_id"]
        numbers[workspace_id] += 1
        rows.append({**each.row, "ticket_number": numbers[workspace_id], "customer_id": customer_id, "position": place})
    tx.run_each(_INSERT, rows)
    index.add_all(
        tx,
        ((row["id"], row["position"], row["workspace_id"], _words(each)) for row, each in zip(rows, new, strict=True)),
    )
    record_messages(tx, [message for each in new for message in each.messages])
    tx.run_each(_REMEMBER, [_remembered(each) for each in new if each.item.external_id is not None])
    for each in new:
        if addresses := _addresses(each):
            claim_addresses(tx, each.row["workspace_id"], each.row["id"], addresses)


def _take_numbers(tx: Transaction, wanted: Counter[str]) -> dict[str, int]:
    """For each workspace the number before the first of as many as are wanted there."""
    found = {}
    for workspace_id, more in sorted(wanted.items()):
        last = tx.value(_NUMBERS, workspace=workspace_id, more=more, month=tx.now[:7])
        found[workspace_id] = int(last) - more
    return found


def _identify(tx: Transaction, new: Sequence[Prepared]) -> list[str | None]:
    senders = [Sender(each.row["workspace_id"], each.contact, each.row["created_at"]) for each in new]
    sights = [
        Sight(message.workspace_id, message.author.email, message.created_at)
        for each in new
        for message in each.messages
        if message.author.type == "customer" and message.author.email
    ]
    return identify_many(tx, senders, sights)


def _words(prepared: Prepared) -> list[str]:
    said = (message.text for message in prepared.messages)
    return [word for text in (prepared.row["message"], *said) for word in words(text)]


def _remembered(prepared: Prepared) -> dict[str, str | None]:
    return {
        "project_id": prepared.row["project_id"],
        "external_id": prepared.item.external_id,
        "feedback_id": prepared.row["id"],
        "digest": digest(prepared.item),
    }


def _addresses(prepared: Prepared) -> list[tuple[str, str | None]]:
    """The files that a record names, by field."""
    return [(shown, prepared.row[name]) for name, shown in URLS.items() if prepared.row[name] is not None]
