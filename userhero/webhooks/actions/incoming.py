"""Making and removing incoming webhooks, and taking what they deliver."""

from typing import NamedTuple

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import BadRequest, Detail, Forbidden, Invalid
from userhero.projects import get_in_workspace
from userhero.webhooks.queries import get_webhook, render_unfinished
from userhero.webhooks.signatures import new_secret
from userhero.webhooks.tables import incoming_webhooks, webhook_receipts
from userhero.webhooks.types import NewWebhook, Payload, WebhookRow
from userhero.workspaces import enter_named, hold_workspace

MAX_NAME, MAX_WEBHOOKS, REPLAY_HOURS, CHUNK = 200, 1000, 24, 500
_SLUG = 24

_h, _r = incoming_webhooks, webhook_receipts
_INSERT = insertion(incoming_webhooks, "id", "workspace_id", "project_id", "name", "slug", "secret", "created_at")
_SOME = Statement(
    select(_h.c.id)
    .where(_h.c.workspace_id == bindparam("workspace"))
    .limit(literal_column("1"))
    .offset(literal_column(str(MAX_WEBHOOKS - 1)))
)
_DELETE = Statement(delete(_h).where(_h.c.id == bindparam("webhook")))
_TOUCH = Statement(
    update(_h)
    .where(
        _h.c.id == bindparam("webhook"),
        or_(_h.c.last_used_at.is_(None), _h.c.last_used_at <= bindparam("before")),
    )
    .values(last_used_at=bindparam("now"))
)
_receipt = upsert(_r).values(webhook_id=bindparam("webhook"), mark=bindparam("mark"), created_at=bindparam("now"))
_CLAIM = Statement(
    _receipt.on_conflict_do_update(
        index_elements=[_r.c.webhook_id, _r.c.mark],
        set_={"created_at": _receipt.excluded.created_at},
        where=_r.c.created_at <= bindparam("expired"),
    )
)
_mine = (_r.c.webhook_id == bindparam("webhook"), _r.c.mark == bindparam("mark"))
_FIRST = Statement(select(_r.c.feedback_id).where(*_mine))
_KEEP = Statement(
    update(_r)
    .where(_r.c.webhook_id == bindparam("of_webhook"), _r.c.mark == bindparam("of_mark"))
    .values(feedback_id=bindparam("item"))
)
_old = select(_r.c.webhook_id, _r.c.mark).where(_r.c.created_at <= bindparam("expired")).order_by(_r.c.created_at)
_old_rows = _old.limit(literal_column(str(CHUNK))).subquery()
_PURGE = Statement(
    delete(_r).where(
        _r.c.created_at <= bindparam("expired"),
        select(_old_rows.c.mark)
        .where(_old_rows.c.webhook_id == _r.c.webhook_id, _old_rows.c.mark == _r.c.mark)
        .exists(),
    )
)


class _Shown(msgspec.Struct):
    id: str


class Received(NamedTuple):
    """What became of a delivery; ``again`` says that it came before."""

    feedback_id: str
    again: bool


def create_webhook(tx: Transaction, actor: Actor, new: NewWebhook) -> str:
    """A new webhook, as JSON with its secret: the only time that it is shown.

    Raises NotFound for an unknown project, Invalid for a bad name, Forbidden where the workspace has 1,000.
    """
    access = enter_named(tx, actor, new.workspace_id)
    project_id = None if new.project_id is None else get_in_workspace(tx, access, new.project_id).id
    name = new.name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    hold_workspace(tx, access.workspace_id)
    if tx.value(_SOME, workspace=access.workspace_id) is not None:
        raise Forbidden(f"A workspace has {MAX_WEBHOOKS} incoming webhooks at the most.")
    webhook_id, secret = ids.new("wh"), new_secret()
    tx.run(
        _INSERT,
        id=webhook_id,
        workspace_id=access.workspace_id,
        project_id=project_id,
        name=name,
        slug=ids.random_base62(_SLUG),
        secret=tx.keys.seal(secret.encode()),
        created_at=tx.now,
    )
    shown = render_unfinished(tx, webhook_id)
    audit.record_change(tx, actor, access.workspace_id, "incoming_webhook.created", after=shown + "}")
    return f'{shown},"secret":"{secret}"}}'


def delete_webhook(tx: Transaction, actor: Actor, webhook_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a webhook; what came through it stays. Raises NotFound."""
    access, shown = get_webhook(tx, actor, webhook_id, workspace_id)
    if tx.run(_DELETE, webhook=webhook_id):
        audit.record_change(tx, actor, access.workspace_id, "incoming_webhook.deleted", before=shown)


def receive(tx: Transaction, actor: Actor, webhook: WebhookRow, mark: str, payload: Payload) -> Received:
    """Record what a webhook delivered, once: the same again within 24 hours gives the first item.

    Raises Invalid where the payload breaks a rule, NotFound for a project that is not the workspace's.
    """
    values = {"webhook": webhook.id, "mark": mark}
    expired = clock.shift(tx.now, hours=-REPLAY_HOURS)
    if not tx.run(_CLAIM, **values, now=tx.now, expired=expired):
        return Received(str(tx.value(_FIRST, **values)), again=True)
    feedback_id = _submit(tx, actor, webhook, payload)
    tx.run(_KEEP, of_webhook=webhook.id, of_mark=mark, item=feedback_id)
    a_minute_ago = clock.shift(tx.now, minutes=-1)
    if webhook.last_used_at is None or webhook.last_used_at <= a_minute_ago:
        tx.run(_TOUCH, webhook=webhook.id, before=a_minute_ago, now=tx.now)
    return Received(feedback_id, again=False)


def purge_receipts(tx: Transaction) -> bool:
    """Forget deliveries after 24 hours, at most 500 at once; True where there may be more."""
    return tx.run(_PURGE, expired=clock.shift(tx.now, hours=-REPLAY_HOURS)) == CHUNK


def _submit(tx: Transaction, actor: Actor, webhook: WebhookRow, payload: Payload) -> str:
    project_id = payload.project_id or webhook.project_id
    if project_id is None:
        raise Invalid("projectId", "is required: the webhook has no project of its own")
    new = NewFeedback(
        workspace_id=webhook.workspace_id,
        project_id=project_id,
        message=payload.message,
        category=payload.category,
        rating=payload.rating,
        tags=payload.tags,
        user_email=payload.user_email,
        context=payload.context,
        custom_metadata=payload.metadata,
    )
    try:
        return msgspec.json.decode(submit_feedback(tx, actor, new, source="webhook"), type=_Shown).id
    except BadRequest as problem:
        raise _in_words_of_the_payload(problem) from None


def _in_words_of_the_payload(problem: BadRequest) -> BadRequest:
    """What the API calls ``customMetadata`` came as ``metadata``."""

    def renamed(text: str) -> str:
        return "metadata" + text.removeprefix("customMetadata") if text.startswith("customMetadata") else text

    details = tuple(Detail(renamed(detail.field), detail.message) for detail in problem.details)
    return BadRequest(renamed(problem.message), details=details)
