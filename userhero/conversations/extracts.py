"""What exports hold of conversations: each message as the API shows it, with the thread that it is in."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select, union_all

from userhero.conversations.queries import DOCUMENT, shown
from userhero.conversations.tables import messages
from userhero.conversations.types import Channel
from userhero.kernel.db.extract import Extract
from userhero.kernel.db.functions import is_among

_m = messages


def message_extract(name: str, channel: Channel, threads: Select[Any]) -> Extract:
    """The messages of a channel; a customer's are those in ``threads``, and the comments from their addresses."""
    document: ColumnElement[str] = func.concat(
        literal_column('\'{"feedbackId":"\''),
        _m.c.thread_id,
        literal_column("'\",'"),
        func.substr(DOCUMENT, literal_column("2")),
    )
    # Two ways to find them, an index for each; what is found by both comes once.
    written = select(_m.c.position).where(
        and_(
            _m.c.workspace_id == bindparam("workspace"),
            _m.c.author_type == literal_column("'customer'"),
            is_among(_m.c.author_email, bindparam("emails")),
        )
    )
    about = select(_m.c.position).where(_m.c.thread_id.in_(threads))
    return Extract(
        name,
        document,
        [_m.c.position],
        of_workspace=[
            _m.c.workspace_id == bindparam("workspace"),
            _m.c.channel == literal_column(f"'{channel}'"),
            _m.c.created_at <= bindparam("until"),
        ],
        of_customer=[_m.c.position.in_(union_all(about, written))],
        finished=shown,
    )
