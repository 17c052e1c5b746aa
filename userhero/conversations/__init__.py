"""A thread of messages with attachments: comments, which the customer sees, and notes, which only members do.

It knows nothing of what a thread is about, who may write, or what a message sets off: ``write_comment`` and
``write_note`` are called by those who do, ``record_messages`` for what was written elsewhere long ago.
"""

from userhero.conversations.actions import Written, record_messages, write_comment, write_note
from userhero.conversations.extracts import message_extract
from userhero.conversations.forget import list_attached, list_authorship, list_said, unsay
from userhero.conversations.queries import in_thread, list_keys, list_messages, list_texts, shown
from userhero.conversations.types import (
    AttachmentReference,
    Attachments,
    Author,
    AuthorType,
    Channel,
    Comment,
    MessageList,
    Note,
    PastMessage,
)

__all__ = [
    "AttachmentReference",
    "Attachments",
    "Author",
    "AuthorType",
    "Channel",
    "Comment",
    "MessageList",
    "Note",
    "PastMessage",
    "Written",
    "in_thread",
    "list_attached",
    "list_authorship",
    "list_keys",
    "list_messages",
    "list_said",
    "list_texts",
    "message_extract",
    "record_messages",
    "shown",
    "unsay",
    "write_comment",
    "write_note",
]
