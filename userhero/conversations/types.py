"""Shapes of messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import WholeList
from userhero.media import Attachment

Channel = Literal["comment", "note"]
AuthorType = Literal["agent", "customer"]

MAX_ATTACHMENTS = 3


class AttachmentReference(msgspec.Struct):
    """An attachment object as the upload returned it. Only its `id` is read."""

    id: Annotated[str, Meta(max_length=100, description="Attachment ID.", examples=["att_1712345678_abc123"])]


Attachments = Annotated[
    list[AttachmentReference],
    Meta(max_length=MAX_ATTACHMENTS, description="Attachment objects from the upload with `feedbackId`; at most 3."),
]


class MessageList(WholeList, kw_only=True):
    """Which part of a conversation to list: all of it, up to 1,000 messages, where nothing is said."""

    order: Annotated[Literal["asc", "desc"], Meta(description="`asc` is oldest first.")] = "asc"


class Comment(msgspec.Struct, rename="camel"):
    """A message in the conversation with the customer."""

    id: Annotated[str, Meta(description="Comment ID.", examples=["cc_1712345678_abc123"])]
    message: Annotated[str, Meta(description="Comment text; empty where there are only attachments.")]
    author_type: Annotated[AuthorType, Meta(description="Who wrote it.")]
    author_name: Annotated[str, Meta(description="Name of the author.")]
    attachments: Annotated[list[Attachment], Meta(description="Files, 3 at the most.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]


class Note(msgspec.Struct, rename="camel"):
    """An internal note, for members of the workspace only."""

    id: Annotated[str, Meta(description="Note ID.", examples=["0197f2c0-5f4e-7cc3-98c4-dc0c0c07398f"])]
    content: Annotated[str, Meta(description="Note text; empty where there are only attachments.")]
    content_html: Annotated[str | None, Meta(description="Sanitised HTML, where the note was written with it.")]
    author_name: Annotated[str, Meta(description="Name of the author.")]
    author_email: Annotated[str, Meta(description="E-mail of the author.")]
    attachments: Annotated[list[Attachment], Meta(description="Files, 3 at the most.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes. ``user_id`` is the account of an agent; a customer has none."""

    type: AuthorType
    name: str
    email: str
    user_id: str | None = None
