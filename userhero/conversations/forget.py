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
# In one unit of work.
SOME = 5

_m = messages
_WRITTEN = Statement(
    select(_m.c.position, _m.c.thread_id, _m.c.document, _m.c.attachments)
    .where(
        _m.c.workspace_id == bindparam("workspace"),
        _m.c.author_type == literal_column("'customer'"),
        is_among(_m.c.author_email, bindparam("emails")),
        _m.c.created_at <= bindparam("until"),
    )
    .limit(literal_column(str(SOME)))
)
_AUTHORSHIP = Statement(
    select(_m.c.thread_id, _m.c.author_name)
    .where(
        _m.c.workspace_id == bindparam("workspace"),
        _m.c.author_type == literal_column("'customer'"),
        is_among(_m.c.author_email, bindparam("emails")),
        _m.c.created_at <= bindparam("until"),
    )
    .distinct()
)
_DELETE = Statement(delete(_m).where(_m.c.position == bindparam("message")))
_DISOWN = Statement(
    update(_m)
    .where(_m.c.position == bindparam("message"))
    .values(author_name=NOBODY, author_email=null(), attachments="[]", document=bindparam("shown"))
)
_ATTACHED = Statement(select(_m.c.attachments).where(_m.c.thread_id == bindparam("thread")))
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


def list_said(tx: Transaction, workspace_id: str, emails: str, until: str) -> list[Said]:
    """Some comments from addresses (a JSON list), wherever they are, made until a time: five at the most."""
    return tx.list(Said, _WRITTEN, workspace=workspace_id, emails=emails, until=until)


def list_authorship(tx: Transaction, workspace_id: str, emails: str, until: str) -> list[tuple[str, str]]:
    """In which threads comments came from addresses (a JSON list) until a time, and under which names."""
    rows = tx.all(_AUTHORSHIP, workspace=workspace_id, emails=emails, until=until)
    return [(thread_id, author_name) for thread_id, author_name in rows]


def list_attached(tx: Transaction, thread_id: str) -> list[str]:
    """The ids of what is attached in a thread."""
    return [file["id"] for text in tx.texts(_ATTACHED, thread=thread_id) for file in _decode(text)]


def unsay(tx: Transaction, said: Said, *, keep_text: bool) -> None:
    """Remove a message with its files, or all but its text."""
    drop_attachments(tx, said.files)
    if not keep_text:
        tx.run(_DELETE, message=said.position)
        return
    members: dict[str, Any] = _decode(said.document + "}")
    shown = msgspec.json.encode({**members, "authorName": NOBODY, "attachments": []}).decode().removesuffix("}")
    tx.run(_DISOWN, message=said.position, shown=shown)
