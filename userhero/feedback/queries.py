"""Reads of feedback."""

from typing import Any

from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.customers import customer_moves, customers
from userhero.feedback import lists
from userhero.feedback.document import FULL, presented
from userhero.feedback.filters import ToDo, filter_values, whose
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackList, FeedbackRow
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.listing import Slice
from userhero.kernel.errors import Invalid, NotFound
from userhero.projects import get_in_workspace, project_of_widget
from userhero.workspaces import Access, enter_named, reach

_f = feedback
COUNTED = 1_000
_MAX_DIGITS = 18
_GET = Statement(select(_f.c.workspace_id, FULL).where(_f.c.id == bindparam("feedback")))
_RENDER = Statement(select(FULL).where(_f.c.id == bindparam("feedback")))
_BY_NUMBER = Statement(
    select(FULL).where(_f.c.workspace_id == bindparam("workspace"), _f.c.ticket_number == bindparam("number"))
)
_row = [_f.c[name] for name in FeedbackRow.__struct_fields__]
_ROW = Statement(select(*_row).where(_f.c.id == bindparam("feedback")).with_for_update())
_merged = customers.alias("merged")
_moving = (
    select(_merged.c.id)
    .join_from(customer_moves, _merged, _merged.c.id == customer_moves.c.customer_id)
    .where(_merged.c.merged_into == bindparam("customer"))
    .exists()
)
_CUSTOMER = Statement(
    select(_moving).where(
        customers.c.id == bindparam("customer"),
        customers.c.workspace_id == bindparam("workspace"),
        customers.c.gone_at.is_(None),
    )
)


def list_feedback(tx: Transaction, actor: Actor, query: FeedbackList, to_do: ToDo | None = None) -> Slice:
    """A page of a workspace's items. Raises NotFound where a filter names another's project, widget or customer."""
    access = enter_named(tx, actor, query.workspace_id)
    moving = _check_filters(tx, access, query)
    values = filter_values(tx, access, query) | (to_do.values() if to_do else {})
    return lists.page(tx, query, values, moving=moving)


def count_to_do(tx: Transaction, access: Access, to_do: ToDo | None, assignee_id: str | None = None) -> int:
    """How many items there are: of somebody, of nobody (``none``), or in all; 1,001 where there are more than 1,000."""
    values: dict[str, Any] = {"workspace": access.workspace_id, **(to_do.values() if to_do else {})}
    if assignee_id is not None:
        values |= whose(assignee_id)
    return lists.count_some(tx, values, COUNTED)


def count_matching(tx: Transaction, access: Access, query: FeedbackList, to_do: ToDo | None) -> int | None:
    """How many items ``list_feedback`` would list, 1,001 where there are more than 1,000; None for a search whose words
    too many items have. Raises as that does.
    """
    moving = _check_filters(tx, access, query)
    values = filter_values(tx, access, query) | (to_do.values() if to_do else {})
    return lists.count_found(tx, query.search, values, COUNTED, moving=moving)


def get_feedback(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> str:
    """An item with its conversation and notes, as JSON. Raises NotFound."""
    found = tx.one(_GET, feedback=feedback_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Feedback item")
    assert found is not None, "reach raises for an unknown item"
    return presented(found[1])


def get_by_number(tx: Transaction, actor: Actor, ticket_number: str, workspace_id: str | UnsetType) -> str:
    """The item with this number in the workspace, as JSON; ``245`` and ``#245`` alike.

    Raises Invalid where it is no positive whole number, NotFound where no item has it.
    """
    access = enter_named(tx, actor, workspace_id)
    digits = ticket_number.removeprefix("#")
    number = digits.lstrip("0")
    if not (digits.isascii() and digits.isdigit()) or not number:
        raise Invalid("ticketNumber", "must be a positive whole number, such as 245 or #245")
    # No workspace has so many; the database could not even compare with a longer one.
    number = number if len(number) <= _MAX_DIGITS else "0"
    document = tx.value(_BY_NUMBER, workspace=access.workspace_id, number=int(number))
    if document is None:
        raise NotFound("Feedback item not found")
    return presented(document)


def render(tx: Transaction, feedback_id: str) -> str:
    """An item that the unit has just written, as JSON, as ``get_feedback`` shows it."""
    return presented(tx.value(_RENDER, feedback=feedback_id))


def get_row(
    tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType
) -> tuple[Access, FeedbackRow]:
    """An item as it is stored, locked until the unit ends, and the workspace entered for it. Raises NotFound."""
    row = tx.find(FeedbackRow, _ROW, feedback=feedback_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Feedback item")
    assert row is not None, "reach raises for an unknown item"
    return access, row


def _check_filters(tx: Transaction, access: Access, query: FeedbackList) -> bool:
    """True where items of the customer asked for may still point at others."""
    if query.project_id is not None:
        get_in_workspace(tx, access, query.project_id)
    if query.widget_id not in (None, "api"):
        project_of_widget(tx, access, str(query.widget_id))
    if query.customer_id is None:
        return False
    moving = tx.value(_CUSTOMER, customer=query.customer_id, workspace=access.workspace_id)
    if moving is None:
        raise NotFound("Customer not found")
    return bool(moving)
