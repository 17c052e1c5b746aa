"""Who did what, to what, from where: a row for each administrative act, written in the transaction of the act.

So nothing is done without its record, and no record is left of what was refused or rolled back. Rows are never changed;
they go when they are as old as the setting ``audit_days`` says. Keys and secrets stay out of them.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, literal_column, select

from userhero.kernel import clock, ids
from userhero.kernel.actor import Actor, Origin
from userhero.kernel.db import Statement, Transaction, columns, insertion, metadata

audit_log = Table(
    "audit_log",
    metadata,
    columns.identifier(),
    # Null for what belongs to no workspace, such as an account. No foreign key: a record outlives what it is about.
    columns.optional("workspace_id"),
    columns.words("act"),
    columns.words("actor_id"),
    columns.words("actor_name"),
    columns.words("via"),
    columns.words("credential_id"),
    columns.words("subject_type"),
    columns.words("subject_id"),
    columns.optional("subject_name"),
    columns.optional("old_values"),
    columns.optional("new_values"),
    columns.optional("address"),
    columns.optional("user_agent"),
    columns.optional("request_id"),
    columns.time("created_at"),
    Index("ix_audit_log_created_at", "created_at", "id"),
    Index("ix_audit_log_workspace_id_created_at", "workspace_id", "created_at", "id"),
    Index("ix_audit_log_workspace_id_act", "workspace_id", "act", "created_at", "id"),
    Index("ix_audit_log_workspace_id_actor_id", "workspace_id", "actor_id", "created_at", "id"),
    Index("ix_audit_log_workspace_id_subject_id", "workspace_id", "subject_id", "created_at", "id"),
)

CHUNK, MAX_VALUE_BYTES = 500, 16 * 1024

_a = audit_log
_INSERT = insertion(audit_log, *audit_log.c.keys())
_old = select(_a.c.id).where(_a.c.created_at <= bindparam("before")).order_by(_a.c.created_at, _a.c.id)
_PURGE = Statement(delete(_a).where(_a.c.id.in_(_old.limit(literal_column(str(CHUNK))))))
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

# What the API shows of each object and a record says elsewhere, or need not say.
_UNTOLD = frozenset({"id", "workspaceId", "createdAt", "updatedAt"})
# Under these names addresses of other servers stand, which often hold a secret in their path.
_ADDRESSES = frozenset({"url", "to"})
_WEB = re.compile(r"(?P<scheme>https?://)(?:[^/?#]*@)?(?P<host>[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_SECRET_NAME = re.compile(r"secret|passw|token|api_?-?key|authorization", re.IGNORECASE)
_SECRET = re.compile(r"(whsec_|sk_live_)[0-9A-Za-z+/=_-]+")
_HIDDEN = "…"
# An end of so many characters is shown of what is longer than the second number.
_SHOWN_END, _LONG = 4, 12


class Subject(NamedTuple):
    """What an act is about. ``name`` is what people call it: none for those who may want to be forgotten."""

    id: str
    name: str | None = None


def record(
    tx: Transaction,
    actor: Actor,
    workspace_id: str | None,
    act: str,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down an act (``project.updated``: the kind of its subject, and the verb). Only actions call this.

    ``before`` and ``after`` are what differs, under the names of the API; None before something was made, and after it
    was removed. Secrets in them are masked, and a value of more than 16 KiB is left out.
    """
    origin = Origin() if tx.origin is None else tx.origin()
    tx.run(
        _INSERT,
        id=ids.new("aud"),
        workspace_id=workspace_id,
        act=act,
        actor_id=actor.user_id,
        actor_name=actor.name,
        via=actor.via,
        credential_id=actor.credential_id,
        subject_type=act.partition(".")[0],
        subject_id=subject.id,
        subject_name=_without_keys(_masked(subject.name, "url")),
        old_values=_kept(before),
        new_values=_kept(after),
        address=origin.address,
        user_agent=_without_keys(origin.user_agent),
        request_id=origin.request_id,
        created_at=tx.now,
    )


def record_change(
    tx: Transaction,
    actor: Actor,
    workspace_id: str,
    act: str,
    *,
    before: str | None = None,
    after: str | None = None,
    hidden: frozenset[str] = frozenset(),
) -> None:
    """Write down an act on an object from the JSON that the API shows of it: without ``before`` it was made, without
    ``after`` removed. See ``record``.

    Of an object that was changed only what differs is kept, and where nothing does, there was no act. ``hidden`` names
    what did change although it may be shown as it was.
    """
    old, new = (None if text is None else _decode(text) for text in (before, after))
    known = new or old or {}
    subject = Subject(known["id"], known.get("name") or known.get("url"))
    old, new = _told(old), _told(new)
    if old is not None and new is not None:
        names = [name for name in {**old, **new} if name in hidden or old.get(name) != new.get(name)]
        if not names:
            return
        old, new = ({name: side.get(name) for name in names} for side in (old, new))
    record(tx, actor, workspace_id, act, subject, before=old, after=new)


def purge(tx: Transaction, days: int) -> bool:
    """Forget records after so many days, at most 500 at once; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-days)) == CHUNK


def _told(shown: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a record keeps of an object: not what it says elsewhere, and nothing of what the object does not have."""
    if shown is None:
        return None
    return {name: value for name, value in shown.items() if name not in _UNTOLD and value is not None}


def _kept(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return _without_keys(_encode({name: _bounded(_masked(value, name)) for name, value in values.items()}).decode())


def _bounded(value: Any) -> Any:
    size = len(_encode(value))
    return value if size <= MAX_VALUE_BYTES else {"bytes": size}


def _masked(value: Any, name: str) -> Any:
    """A value without the secrets in it, as far as the names of members tell where these are."""
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if isinstance(value, dict):
        return {member: _masked(below, member) for member, below in value.items()}
    if isinstance(value, list):
        return [_masked(each, name) for each in value]
    found = _WEB.fullmatch(value) if isinstance(value, str) and name in _ADDRESSES else None
    return value if found is None else _short_address(found)


def _short_address(found: re.Match[str]) -> str:
    """Enough of an address to know it by: its host, and the end of a longer path. It need not be a valid one: people
    name things as they like.
    """
    end = found["rest"][-_SHOWN_END:] if len(found["rest"]) > _LONG else ""
    return f"{found['scheme']}{found['host']}/{_HIDDEN}{end}"


def _without_keys(text: str | None) -> str | None:
    """The text without API keys and webhook secrets, wherever somebody may have pasted one."""
    return None if text is None else _SECRET.sub(rf"\1{_HIDDEN}", text)
