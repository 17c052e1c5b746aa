"""Reads of the audit log."""

import msgspec
from sqlalchemy import bindparam

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.audit import audit_log
from userhero.kernel.db import Document, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort, Wanted
from userhero.kernel.errors import Forbidden, Invalid
from userhero.workspaces.access import enter_named
from userhero.workspaces.audit_types import AuditList
from userhero.workspaces.types import API_ROLES

SHOWN = 1000

_a = audit_log
_actor = (
    Document()
    .value("userId", _a.c.actor_id)
    .value("name", _a.c.actor_name)
    .plain("via", _a.c.via)
    .value("credentialId", _a.c.credential_id)
    .end()
)
_subject = (
    Document().plain("type", _a.c.subject_type).value("id", _a.c.subject_id).value("name", _a.c.subject_name).end()
)
_DOCUMENT = (
    Document()
    .plain("id", _a.c.id)
    .value("workspaceId", _a.c.workspace_id)
    .plain("act", _a.c.act)
    .json("actor", _actor)
    .json("subject", _subject)
    .json("before", _a.c.old_values)
    .json("after", _a.c.new_values)
    .value("address", _a.c.address)
    .value("userAgent", _a.c.user_agent)
    .value("requestId", _a.c.request_id)
    .plain("createdAt", _a.c.created_at)
    .end()
)
_LISTING = Listing(
    "audit log",
    _DOCUMENT,
    _a.c.id,
    filters={
        "workspace": _a.c.workspace_id == bindparam("workspace"),
        "actor": _a.c.actor_id == bindparam("actor"),
        "act": _a.c.act == bindparam("act"),
        "subject": _a.c.subject_id == bindparam("subject"),
        "after": _a.c.created_at > bindparam("after"),
        "before": _a.c.created_at < bindparam("before"),
    },
    sorts={"createdAt": Sort(_a.c.created_at)},
)


class AuditFilter(msgspec.Struct, kw_only=True, frozen=True):
    """Which records to show; None asks for nothing. Times are as ``kernel.clock`` reads them."""

    workspace: str | None = None
    actor: str | None = None
    act: str | None = None
    subject: str | None = None
    after: str | None = None
    before: str | None = None


def list_audit_log(tx: Transaction, actor: Actor, query: AuditList) -> Slice:
    """A page of the audit log of a workspace, newest first. Raises Forbidden for those who are no owner or admin,
    however they come, and Invalid for a time that is none.
    """
    access = enter_named(tx, actor, query.workspace_id)
    if access.role not in API_ROLES:
        raise Forbidden("Only owners and admins of the workspace may read its audit log.")
    wanted = AuditFilter(
        workspace=access.workspace_id,
        actor=query.actor_id,
        act=query.act,
        subject=query.subject_id,
        after=_time("createdAfter", query.created_after),
        before=_time("createdBefore", query.created_before),
    )
    return _LISTING.page(tx, query.wanted(), _values(wanted), order=query.order)


def list_newest_acts(tx: Transaction, wanted: AuditFilter) -> list[str]:
    """The newest 1,000 records as JSON, of all workspaces and of what belongs to none, for whoever runs the server.

    Raises Invalid for a time that is none.
    """
    times = {name: _time(name, getattr(wanted, name)) for name in ("after", "before")}
    return _LISTING.page(tx, Wanted(size=SHOWN), _values(msgspec.structs.replace(wanted, **times))).items


def _values(wanted: AuditFilter) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}


def _time(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return clock.parse(text)
    except ValueError:
        raise Invalid(name, "must be an ISO 8601 time") from None
