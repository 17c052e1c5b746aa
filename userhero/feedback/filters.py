"""The filters of a feedback list: the conditions, and the values that a request gives them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, literal, literal_column, not_, or_, select

from userhero.customers import customers, find_email
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackList
from userhero.kernel import clock
from userhero.kernel.db import Transaction
from userhero.kernel.db.functions import json_array_has, json_member
from userhero.kernel.errors import Invalid
from userhero.projects import check_select_fields
from userhero.workspaces import Access

_CUSTOM_FIELDS = 5

Columns = Callable[[ColumnElement[Any]], ColumnElement[Any]]


def as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Let the engine use the column's indexes."""
    return column


def conditions(of: Columns, *, moving: bool) -> dict[str, ColumnElement[bool]]:
    """The filters by name. ``of`` says how they see a column; ``moving`` that items of the customer may still point at
    others who were merged into them.
    """
    f = {column.name: of(column) for column in feedback.c}
    return {
        "workspace": f["workspace_id"] == bindparam("workspace"),
        "status": f["status"] == bindparam("status"),
        "category": f["category"] == bindparam("category"),
        "project": f["project_id"] == bindparam("project"),
        "email": f["user_email"] == bindparam("email"),
        "priority": f["priority"] == bindparam("priority"),
        "tag": json_array_has(f["tags"], bindparam("tag")),
        "assignee": f["assignee_id"] == bindparam("assignee"),
        "unassigned": f["assignee_id"].is_(None),
        "customer": f["customer_id"].in_(_SAME_CUSTOMER) if moving else f["customer_id"] == bindparam("customer"),
        "widget": f["widget_id"] == bindparam("widget"),
        # Two conditions instead of one with a parameter: each has an index for what few items are.
        "public": f["is_public"],
        "notPublic": not_(f["is_public"]),
        "breached": f["sla_breached"],
        "notBreached": not_(f["sla_breached"]),
        # A word of its own, and no parameter: that is what the indexes of open items are for.
        "open": f["status_category"] == literal_column("'open'"),
        "_due_before": f["due_date"] <= bindparam("_due_before"),
        "createdAfter": f["created_at"] > bindparam("createdAfter"),
        "createdBefore": f["created_at"] < bindparam("createdBefore"),
        "updatedAfter": f["updated_at"] > bindparam("updatedAfter"),
        **{f"customField{number}": _custom_field(f, number) for number in range(1, _CUSTOM_FIELDS + 1)},
    }


def _custom_field(f: dict[str, ColumnElement[Any]], number: int) -> ColumnElement[bool]:
    field = json_member(f["custom_metadata"], literal("customFields"), bindparam(f"field{number}"))
    return field == bindparam(f"customField{number}")


class ToDo(NamedTuple):
    """Open items only; where ``due`` is given (``overdue``, say), those of them that are due by ``before``.

    The time itself may be another for the next page of a list; what it is called may not.
    """

    due: str | None = None
    before: str | None = None

    def values(self) -> dict[str, Any]:
        """The values of the filters."""
        due = {} if self.before is None else {"due": self.due, "_due_before": self.before}
        return {"open": True, **due}


_SAME_CUSTOMER = select(customers.c.id).where(
    or_(customers.c.id == bindparam("customer"), customers.c.merged_into == bindparam("customer"))
)


def filter_values(tx: Transaction, access: Access, query: FeedbackList) -> dict[str, Any]:
    """A value for each filter that the request uses. Raises Invalid for times and fields that are none."""
    given = {
        "status": query.status,
        "category": query.category,
        "project": query.project_id,
        "email": None if query.user_email is None else find_email(query.user_email) or "",
        "priority": query.priority,
        "tag": query.tag,
        "customer": query.customer_id,
        "widget": query.widget_id,
        "public": query.is_public or None,
        "notPublic": query.is_public is False or None,
        "breached": query.sla_breached or None,
        "notBreached": query.sla_breached is False or None,
        "createdAfter": _time("createdAfter", query.created_after),
        "createdBefore": _time("createdBefore", query.created_before),
        "updatedAfter": _time("updatedAfter", query.updated_after),
    }
    values = {name: value for name, value in given.items() if value is not None}
    if query.assignee_id is not None:
        values |= whose(query.assignee_id)
    if query.custom_field:
        values |= _custom_fields(tx, access, query)
    return {"workspace": access.workspace_id, **values}


def whose(assignee_id: str) -> dict[str, Any]:
    """The value of the filter by assignee; ``none`` for items that nobody looks after."""
    return {"unassigned": True} if assignee_id == "none" else {"assignee": assignee_id}


def _custom_fields(tx: Transaction, access: Access, query: FeedbackList) -> dict[str, Any]:
    if len(query.custom_field) > _CUSTOM_FIELDS:
        raise Invalid("customField", f"at most {_CUSTOM_FIELDS} fields can be filtered by at once")
    check_select_fields(tx, access, query.project_id, list(query.custom_field))
    values: dict[str, Any] = {}
    for number, (field, value) in enumerate(sorted(query.custom_field.items()), start=1):
        values |= {f"customField{number}": value, f"field{number}": field}
    return values


def _time(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return clock.parse(text)
    except ValueError:
        raise Invalid(name, "must be an ISO 8601 time") from None
