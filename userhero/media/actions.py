"""Writes on media."""

import re
from collections.abc import Iterable

import msgspec
from sqlalchemy import bindparam, delete, select, update

from userhero.kernel import clock, ids
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import Invalid
from userhero.media.queries import count_bytes, find_attachment
from userhero.media.tables import media, media_removals
from userhero.media.types import Examined
from userhero.workspaces import Access, check_limit, reserve

UNATTACHED_HOURS = 24

_m, _r = media, media_removals
_INSERT = insertion(
    media,
    "id", "workspace_id", "project_id", "feedback_id", "token", "url", "kind", "mime_type", "file_name", "size",
    "sha256", "created_at",
)  # fmt: skip
_ATTACH = Statement(
    update(_m)
    .where(_m.c.id == bindparam("media"), _m.c.feedback_id == bindparam("owner"))
    .values(attached_at=bindparam("now"))
)
_OWNER = Statement(select(_m.c.workspace_id).where(_m.c.token == bindparam("token")))
_CLAIM = Statement(
    update(_m)
    .where(_m.c.token == bindparam("wanted"), _m.c.feedback_id.is_(None))
    .values(feedback_id=bindparam("owner"), attached_at=bindparam("now"))
)
_FORGOTTEN = select(_m.c.id).where(_m.c.attached_at.is_(None), _m.c.created_at <= bindparam("before"))
# Said twice: of a file that is attached meanwhile, PostgreSQL asks the outer condition again and not the inner one.
_DROP = Statement(
    delete(_m).where(_m.c.attached_at.is_(None), _m.c.id.in_(_FORGOTTEN.order_by(_m.c.created_at).limit(500)))
)
_DROP_OF = Statement(delete(_m).where(_m.c.feedback_id == bindparam("owner"), ~is_among(_m.c.id, bindparam("spared"))))
_DROP_ONE = Statement(delete(_m).where(_m.c.id == bindparam("gone")))
_encode = msgspec.json.Encoder().encode
_REMOVALS = Statement(select(_r.c.token).order_by(_r.c.token).limit(100))
_REMOVED = Statement(delete(_r).where(_r.c.token == bindparam("gone")))
# The path of an uploaded file, on whichever host.
_ADDRESS = re.compile(r"https?://[^/?#]+/media/([0-9A-Za-z]{32})/[^/?#]*")


def add_media(
    tx: Transaction, access: Access, file: Examined, *, project_id: str | None, feedback_id: str | None
) -> str:
    """Record a file that has been stored; returns its id. It is removed after 24 hours unless it is attached by then.

    Raises Forbidden where the plan's storage is used up.
    """
    if reserve(tx, access, "storage_bytes"):
        (used,) = count_bytes(tx, access.workspace_id)
        check_limit(access, "storage_bytes", used + file.size)
    media_id = f"att_{int(clock.unix(tx.now))}_{ids.random_base62(12)}"
    tx.run(
        _INSERT,
        id=media_id,
        workspace_id=access.workspace_id,
        project_id=project_id,
        feedback_id=feedback_id,
        token=file.token,
        url=file.url,
        kind=file.kind,
        mime_type=file.mime_type,
        file_name=file.file_name,
        size=file.size,
        sha256=file.sha256,
        created_at=tx.now,
    )
    return media_id


def attach(tx: Transaction, feedback_id: str, media_ids: list[str]) -> list[str]:
    """Keep files that were uploaded for an item; returns them as JSON, in the order given.

    Raises Invalid for one that was not uploaded for this item, or that comes twice.
    """
    found = []
    for number, media_id in enumerate(media_ids):
        field = f"attachments[{number}].id"
        if media_id in media_ids[:number]:
            raise Invalid(field, "is given twice")
        attached = tx.run(_ATTACH, media=media_id, owner=feedback_id, now=tx.now)
        document = find_attachment(tx, feedback_id, media_id)
        if not attached or document is None:
            raise Invalid(field, "is no attachment that was uploaded for this feedback item")
        found.append(document)
    return found


def claim_addresses(
    tx: Transaction, workspace_id: str, feedback_id: str, addresses: Iterable[tuple[str, str | None]]
) -> None:
    """Keep the files that the addresses of an item name, given by field: from now on they go with the item.

    Addresses elsewhere are nobody's business. Raises Invalid for a file of another workspace.
    """
    for token in check_addresses(tx, workspace_id, addresses):
        tx.run(_CLAIM, wanted=token, owner=feedback_id, now=tx.now)


def check_addresses(tx: Transaction, workspace_id: str, addresses: Iterable[tuple[str, str | None]]) -> list[str]:
    """The tokens of the files that an item's addresses name, given by field. Raises as ``claim_addresses`` does."""
    found = []
    for field, address in addresses:
        matched = _ADDRESS.fullmatch(address) if address else None
        if matched is None:
            continue
        owner = tx.value(_OWNER, token=matched[1])
        if owner is not None and owner != workspace_id:
            raise Invalid(field, "is no file of this workspace")
        found.append(matched[1])
    return found


def drop_files(tx: Transaction, feedback_id: str, *, kept: Iterable[str] = ()) -> None:
    """Remove the files of an item but for some, named by their ids."""
    tx.run(_DROP_OF, owner=feedback_id, spared=_encode(list(kept)).decode())


def drop_attachments(tx: Transaction, media_ids: Iterable[str]) -> None:
    """Remove files by their ids."""
    for media_id in media_ids:
        tx.run(_DROP_ONE, gone=media_id)


def drop_forgotten(tx: Transaction) -> int:
    """Remove up to 500 files that nobody attached within 24 hours; returns how many."""
    return tx.run(_DROP, before=clock.shift(tx.now, hours=-UNATTACHED_HOURS))


def list_removals(tx: Transaction) -> list[str]:
    """Up to 100 tokens of files that no row names any more."""
    return tx.texts(_REMOVALS)


def settle_removals(tx: Transaction, tokens: list[str]) -> None:
    """Forget files that are gone from the store."""
    for token in tokens:
        tx.run(_REMOVED, gone=token)
