"""Erasures that outlast a restore: each is noted in the store of files, beside the database, not in it.

A backup from before an erasure brings the customer back. A note is an empty file whose name says it all,
``erasures/WORKSPACE.CUSTOMER.CONTENT``: ids only, which lead to nobody once they are erased. A server looks at the
notes before it serves.
"""

import os
from functools import partial
from typing import NamedTuple

import msgspec

from userhero.customers import find_emails
from userhero.kernel import clock, log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import NotFound
from userhero.kernel.storage import LASTING, draft
from userhero.records.actions.erase import EVIDENCE_DAYS, erase_customer
from userhero.records.erasure_types import Content, Erase, ErasureRow
from userhero.workspaces import system_actor

_logger = log.get("records")


class _Note(NamedTuple):
    """One customer who was erased, or one who had been merged into them."""

    workspace_id: str
    customer_id: str
    content: Content


def note(database: Database, row: ErasureRow, ids: list[str]) -> None:
    """Keep that the customers with these ids were erased, where no restored database takes it back. Raises
    ServiceUnavailable where the store does.
    """
    for customer_id in ids:
        descriptor, file = draft(database.storage.incoming)
        os.close(descriptor)
        try:
            database.storage.put(f"{LASTING}{row.workspace_id}.{customer_id}.{row.content}", file)
        finally:
            file.unlink(missing_ok=True)


def redo_erasures(database: Database) -> int:
    """Erase again whom the database has and a note says were erased; returns how many those were. They are gone when
    this returns; what is left of them goes by jobs.
    """
    redone = 0
    for file in database.storage.all(LASTING):
        found = _read(file.name)
        if found is not None and database.read(partial(_is_back, found=found)):
            redone += database.write(partial(_redo, found=found))
    if redone:
        _logger.warning("the database is from before some erasures, which are made again", customers=redone)
    return redone


def forget_notes(database: Database) -> None:
    """Remove notes as old as evidence gets: no backup is kept that long."""
    before = clock.seconds() - EVIDENCE_DAYS * 86_400
    for file in database.storage.all(LASTING):
        if file.written_at < before:
            database.storage.delete(file.name)


def _is_back(tx: Transaction, found: _Note) -> bool:
    return find_emails(tx, found.workspace_id, found.customer_id) is not None


def _redo(tx: Transaction, found: _Note) -> bool:
    actor = system_actor(found.workspace_id, "Restore")
    try:
        erase_customer(tx, actor, found.customer_id, Erase(workspace_id=found.workspace_id, content=found.content))
    except NotFound:
        # The workspace is not there, or another process was faster.
        return False
    return True


def _read(name: str) -> _Note | None:
    """What a name says; None for one that is no note's."""
    try:
        return msgspec.convert(name.removeprefix(LASTING).split("."), _Note)
    except msgspec.ValidationError:
        return None
