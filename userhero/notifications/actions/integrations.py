"""Making, changing, trying and removing integrations."""

from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete, select

from userhero.customers import find_email
from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.db.functions import text_contains
from userhero.kernel.errors import Conflict, Forbidden, Invalid
from userhero.kernel.outbound import RefusedTarget
from userhero.notifications.actions.places import recipient_of
from userhero.notifications.actions.post import Parcel, post
from userhero.notifications.content import Content
from userhero.notifications.integration_queries import count_integrations, get_integration_row, render_integration
from userhero.notifications.integration_types import MAX_NAME, IntegrationChange, NewIntegration
from userhero.notifications.outbox_queries import render_outbox_item
from userhero.notifications.tables import integrations, routing_rules
from userhero.workspaces import enter_named, hold_workspace, workspace_name

MAX_INTEGRATIONS = 50
_SHOWN_END = 4

_i = integrations
_INSERT = insertion(
    integrations, "id", "workspace_id", "type", "name", "target", "shown", "is_default", "created_at", "updated_at"
)
_DELETE = Statement(delete(_i).where(_i.c.id == bindparam("integration")))
_USED = Statement(
    select(routing_rules.c.name).where(
        routing_rules.c.workspace_id == bindparam("workspace"),
        text_contains(routing_rules.c.actions, bindparam("integration")),
    )
)
_changes = Changes(integrations)


def create_integration(tx: Transaction, actor: Actor, new: NewIntegration) -> str:
    """A new integration, as JSON. Raises Invalid for an address that can't be sent to, Forbidden where there are 50."""
    access = enter_named(tx, actor, new.workspace_id)
    values = {"name": _name(new.name), "is_default": new.is_default, **_target(tx, new.type, new.target)}
    hold_workspace(tx, access.workspace_id)
    if count_integrations(tx, access) >= MAX_INTEGRATIONS:
        raise Forbidden(f"A workspace has {MAX_INTEGRATIONS} integrations at the most.")
    integration_id = ids.new("int")
    tx.run(
        _INSERT,
        id=integration_id,
        workspace_id=access.workspace_id,
        type=new.type,
        created_at=tx.now,
        updated_at=tx.now,
        **values,
    )
    made = render_integration(tx, integration_id)
    audit.record_change(tx, actor, access.workspace_id, "integration.created", after=made)
    return made


def change_integration(tx: Transaction, actor: Actor, integration_id: str, change: IntegrationChange) -> str:
    """The integration after the change, as JSON. Raises NotFound, or Invalid as ``create_integration`` does."""
    row = get_integration_row(tx, actor, integration_id, change.workspace_id)
    values: dict[str, Any] = {}
    if isinstance(change.name, str):
        values["name"] = _name(change.name)
    if isinstance(change.is_default, bool):
        values["is_default"] = change.is_default
    if isinstance(change.target, str):
        target = _target(tx, row.type, change.target)
        if tx.keys.unseal(target["target"]) != tx.keys.unseal(row.target):
            values |= target
    changed = {name: value for name, value in values.items() if value != getattr(row, name, UNSET)}
    shown = render_integration(tx, row.id)
    if not changed:
        return shown
    _changes.apply(tx, row.id, changed)
    after = render_integration(tx, row.id)
    hidden = frozenset(changed) & {"target"}
    audit.record_change(tx, actor, row.workspace_id, "integration.updated", before=shown, after=after, hidden=hidden)
    return after


def delete_integration(tx: Transaction, actor: Actor, integration_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an integration, with what waits for it. Raises NotFound, or Conflict while a routing rule names it."""
    row = get_integration_row(tx, actor, integration_id, workspace_id)
    used_by = tx.value(_USED, workspace=row.workspace_id, integration=row.id)
    if used_by is not None:
        raise Conflict(f"The routing rule {used_by} sends to this integration; change that first.")
    shown = render_integration(tx, row.id)
    tx.run(_DELETE, integration=row.id)
    audit.record_change(tx, actor, row.workspace_id, "integration.deleted", before=shown)


def try_integration(tx: Transaction, actor: Actor, integration_id: str, workspace_id: str | UnsetType) -> str:
    """Send a few words to an integration; returns the row of the outbox as JSON.

    Raises NotFound, or Conflict where it is an address that has unsubscribed.
    """
    row = get_integration_row(tx, actor, integration_id, workspace_id)
    content = Content(
        workspace=workspace_name(tx, row.workspace_id),
        subject="A test",
        title="This is a test",
        reason=f"You get this because {actor.name} tried an integration.",
        paragraphs=["If you can read this, it works."],
    )
    outbox_id = post(tx, Parcel(row.workspace_id, "test", content), recipient_of(tx, row))
    if outbox_id is None:
        raise Conflict("Whoever reads at this address wants no more mail from the workspace.")
    return render_outbox_item(tx, outbox_id)


def _name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return name


def _target(tx: Transaction, kind: str, text: str) -> dict[str, Any]:
    """The columns of where it leads."""
    if kind == "email":
        address = find_email(text)
        if address is None:
            raise Invalid("target", "must be an e-mail address")
        return {"target": tx.keys.seal(address.encode()), "shown": address}
    try:
        tx.guard.check_literal(text)
    except RefusedTarget as refused:
        raise Invalid("target", refused.rule) from None
    url = urlsplit(text)
    return {"target": tx.keys.seal(text.encode()), "shown": f"{url.scheme}://{url.netloc}/…{text[-_SHOWN_END:]}"}
