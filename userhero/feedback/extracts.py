"""What exports hold of feedback: items as lists show them, what was said about each, and their files."""

from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from userhero.conversations import message_extract
from userhero.customers import THEIRS
from userhero.feedback.document import ITEM
from userhero.feedback.tables import feedback
from userhero.kernel.db.extract import Extract
from userhero.kernel.db.functions import is_among
from userhero.media import media_extract

_f = feedback

# Items of a customer: linked to them, or sent from one of their addresses and linked to nobody.
_from_them = (
    _f.c.workspace_id == bindparam("workspace"),
    _f.c.customer_id.is_(None),
    is_among(_f.c.user_email, bindparam("emails")),
)
_linked = select(_f.c.id).where(_f.c.customer_id.in_(THEIRS))
_unlinked = select(_f.c.id).where(*_from_them)
# Joined and not asked for with an OR, for which PostgreSQL looks at every item there is.
THEIR_ITEMS: Select[Any] = select(union_all(_linked, _unlinked).subquery("theirs").c.id)

MEDIA = media_extract(THEIR_ITEMS)
EXTRACTS = (
    Extract(
        "feedback",
        ITEM,
        [_f.c.created_at, _f.c.id],
        of_workspace=[_f.c.workspace_id == bindparam("workspace"), _f.c.created_at <= bindparam("until")],
        of_customer=[_f.c.id.in_(THEIR_ITEMS)],
    ),
    message_extract("comments", "comment", THEIR_ITEMS),
    message_extract("notes", "note", THEIR_ITEMS),
)
