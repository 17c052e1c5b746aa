"""What exports hold of mails and messages: those of the last 30 days, with what they say."""

from sqlalchemy import and_, bindparam, literal_column, or_

from userhero.kernel.db.extract import Extract
from userhero.kernel.db.functions import is_among
from userhero.notifications.outbox_queries import document
from userhero.notifications.tables import outbox

_o = outbox

EXTRACTS = (
    Extract(
        "outbox",
        document().json("content", _o.c.content).end(),
        [_o.c.created_at, _o.c.position],
        of_workspace=[_o.c.workspace_id == bindparam("workspace"), _o.c.created_at <= bindparam("until")],
        of_customer=[
            or_(
                _o.c.customer_id == bindparam("customer"),
                and_(_o.c.channel == literal_column("'email'"), is_among(_o.c.recipient, bindparam("emails"))),
            )
        ],
    ),
)
