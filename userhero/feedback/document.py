"""The JSON of an item.

On SQLite the members that stand in the item's own row are a stored generated column, ``feedback.document``: lists read
it instead of rendering 30 columns a row, which is what makes them fast (docs/adr/0004-stored-documents.md). A migration
made the column from ``ROW`` as it was then; members that come later are added at the end here, until a rebuild.
PostgreSQL renders on reading.
"""

from typing import Any

from sqlalchemy import ColumnElement, Text, case, func, literal_column, select

from userhero.conversations import in_thread, shown
from userhero.customers import customer_moves, customers
from userhero.feedback.tables import feedback
from userhero.kernel.db import Document
from userhero.kernel.db.functions import json_of, stored
from userhero.workspaces import users

_f = feedback
_NOTES = ',"internalNotes":'


def _row(customer_id: ColumnElement[Any]) -> ColumnElement[str]:
    return (
        Document()
        .plain("id", _f.c.id)
        .number("ticketNumber", _f.c.ticket_number)
        .plain("workspaceId", _f.c.workspace_id)
        .plain("projectId", _f.c.project_id)
        .plain("widgetId", _f.c.widget_id)
        .value("message", _f.c.message)
        .value("category", _f.c.category)
        .value("rating", _f.c.rating)
        .plain("status", _f.c.status)
        .plain("statusCategory", _f.c.status_category)
        .json("tags", _f.c.tags)
        .value("priority", _f.c.priority)
        .value("assigneeId", _f.c.assignee_id)
        .json("watcherIds", _f.c.watcher_ids)
        .value("dueDate", _f.c.due_date)
        .flag("slaBreached", _f.c.sla_breached)
        .value("userEmail", _f.c.user_email)
        .value("userName", _f.c.user_name)
        .value("userPhone", _f.c.user_phone)
        .value("customerId", customer_id)
        .value("screenshotUrl", _f.c.screenshot_url)
        .value("attachmentUrl", _f.c.attachment_url)
        .value("audioUrl", _f.c.audio_url)
        .value("videoUrl", _f.c.video_url)
        .json("context", _f.c.context)
        .json("customMetadata", _f.c.custom_metadata)
        .number("votes", _f.c.votes)
        .flag("isPublic", _f.c.is_public)
        .flag("customerCommentsEnabled", _f.c.customer_comments_enabled)
        .plain("source", _f.c.source)
        .plain("createdAt", _f.c.created_at)
        .plain("updatedAt", _f.c.updated_at)
        .begin()
    )


ROW = _row(_f.c.customer_id)


def _of_assignee(column: Any) -> Any:
    return json_of(select(column).where(users.c.id == _f.c.assignee_id).scalar_subquery())


# While items follow a customer who was merged or deleted (``customers.customer_moves``), they show whose they are by
# now. In the stored text no quote of a value comes bare, so the first of these keys is the item's own.
_moves = select(customer_moves.c.customer_id)
_moved = _f.c.customer_id.in_(_moves)
_whose = select(customers.c.merged_into).where(customers.c.id == _f.c.customer_id).scalar_subquery()
_before: ColumnElement[str] = literal_column("',\"customerId\":'", Text)
_after: ColumnElement[str] = literal_column("',\"screenshotUrl\":'", Text)
_key_length: ColumnElement[int] = literal_column("13")
_document: ColumnElement[str] = literal_column("feedback.document", Text)
_moved_document = func.concat(
    func.substr(_document, literal_column("1"), func.instr(_document, _before) + _key_length),
    json_of(_whose),
    func.substr(_document, func.instr(_document, _after)),
)
_fresh = stored(_document, ROW)
_prefix = stored(case((_moved, _moved_document), else_=_document), _row(case((_moved, _whose), else_=_f.c.customer_id)))
_nobody = literal_column('\',"assigneeName":null,"assigneeEmail":null\'', Text)
_assignee = case(
    (_f.c.assignee_id.is_(None), _nobody),
    else_=func.concat(
        literal_column("',\"assigneeName\":'"),
        _of_assignee(users.c.name),
        literal_column("',\"assigneeEmail\":'"),
        _of_assignee(users.c.email),
    ),
)
_nothing_said = literal_column('\',"customerComments":[],"internalNotes":[]}\'', Text)

ITEM = func.concat(_prefix, _assignee, literal_column("'}'"))
# Pass it through ``presented`` on its way out.
FULL = func.concat(
    _prefix,
    _assignee,
    literal_column("',\"customerComments\":'"),
    in_thread(_f.c.id, "comment"),
    literal_column(f"'{_NOTES}'"),
    in_thread(_f.c.id, "note"),
    literal_column("'}'"),
)
# What an INSERT returns: nobody has been assigned and nothing been said yet.
CREATED = func.concat(_fresh, _nobody, _nothing_said)


def presented(full: str) -> str:
    """An item as ``FULL`` renders it, with its formatted notes sanitised once more."""
    # The last one is the item's own: inside a string its quotes would be escaped, and metadata stands before it.
    head, _, notes = full.rpartition(_NOTES)
    return f"{head}{_NOTES}{shown(notes[:-1])}}}"
