"""Reads of incoming webhooks."""

from msgspec import UnsetType
from sqlalchemy import Text, bindparam, cast, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.instance import public_address
from userhero.webhooks.tables import incoming_webhooks
from userhero.webhooks.types import WebhookList, WebhookRow
from userhero.workspaces import Access, enter_named, reach

PREFIX = "/api/hooks/"

_h = incoming_webhooks
DOCUMENT = (
    Document()
    .plain("id", _h.c.id)
    .plain("workspaceId", _h.c.workspace_id)
    .value("projectId", _h.c.project_id)
    .value("name", _h.c.name)
    .plain("slug", _h.c.slug)
    .value("url", func.concat(cast(bindparam("_base"), Text), _h.c.slug))
    .plain("createdAt", _h.c.created_at)
    .value("lastUsedAt", _h.c.last_used_at)
)
_LISTING = Listing(
    "webhooks",
    DOCUMENT.end(),
    _h.c.id,
    filters={"workspace": _h.c.workspace_id == bindparam("workspace")},
    sorts={"createdAt": Sort(_h.c.created_at)},
)
_GET = Statement(select(_h.c.workspace_id, DOCUMENT.end()).where(_h.c.id == bindparam("webhook")))
_RENDER = Statement(select(DOCUMENT.begin()).where(_h.c.id == bindparam("webhook")))
_row = [_h.c[name] for name in WebhookRow.__struct_fields__]
_by_slug = select(*_row).where(_h.c.slug == bindparam("slug"))
_BY_SLUG = Statement(_by_slug)
# Deliveries go on side by side; nobody deletes the webhook meanwhile.
_HELD = Statement(_by_slug.with_for_update(read=True, key_share=True))


def list_webhooks(tx: Transaction, actor: Actor, query: WebhookList) -> Slice:
    """The incoming webhooks of a workspace, newest first."""
    access = enter_named(tx, actor, query.workspace_id)
    values = {"workspace": access.workspace_id, "_base": _base(tx)}
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_webhook(tx: Transaction, actor: Actor, webhook_id: str, workspace_id: str | UnsetType) -> tuple[Access, str]:
    """A webhook as JSON, and the workspace that the actor entered for it. Raises NotFound."""
    found = tx.one(_GET, webhook=webhook_id, _base=_base(tx))
    access = reach(tx, actor, found[0] if found else None, workspace_id, "Webhook")
    assert found is not None, "reach raises for an unknown webhook"
    return access, str(found[1])


def render_unfinished(tx: Transaction, webhook_id: str) -> str:
    """A webhook that the unit has just made, as JSON without its closing brace."""
    return str(tx.value(_RENDER, webhook=webhook_id, _base=_base(tx)))


def find_by_slug(tx: Transaction, slug: str) -> WebhookRow | None:
    """The webhook with this name in its address, or None."""
    return tx.find(WebhookRow, _BY_SLUG, slug=slug)


def hold_by_slug(tx: Transaction, slug: str) -> WebhookRow | None:
    """The same; it is there until the unit ends."""
    return tx.find(WebhookRow, _HELD, slug=slug)


def _base(tx: Transaction) -> str:
    return public_address(tx) + PREFIX
