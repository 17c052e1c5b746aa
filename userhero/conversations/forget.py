"""Messages of somebody who is to be forgotten."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, literal_column, null, select, update

from userhero.conversations.tables import messages
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.media import drop_attachments

# Who a message is by whose author is known no more.
NOBODY = "Removed customer"

_m = messages
_theirs = (_m.c.author_type == literal_column("'customer'"),)
_message = [_m.c.position, _m.c.thread_id, _m.c.document, _m.c.attachments]
_IN_THREAD = Statement(select(*_message).where(_m.c.thread_id == bindparam("thread"), *_theirs))
_WRITTEN = Statement(
    select(*_message)
    .where(
        _m.c.workspace_id == bindparam("workspace"),
        *_theirs,
        is_among(_m.c.author_email, bindparam("emails")),
        _m.c.created_at <= bindparam("until"),
    )
    .limit(bindparam("most"))
)
_DELETE = Statement(delete(_m).where(_m.c.position == bindparam("message")))
_DISOWN = Statement(
    update(_m)
    .where(_m.c.position == bindparam("message"))
    .values(author_name=NOBODY, author_email=null(), attachments="[]", document=bindparam("shown"))
)
_OTHERS = Statement(
    select(_m.c.attachments).where(
        _m.c.thread_id == bindparam("thread"), _m.c.author_type != literal_column("'customer'")
    )
)
_decode = msgspec.json.decode


class Said(msgspec.Struct, array_like=True, frozen=True):
    """A message of somebody: its place, its thread, and what is stored of it."""

    position: int
    thread_id: str
    document: str
    attachments: str

    @property
    def files(self) -> list[str]:
        """The ids of what is attached."""
        return [file["id"] for file in _decode(self.attachments)]


def list_said(tx: Transaction, workspace_id: str, emails: str, until: str, most: int) -> list[Said]:
    """Comments from addresses (a JSON list), wherever they are, made until a time."""
    return tx.list(Said, _WRITTEN, workspace=workspace_id, emails=emails, until=until, most=most)


def list_by_customers(tx: Transaction, thread_id: str) -> list[Said]:
    """What customers said in a thread."""
    return tx.list(Said, _IN_THREAD, thread=thread_id)


def files_of_agents(tx: Transaction, thread_id: str) -> list[str]:
    """The ids of what members attached in a thread."""
    return [file["id"] for text in tx.texts(_OTHERS, thread=thread_id) for file in _decode(text)]


def unsay(tx: Transaction, said: Said, *, keep_text: bool) -> None:
    """Remove a message with its files, or all but its text."""
    drop_attachments(tx, said.files)
    if not keep_text:
        tx.run(_DELETE, message=said.position)
        return
    members: dict[str, Any] = _decode(said.document + "}")
    shown = msgspec.json.encode({**members, "authorName": NOBODY, "attachments": []}).decode().removesuffix("}")
    tx.run(_DISOWN, message=said.position, shown=shown)
