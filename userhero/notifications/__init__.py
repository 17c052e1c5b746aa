"""Telling people: who hears of what, as rows for the product to show, by mail, and in Slack.

Events become notifications and rows of an outbox in the transaction that reacts to them; jobs send what is there.
Whoever runs the server sees the outbox with ``list_newest`` and ``show_outbox_item``, and sends again with
``retry_one`` and ``retry_some``. ``problem_with_recipient`` is for rules that name whom to tell. ``MailDesk`` takes
answers to mail in. ``reply_beginning`` tells by which words a notice is of somebody's comment.
"""

from userhero.notifications.actions.retry import retry_one, retry_some
from userhero.notifications.desk import MailDesk
from userhero.notifications.extracts import EXTRACTS
from userhero.notifications.named import problem_with_recipient
from userhero.notifications.notice import reply_beginning
from userhero.notifications.outbox_queries import list_newest, show_outbox_item
from userhero.notifications.traces import TRACES

__all__ = [
    "EXTRACTS",
    "TRACES",
    "MailDesk",
    "list_newest",
    "problem_with_recipient",
    "reply_beginning",
    "retry_one",
    "retry_some",
    "show_outbox_item",
]
