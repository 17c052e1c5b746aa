"""Recording feedback: the one way in, for every surface."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, case, select
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.customers import Contact, find_phone, identify
from userhero.feedback import values
from userhero.feedback.deadlines import first_deadlines
from userhero.feedback.document import CREATED
from userhero.feedback.fields import with_checked_fields
from userhero.feedback.privacy import kept_context, kept_metadata, privacy
from userhero.feedback.promotion import Sender, promoted
from userhero.feedback.tables import feedback, ticket_counters
from userhero.feedback.types import FeedbackCreated, NewFeedback, Source
from userhero.feedback.words import index, index_new
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid
from userhero.kernel.events import emit
from userhero.media import claim_addresses
from userhero.projects import ProjectRow, WidgetFacts, get_in_workspace, get_widget_facts
from userhero.workspaces import PLANS, Access, counts_usage, enter_named

_n = ticket_counters
_INSERT = insertion(
    feedback,
    "id", "workspace_id", "project_id", "widget_id", "ticket_number", "message", "category", "rating", "tags",
    "priority", "due_date", "warn_at", "response_due_at", "user_email", "user_name", "user_phone", "customer_id",
    "screenshot_url", "attachment_url", "audio_url", "video_url", "context", "custom_metadata", "is_public",
    "customer_comments_enabled", "source", "created_at", "updated_at", "position",
    returning=CREATED,
)  # fmt: skip

_first = upsert(_n).values(workspace_id=bindparam("workspace"), last_number=1, month=bindparam("month"), in_month=1)
_same_month = _n.c.month == _first.excluded.month
_NUMBER = Statement(
    _first.on_conflict_do_update(
        index_elements=[_n.c.workspace_id],
        set_={
            "last_number": _n.c.last_number + 1,
            "in_month": case((_same_month, _n.c.in_month + 1), else_=1),
            "month": _first.excluded.month,
        },
    ).returning(_n.c.last_number, _n.c.in_month)
)
# Where people fill in a form, which asks for the fields that are required.
_FORMS = frozenset({"widget", "portal", "embedded"})
_IN_MONTH = Statement(
    select(_n.c.in_month).where(_n.c.workspace_id == bindparam("workspace"), _n.c.month == bindparam("month"))
)
URLS = {
    "screenshot_url": "screenshotUrl",
    "attachment_url": "attachmentUrl",
    "audio_url": "audioUrl",
    "video_url": "videoUrl",
}


def submit_feedback(tx: Transaction, actor: Actor, new: NewFeedback, *, source: Source = "api") -> str:
    """Record feedback in one of the workspace's projects; returns it as JSON, as ``get_feedback`` does.

    Raises NotFound for an unknown project or widget, Invalid where a value breaks a rule, Forbidden where the plan's
    monthly limit is used up.
    """
    access = enter_named(tx, actor, new.workspace_id)
    project = get_in_workspace(tx, access, new.project_id)
    widget = _widget(tx, access, project, new.widget_id)
    context, metadata = _kept(tx, project, new, complete=source in _FORMS)
    sender = promoted(metadata, values.email(new.user_email))
    row: dict[str, Any] = {
        "id": ids.new("fb"),
        "workspace_id": access.workspace_id,
        "project_id": project.id,
        "widget_id": "api" if widget is None else widget.id,
        "message": values.message(new.message),
        "category": values.category(new.category),
        "rating": values.rating(new.rating),
        "tags": msgspec.json.encode(values.tags(new.tags)).decode(),
        "priority": new.priority,
        **first_deadlines(project, new.priority, tx.now),
        **_addresses(new),
        "context": values.json_object(context) or "{}",
        "custom_metadata": values.json_object(metadata),
        "is_public": starts_public(project),
        "customer_comments_enabled": project.customer_comments_enabled,
        "source": source,
        "created_at": tx.now,
        "updated_at": tx.now,
        "position": index.new_place(tx, tx.now),
    }
    row |= _identified(tx, access, sender, source)
    row["ticket_number"] = _next_number(tx, access)
    document = tx.value(_INSERT, **row)
    index_new(tx, row["id"], row["position"], access.workspace_id, row["message"])
    claim_addresses(tx, access.workspace_id, row["id"], [(shown, row[name]) for name, shown in URLS.items()])
    _announce(tx, actor, row, widget)
    return str(document)


@counts_usage("feedback_per_month")
def count_month(tx: Transaction, workspace_id: str) -> tuple[int, ...]:
    """How many items the workspace recorded in this calendar month, UTC; deleting some makes no room."""
    return (tx.value(_IN_MONTH, workspace=workspace_id, month=tx.now[:7]) or 0,)


def starts_public(project: ProjectRow) -> bool:
    """New items are public where the portal is on and asks for no moderation."""
    if project.public_portal is None:
        return False
    portal = msgspec.json.decode(project.public_portal)
    return bool(portal["enabled"]) and not portal["requireModeration"]


def _widget(tx: Transaction, access: Access, project: ProjectRow, widget_id: str | None) -> WidgetFacts | None:
    """The widget that it came through; None where it came through none (``api``)."""
    if widget_id is None or widget_id == "api":
        return None
    widget = get_widget_facts(tx, access, widget_id)
    if widget.project_id != project.id:
        raise Invalid("widgetId", "belongs to another project")
    return widget


def _kept(
    tx: Transaction, project: ProjectRow, new: NewFeedback, *, complete: bool
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Context and metadata as the project keeps them. Raises BadRequest where they are too large or break a rule."""
    values.check_size("context", new.context)
    values.check_size("customMetadata", new.custom_metadata)
    settings = privacy(project.privacy_settings)
    metadata = with_checked_fields(project, new.custom_metadata, complete=complete)
    return kept_context(tx.keys, settings, new.context), kept_metadata(settings, metadata)


def _addresses(new: NewFeedback) -> dict[str, str | None]:
    return {name: values.url(shown, getattr(new, name)) for name, shown in URLS.items()}


def _identified(tx: Transaction, access: Access, sender: Sender, source: Source) -> dict[str, str | None]:
    phone = None if sender.phone is None else find_phone(sender.phone)
    customer_id = identify(tx, access.workspace_id, Contact(sender.email, phone, sender.name, source))
    return {
        "user_name": sender.name,
        "user_email": sender.email,
        "user_phone": sender.phone,
        "customer_id": customer_id,
    }


def _next_number(tx: Transaction, access: Access) -> int:
    """The workspace's next ticket number. Taken last: it makes other submissions of the workspace wait."""
    row = tx.one(_NUMBER, workspace=access.workspace_id, month=tx.now[:7])
    assert row is not None, "an upsert returns its row"
    number, in_month = row
    plan = PLANS[access.plan]
    limit = plan.limits.feedback_per_month
    if plan.grace is not None and limit is not None and in_month > int(limit * plan.grace + 0.5):
        raise Forbidden(f"The monthly limit of {limit} feedback items is used up; upgrade the plan to go on.")
    return int(number)


def _announce(tx: Transaction, actor: Actor, row: dict[str, Any], widget: WidgetFacts | None) -> None:
    event = FeedbackCreated(
        id=row["id"],
        project_id=row["project_id"],
        widget_id=row["widget_id"],
        widget_name=None if widget is None else widget.name,
        template=None if widget is None else widget.template,
        ticket_number=row["ticket_number"],
        message=row["message"],
        category=row["category"],
        rating=values.shown(row["rating"]),
        email=row["user_email"],
        status="new",
        screenshot_url=row["screenshot_url"],
        context=msgspec.Raw(row["context"].encode()),
        metadata=msgspec.Raw((row["custom_metadata"] or "{}").encode()),
        created_at=row["created_at"],
    )
    emit(tx, row["workspace_id"], event, actor_id=actor.user_id)
