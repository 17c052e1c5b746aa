"""Records that come again, and what is said about items that were imported before."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, select, update

from userhero.conversations import Channel, PastMessage, list_keys, record_messages
from userhero.customers import Sight, identify_many
from userhero.feedback.actions.change import apply_change
from userhero.feedback.actions.import_rows import Prepared, Target
from userhero.feedback.actions.import_words import Thread, past_message
from userhero.feedback.actions.submit import URLS
from userhero.feedback.import_types import ImportItem, ImportMessage, Load, Outcome
from userhero.feedback.queries import get_row
from userhero.feedback.rules import Rules
from userhero.feedback.tables import feedback, imported_items
from userhero.feedback.types import FeedbackChange
from userhero.feedback.words import index_feedback
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import BadRequest, Detail
from userhero.media import claim_addresses

_f, _i = feedback, imported_items
_LEARN = Statement(
    update(_i)
    .where(_i.c.project_id == bindparam("project"), _i.c.external_id == bindparam("external"))
    .values(digest=bindparam("new_digest"))
)
_THREADS = Statement(
    select(_i.c.external_id, _f.c.id, _f.c.created_at)
    .join_from(_i, _f)
    .where(_i.c.project_id == bindparam("project"), is_among(_i.c.external_id, bindparam("wanted")))
)
_STATE = Statement(
    select(_f.c.last_customer_reply_at, _f.c.responded_at).where(_f.c.id == bindparam("feedback")).with_for_update()
)
_SPOKEN = Statement(
    update(_f)
    .where(_f.c.id == bindparam("feedback"))
    .values(last_customer_reply_at=bindparam("reply"), responded_at=bindparam("answer"))
)
_encode = msgspec.json.Encoder().encode


class KnownItem(NamedTuple):
    """An item that was imported before, and the digest of its record then."""

    external_id: str
    feedback_id: str
    digest: str


class ImportedMessage(NamedTuple):
    """What was said about the item that was imported under ``external_id``."""

    external_id: str
    channel: Channel
    message: ImportMessage


def bring_again(
    tx: Transaction, actor: Actor, prepared: Prepared, known: KnownItem, digest: str, *, trial: bool
) -> Outcome:
    """Let an item be as its record says now, where the record says anything; who sent it and when stays as it is.

    What was said and is not there yet is added. Nobody is told.
    """
    access, row = get_row(tx, actor, known.feedback_id, prepared.row["workspace_id"])
    if not trial:
        item = prepared.item
        apply_change(tx, access, row, _change(item, prepared.row), _others(item, prepared.row))
        claim_addresses(tx, row.workspace_id, row.id, [(shown, prepared.row[name]) for name, shown in URLS.items()])
        said = [msgspec.structs.replace(message, thread_id=row.id) for message in prepared.messages]
        _say(tx, said)
        tx.run(_LEARN, project=row.project_id, external=known.external_id, new_digest=digest)
    return Outcome("updated", row.id)


def import_messages(
    tx: Transaction, load: Load, given: Sequence[ImportedMessage], *, trial: bool = False
) -> list[Outcome]:
    """Add what was said about items that were imported before to their conversations, and tell nobody; returns what
    became of each, with the item's id. What is there already stays as it is. ``load`` says into which project; its
    items are not looked at.
    """
    target = Target(tx, load)
    wanted = _encode(sorted({each.external_id for each in given})).decode()
    threads = {
        row[0]: Thread(target.access.workspace_id, row[1], row[2])
        for row in tx.all(_THREADS, project=target.project.id, wanted=wanted)
    }
    there = list_keys(tx, [thread.feedback_id for thread in threads.values()])
    outcomes: list[Outcome] = []
    new: list[PastMessage] = []
    for each in given:
        try:
            message = _checked(each, threads, target)
        except BadRequest as error:
            outcomes.append(Outcome("refused", problems=error.details))
            continue
        is_there = message.key in there
        outcomes.append(Outcome("unchanged" if is_there else "created", message.thread_id))
        if not is_there:
            there.add(message.key)
            new.append(message)
    if not trial:
        _record(tx, new)
    return outcomes


def _checked(given: ImportedMessage, threads: dict[str, Thread], target: Target) -> PastMessage:
    thread = threads.get(given.external_id)
    if thread is None:
        problem = Detail("feedbackId", "is the id of no item that was imported into the project")
        raise BadRequest(problem.message, details=(problem,))
    rules = Rules()
    message = past_message(given.channel, given.message, thread, target.member, rules)
    rules.enforce()
    return message


def _say(tx: Transaction, said: Sequence[PastMessage]) -> None:
    if said:
        there = list_keys(tx, {message.thread_id for message in said})
        _record(tx, [message for message in said if message.key not in there])


def _record(tx: Transaction, new: Iterable[PastMessage]) -> None:
    """Write messages that are not there yet, and what follows from them for their items and customers."""
    written = sorted(new, key=lambda message: message.created_at)
    record_messages(tx, written)
    sights = []
    for message in written:
        by_customer = message.channel == "comment" and message.author.type == "customer"
        if by_customer and message.author.email:
            sights.append(Sight(message.workspace_id, message.author.email, message.created_at))
    identify_many(tx, [], sights)
    for feedback_id in dict.fromkeys(message.thread_id for message in written):
        index_feedback(tx, feedback_id)
        _note_times(tx, feedback_id, [message for message in written if message.thread_id == feedback_id])


def _note_times(tx: Transaction, feedback_id: str, written: list[PastMessage]) -> None:
    """Let an item know when its customer wrote last and when an agent answered first."""
    state = tx.one(_STATE, feedback=feedback_id)
    assert state is not None, "it was just written about"
    times: dict[str, list[str]] = {"customer": [], "agent": []}
    for message in written:
        if message.channel == "comment":
            times[message.author.type].append(message.created_at)
    reply = max([*times["customer"], *([state[0]] if state[0] else [])], default=None)
    answer = min([*times["agent"], *([state[1]] if state[1] else [])], default=None)
    if (reply, answer) != (state[0], state[1]):
        tx.run(_SPOKEN, feedback=feedback_id, reply=reply, answer=answer)


def _change(item: ImportItem, row: dict[str, Any]) -> FeedbackChange:
    """What the record says of fields that members change too."""
    return FeedbackChange(
        workspace_id=row["workspace_id"],
        message=row["message"],
        status=UNSET if item.status is None else item.status,
        category=UNSET if item.category is None else item.category,
        tags=UNSET if item.tags is None else item.tags,
        priority=UNSET if item.priority is None else item.priority,
        assignee_id=UNSET if item.assignee_email is None else row["assignee_id"],
        due_date=UNSET if item.due_date is None else item.due_date,
        is_public=UNSET if item.is_public is None else item.is_public,
    )


def _others(item: ImportItem, row: dict[str, Any]) -> dict[str, Any]:
    """What it says of the fields that nobody changes."""
    names = ("rating", "votes", "context", "custom_metadata", *URLS)
    return {name: row[name] for name in names if getattr(item, name) is not None}
