"""Shapes of messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.db.listing import Wanted
from userhero.kernel.errors import Invalid
from userhero.kernel.http.inputs import Input
from userhero.media import Attachment

Channel = Literal["comment", "note"]
AuthorType = Literal["agent", "customer"]

MAX_ATTACHMENTS, WHOLE, USUAL = 3, 1000, 20


class AttachmentReference(msgspec.Struct):
    """An attachment object as the upload returned it. Only its `id` is read."""

    id: Annotated[str, Meta(max_length=100, description="Attachment ID.", examples=["att_1712345678_abc123"])]


Attachments = Annotated[
    list[AttachmentReference],
    Meta(max_length=MAX_ATTACHMENTS, description="Attachment objects from the upload with `feedbackId`; at most 3."),
]


class MessageList(Input, kw_only=True):
    """Which part of a conversation to list: all of it, up to 1,000 messages, where nothing is said."""

    page: Annotated[int, Meta(ge=1, le=1_000_000_000, description="Page number, from 1.")] | UnsetType = UNSET
    page_size: (
        Annotated[int, Meta(ge=1, le=100, description="Results per page; 20 where only `page` is given.")] | UnsetType
    ) = UNSET
    cursor: (
        Annotated[str, Meta(max_length=4096, description="`nextCursor` of the page before, instead of `page`.")]
        | UnsetType
    ) = UNSET
    include_total: Annotated[bool, Meta(description="Adds `pagination.total`.")] = False
    order: Annotated[Literal["asc", "desc"], Meta(description="`asc` is oldest first.")] = "asc"

    @property
    def paged(self) -> bool:
        """Whether a page is asked for."""
        return self.include_total or any(given is not UNSET for given in (self.page, self.page_size, self.cursor))

    def wanted(self) -> Wanted:
        """Which part of the list this asks for. Raises Invalid where it names both a page and a cursor."""
        size = self.page_size or (USUAL if self.paged else WHOLE)
        if isinstance(self.cursor, str):
            if self.page is not UNSET:
                raise Invalid("cursor", "can't be combined with page")
            return Wanted(1, size, self.cursor, self.include_total)
        return Wanted(self.page or 1, size, None, self.include_total)


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
