"""Reads of exports."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, literal_column, or_, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.records.tables import exports
from userhero.records.types import ExportList, ExportRow, Part
from userhero.workspaces import enter_named, reach

_e = exports

DOCUMENT = (
    Document()
    .plain("id", _e.c.id)
    .plain("workspaceId", _e.c.workspace_id)
    .value("customerId", _e.c.customer_id)
    .plain("format", _e.c.format)
    .flag("includeMedia", _e.c.include_media)
    .plain("status", _e.c.status)
    .json("progress", Document().number("done", _e.c.done).number("total", _e.c.total).end())
    .number("bytes", _e.c.bytes)
    .value("url", _e.c.url)
    .value("error", _e.c.error)
    .plain("createdAt", _e.c.created_at)
    .value("finishedAt", _e.c.finished_at)
    .value("expiresAt", _e.c.expires_at)
    .end()
)
_LISTING = Listing(
    "exports",
    DOCUMENT,
    _e.c.id,
    filters={"workspace": _e.c.workspace_id == bindparam("workspace")},
    sorts={"createdAt": Sort(_e.c.created_at)},
)
_GET = Statement(select(_e.c.workspace_id, DOCUMENT).where(_e.c.id == bindparam("export")))
_RENDER = Statement(select(DOCUMENT).where(_e.c.id == bindparam("export")))
_PARTS = Statement(select(_e.c.parts).where(_e.c.id == bindparam("export")))
_is_going = or_(*(_e.c.status == literal_column(f"'{status}'") for status in ("waiting", "running")))
_row = [_e.c[name] for name in ExportRow.__struct_fields__]
_ROW = Statement(select(*_row).where(_e.c.id == bindparam("export"), _is_going))
_BY_TOKEN = Statement(
    select(_e.c.id, _e.c.bytes, _e.c.url, _e.c.parts).where(
        _e.c.token == bindparam("token"), _e.c.expires_at > bindparam("moment")
    )
)
read_parts = msgspec.json.Decoder(list[Part]).decode


class Archive(msgspec.Struct, array_like=True, frozen=True):
    """A finished archive, as it is served."""

    id: str
    size: int
    url: str
    parts: str


def list_exports(tx: Transaction, actor: Actor, query: ExportList) -> Slice:
    """A page of a workspace's exports."""
    access = enter_named(tx, actor, query.workspace_id)
    return _LISTING.page(tx, query.wanted(), {"workspace": access.workspace_id}, order=query.order)


def get_export(tx: Transaction, actor: Actor, export_id: str, workspace_id: str | UnsetType) -> str:
    """An export as JSON. Raises NotFound."""
    found = tx.one(_GET, export=export_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Export")
    assert found is not None, "reach raises for an unknown export"
    return str(found[1])


def find_going(tx: Transaction, export_id: str) -> ExportRow | None:
    """An export that is to be written, or None."""
    return tx.find(ExportRow, _ROW, export=export_id)


def find_archive(tx: Transaction, token: str) -> Archive | None:
    """The finished archive with this token, unless its time is over."""
    return tx.find(Archive, _BY_TOKEN, token=token, moment=tx.now)


def parts_of(tx: Transaction, export_id: str) -> list[Part] | None:
    """The files in the store that belong to an export; None where there is no such export."""
    found: Any = tx.value(_PARTS, export=export_id)
    return None if found is None else read_parts(found)


def render(tx: Transaction, export_id: str) -> str:
    """An export that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, export=export_id))
