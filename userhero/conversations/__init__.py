"""A thread of messages with attachments: comments, which the customer sees, and notes, which only members do.

It knows nothing of what a thread is about, who may write, or what a message sets off: ``write_comment`` and
``write_note`` are called by those who do.
"""

from userhero.conversations.actions import Written, write_comment, write_note
from userhero.conversations.extracts import message_extract
from userhero.conversations.forget import list_attached, list_authorship, list_said, unsay
from userhero.conversations.queries import in_thread, list_messages, list_texts, shown
from userhero.conversations.types import (
    AttachmentReference,
    Attachments,
    Author,
    AuthorType,
    Comment,
    MessageList,
    Note,
)

__all__ = [
    "AttachmentReference",
    "Attachments",
    "Author",
    "AuthorType",
    "Comment",
    "MessageList",
    "Note",
    "Written",
    "in_thread",
    "list_attached",
    "list_authorship",
    "list_messages",
    "list_said",
    "list_texts",
    "message_extract",
    "shown",
    "unsay",
    "write_comment",
    "write_note",
]
