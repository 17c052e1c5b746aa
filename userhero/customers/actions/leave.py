"""How a customer goes: merged into another one, or deleted.

The customer is gone at once: their id answers 404, their addresses lead to the target or to nobody, nothing personal is
left in the row. A thousand items and more can't follow at once without holding up everybody's writes, so the first ones
follow in the same transaction and a job moves the rest, a part at a time. Until it is done the customer stands in
``customer_moves``, and reads of feedback show whose the items are by now (``feedback/document.py``).
"""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, null, select, update

from userhero.customers.addresses import hand_over, release_all
from userhero.customers.index import forget_index, index_customer
from userhero.customers.links import relink
from userhero.customers.queries import enter_of, find_row, get_row
from userhero.customers.tables import customer_moves, customers
from userhero.customers.types import CustomerDeleted, CustomerMerge, CustomerMerged, CustomerRow, Merged
from userhero.kernel import audit
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Invalid, NotFound
from userhero.kernel.events import emit
from userhero.kernel.http.idempotency import forget_answers
from userhero.kernel.jobs import enqueue

RELINK = "customers.relink"
# Rows in one unit of work: one or two milliseconds on SQLite, where it holds up every other write.
_PART = 100

_c, _m = customers, customer_moves
_of_customer = _c.c.id == bindparam("customer")
_WIPE = Statement(
    update(_c)
    .where(_of_customer)
    .values(
        **dict.fromkeys(
            ("name", "sort_name", "primary_email", "primary_phone", "company", "notes", "timezone", "language",
             "first_seen_at", "last_seen_at"),
            null(),
        ),
        **dict.fromkeys(("emails", "phones", "social_handles", "tags", "channels", "merged_customer_ids"), "[]"),
        custom_fields="{}",
        feedback_count=0,
        merged_into=bindparam("target"),
        gone_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
)  # fmt: skip
_FOLLOW = Statement(update(_c).where(_c.c.merged_into == bindparam("source")).values(merged_into=bindparam("target")))
_BURY = Statement(delete(_c).where(_c.c.merged_into == bindparam("customer"), _c.c.id.not_in(select(_m.c.customer_id))))
_DROP = Statement(delete(_c).where(_of_customer))
_BEGIN = insertion(_m, "customer_id", "workspace_id")
_END = Statement(delete(_m).where(_m.c.customer_id == bindparam("customer")))
_MOVE = Statement(
    select(_c.c.merged_into)
    .join_from(_m, _c, _c.c.id == _m.c.customer_id)
    .where(_m.c.customer_id == bindparam("customer"))
    .with_for_update(of=_c, key_share=True)
)
_changes = Changes(customers)
_decode = msgspec.json.decode


def merge_customers(tx: Transaction, actor: Actor, target_id: str, merge: CustomerMerge) -> Merged:
    """Make one customer part of another: their addresses, tags, handles, channels and feedback become the target's.

    What the target does not have of the single fields, it gets from the source. Raises NotFound for an unknown target
    or source, Invalid for a customer merged into themselves.
    """
    access = enter_of(tx, actor, target_id, merge.workspace_id)
    source_id = merge.source_customer_id
    if source_id == target_id:
        raise Invalid("sourceCustomerId", "must be another customer than the target")
    # Always in the same order, so that two merges never wait for each other.
    rows = {each: find_row(tx, access, each) for each in sorted((source_id, target_id))}
    source, target = rows[source_id], rows[target_id]
    if source is None or target is None:
        raise NotFound("Customer not found" if target is None else "Source customer not found")
    combined = _combined(target, source)
    hand_over(tx, source.id, target.id)
    tx.run(_FOLLOW, source=source.id, target=target.id)
    _leave(tx, source, target.id)
    _changes.apply(tx, target.id, combined)
    emails, phones = _decode(combined["emails"]), _decode(combined["phones"])
    index_customer(tx, target.workspace_id, target.id, combined["name"], emails, phones)
    event = CustomerMerged(id=target.id, merged_source_id=source.id, merged_feedback_count=source.feedback_count)
    emit(tx, target.workspace_id, event, actor_id=actor.user_id)
    merged = {"mergedSourceId": source.id, "mergedFeedbackCount": source.feedback_count}
    audit.record(tx, actor, target.workspace_id, "customer.merged", audit.Subject(target.id), after=merged)
    return Merged(id=target.id, merged_source_id=source.id, merged_feedback_count=source.feedback_count)


def delete_customer(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a customer; their feedback stays, linked to nobody. Raises NotFound."""
    row = get_row(tx, actor, customer_id, workspace_id)
    release_all(tx, row.id)
    # Who was merged into this customer is of no more interest, unless some of their feedback still has to be moved.
    tx.run(_BURY, customer=row.id)
    tx.run(_FOLLOW, source=row.id, target=None)
    if not _leave(tx, row, None):
        tx.run(_DROP, customer=row.id)
    forget_answers(tx, row.id)
    emit(tx, row.workspace_id, CustomerDeleted(id=row.id), actor_id=actor.user_id)
    # Not who it was: they may have asked to be forgotten.
    known = {"feedbackCount": row.feedback_count}
    audit.record(tx, actor, row.workspace_id, "customer.deleted", audit.Subject(row.id), before=known)


def relink_more(tx: Transaction, customer_id: str) -> bool:
    """Move another part of what still points at a customer who is gone; False where that was the last."""
    move = tx.one(_MOVE, customer=customer_id)
    if move is None:
        return False
    if relink(tx, customer_id, move[0], _PART):
        return True
    tx.run(_END, customer=customer_id)
    if move[0] is None:
        tx.run(_DROP, customer=customer_id)
    return False


def wipe(tx: Transaction, row: CustomerRow) -> None:
    """Take everything from a customer's row, at which items go on pointing until somebody sees to them."""
    forget_index(tx, row.id)
    forget_answers(tx, row.id)
    tx.run(_WIPE, customer=row.id, target=None, now=tx.now)
    tx.run(_BEGIN, customer_id=row.id, workspace_id=row.workspace_id)


def _leave(tx: Transaction, row: CustomerRow, target_id: str | None) -> bool:
    """Take everything from a customer's row. True where some feedback still points at it, and a job will see to it."""
    forget_index(tx, row.id)
    tx.run(_WIPE, customer=row.id, target=target_id, now=tx.now)
    if not relink(tx, row.id, target_id, _PART):
        return False
    tx.run(_BEGIN, customer_id=row.id, workspace_id=row.workspace_id)
    enqueue(tx, RELINK, {"customer": row.id}, key=row.id)
    return True


def _combined(target: CustomerRow, source: CustomerRow) -> dict[str, Any]:
    """The columns of the target after the merge."""
    lists = ("emails", "phones", "social_handles", "channels", "tags")
    scalars = ("name", "primary_email", "primary_phone", "company", "notes", "timezone", "language")
    seen = [moment for row in (target, source) for moment in (row.first_seen_at, row.last_seen_at) if moment]
    merged_ids = [*_decode(target.merged_customer_ids), source.id, *_decode(source.merged_customer_ids)]
    return {
        **{name: _united(getattr(target, name), getattr(source, name)) for name in lists},
        **{name: getattr(target, name) or getattr(source, name) for name in scalars},
        "custom_fields": _json(_decode(source.custom_fields) | _decode(target.custom_fields)),
        "feedback_count": target.feedback_count + source.feedback_count,
        "first_seen_at": min(seen, default=None),
        "last_seen_at": max(seen, default=None),
        "merged_customer_ids": _json(list(dict.fromkeys(merged_ids))),
    }


def _united(first: str, second: str) -> str:
    """Two JSON lists as one, without duplicates."""
    return _json(list({_json(value): value for value in [*_decode(first), *_decode(second)]}.values()))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
