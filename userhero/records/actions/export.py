"""Asking for exports, and what becomes of them."""

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, literal_column, null, or_, select, update

from userhero.customers import find_emails
from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, NotFound
from userhero.kernel.instance import public_address
from userhero.kernel.jobs import enqueue
from userhero.records.queries import get_export, parts_of, read_parts, render
from userhero.records.tables import exports
from userhero.records.types import ExportRow, NewExport, Part, Place
from userhero.workspaces import enter_named

WRITE, REMOVE = "records.export", "records.remove_files"
# Exports of a workspace that have an archive, or will: each takes room in the store.
MOST = 20
KEPT_DAYS, LISTED_DAYS, CHUNK = 7, 90, 100
_TOKEN = 32

_e = exports
_INSERT = insertion(_e, "id", "workspace_id", "customer_id", "format", "include_media", "created_at")
_has_archive = or_(*(_e.c.status == literal_column(f"'{status}'") for status in ("waiting", "running", "done")))
_SOME = Statement(
    select(_e.c.id)
    .where(_e.c.workspace_id == bindparam("workspace"), _has_archive)
    .limit(literal_column("1"))
    .offset(literal_column(str(MOST - 1)))
)
_is_going = or_(*(_e.c.status == literal_column(f"'{status}'") for status in ("waiting", "running")))
_one = _e.c.id == bindparam("export")
_BEGIN = Statement(update(_e).where(_one, _is_going).values(status="running", total=bindparam("new_total")))
# Whoever lost the job to another process changes nothing: the other one's parts are in the row by now.
_ADD = Statement(
    update(_e)
    .where(_one, _is_going, _e.c.parts == bindparam("before"))
    .values(parts=bindparam("after"), place=bindparam("new_place"), done=bindparam("new_done"), bytes=bindparam("size"))
)
_FINISH = Statement(
    update(_e)
    .where(_one)
    .values(
        status="done",
        place=null(),
        token=bindparam("new_token"),
        url=bindparam("new_url"),
        finished_at=bindparam("moment"),
        expires_at=bindparam("until"),
    )
)
_nothing = {"parts": "[]", "bytes": 0, "token": null(), "url": null(), "place": null(), "expires_at": null()}
_FAIL = Statement(
    update(_e)
    .where(_one, _is_going)
    .values(status="failed", error=bindparam("problem"), finished_at=bindparam("moment"), **_nothing)
)
_EXPIRE = Statement(update(_e).where(_one).values(status="expired", **_nothing))
_EXPIRE_DONE = Statement(
    update(_e).where(_one, _e.c.status == literal_column("'done'")).values(status="expired", **_nothing)
)
_DELETE = Statement(delete(_e).where(_one))
_OF_WORKSPACE = Statement(
    select(_e.c.id)
    .where(_e.c.workspace_id == bindparam("workspace"), _has_archive)
    .order_by(_e.c.created_at)
    .limit(literal_column(str(MOST)))
)
_ERASED = "A customer was erased meanwhile; ask for it again."
_EXPIRED = Statement(
    select(_e.c.id)
    .where(_e.c.expires_at <= bindparam("moment"))
    .order_by(_e.c.expires_at)
    .limit(literal_column(str(CHUNK)))
)
_old = select(_e.c.id).where(_e.c.created_at <= bindparam("before")).order_by(_e.c.created_at)
_PURGE = Statement(delete(_e).where(_e.c.id.in_(_old.limit(literal_column(str(CHUNK))))))
_encode = msgspec.json.Encoder().encode


def request_export(tx: Transaction, actor: Actor, new: NewExport) -> str:
    """Ask for an export; returns it as JSON. A job writes it.

    Raises NotFound for an unknown customer, Conflict where the workspace has 20 that are not expired.
    """
    access = enter_named(tx, actor, new.workspace_id)
    if new.customer_id is not None and find_emails(tx, access.workspace_id, new.customer_id) is None:
        raise NotFound("Customer not found")
    if tx.value(_SOME, workspace=access.workspace_id) is not None:
        raise Conflict(f"A workspace has {MOST} exports at the most; delete one, or wait until one expires.")
    export_id = ids.new("exp")
    tx.run(
        _INSERT,
        id=export_id,
        workspace_id=access.workspace_id,
        customer_id=new.customer_id,
        format=new.format,
        include_media=new.include_media,
        created_at=tx.now,
    )
    go_on(tx, export_id)
    told = {"customerId": new.customer_id, "format": new.format, "includeMedia": new.include_media}
    audit.record(tx, actor, access.workspace_id, "export.requested", audit.Subject(export_id), after=told)
    return render(tx, export_id)


def delete_export(tx: Transaction, actor: Actor, export_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an export and its archive; one that is being written stops. Raises NotFound."""
    shown = msgspec.json.decode(get_export(tx, actor, export_id, workspace_id))
    told = {name: shown[name] for name in ("customerId", "format", "includeMedia")}
    audit.record(tx, actor, shown["workspaceId"], "export.deleted", audit.Subject(export_id), before=told)
    drop_files(tx, export_id)
    tx.run(_DELETE, export=export_id)


def go_on(tx: Transaction, export_id: str) -> None:
    """Let a job write an export, or more of it."""
    enqueue(tx, WRITE, {"export": export_id}, key=export_id)


def begin(tx: Transaction, export_id: str, total: int) -> None:
    """Say how much there is to do."""
    tx.run(_BEGIN, export=export_id, new_total=total)


def add_part(tx: Transaction, row: ExportRow, part: Part, place: Place, done: int, *, is_last: bool) -> bool:
    """Make a part that is in the store one of the archive's; with the last one people can have it. False where the
    export is gone or somebody else goes on with it.
    """
    parts = [*read_parts(row.parts), part]
    added = tx.run(
        _ADD,
        export=row.id,
        before=row.parts,
        after=_encode(parts).decode(),
        new_place=_encode(place).decode(),
        new_done=done,
        size=sum(each.size for each in parts),
    )
    if added and is_last:
        _finish(tx, row.id)
    return added == 1


def fail(tx: Transaction, export_id: str, problem: str) -> None:
    """Give an export up."""
    drop_files(tx, export_id)
    tx.run(_FAIL, export=export_id, problem=problem, moment=tx.now)


def withdraw_some(tx: Transaction, workspace_id: str) -> bool:
    """Remove archives of a workspace, in one of which somebody is who was erased; those that are being written fail.
    Twenty at the most; True where there may be more.
    """
    found = tx.texts(_OF_WORKSPACE, workspace=workspace_id)
    for export_id in found:
        drop_files(tx, export_id)
        tx.run(_FAIL, export=export_id, problem=_ERASED, moment=tx.now)
        tx.run(_EXPIRE_DONE, export=export_id)
    return len(found) == MOST


def expire_some(tx: Transaction) -> bool:
    """Remove the archives whose time is over, 100 at the most, and forget exports after 90 days; True where there may
    be more of either.
    """
    expired = tx.texts(_EXPIRED, moment=tx.now)
    for export_id in expired:
        drop_files(tx, export_id)
        tx.run(_EXPIRE, export=export_id)
    return CHUNK in (len(expired), tx.run(_PURGE, before=clock.shift(tx.now, days=-LISTED_DAYS)))


def _finish(tx: Transaction, export_id: str) -> None:
    """Let people have the archive, which is whole, for seven days."""
    token = ids.random_base62(_TOKEN)
    tx.run(
        _FINISH,
        export=export_id,
        new_token=token,
        new_url=f"{public_address(tx)}/exports/{token}/{export_id}.tar.gz",
        moment=tx.now,
        until=clock.shift(tx.now, days=KEPT_DAYS),
    )


def drop_files(tx: Transaction, export_id: str) -> None:
    """Have the files of an export removed once this is committed."""
    names = [part.name for part in parts_of(tx, export_id) or []]
    if names:
        enqueue(tx, REMOVE, {"files": names})
