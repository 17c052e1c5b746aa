"""Shapes of messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import WholeList
from userhero.kernel.http.terms import a_time, described
from userhero.media import Attachment

Channel = Literal["comment", "note"]
AuthorType = Literal["agent", "customer"]

MAX_ATTACHMENTS = 3


class AttachmentReference(msgspec.Struct):
    """An attachment object as the upload returned it. Only its `id` is read."""

    id: Annotated[str, Meta(max_length=100, description="Attachment ID.", examples=["att_1712345678_abc123"])]


Attachments = Annotated[
    list[AttachmentReference],
    Meta(
        max_length=MAX_ATTACHMENTS,
        description="Attachment objects from the upload with `feedbackId`; at most 3.",
        examples=[[{"id": "att_1712345678_abc123"}]],
    ),
]
Files = Annotated[list[Attachment], described("Files, 3 at the most.", maxItems=MAX_ATTACHMENTS)]


class MessageList(WholeList, kw_only=True):
    """Which part of a conversation to list: all of it, up to 1,000 messages, where nothing is said."""

    order: Annotated[Literal["asc", "desc"], Meta(description="`asc` is oldest first.")] = "asc"


class Comment(msgspec.Struct, rename="camel"):
    """A message in the conversation with the customer."""

    id: Annotated[str, described("Comment ID.", example="cc_1712345678_abc123", pattern="^cc_[0-9]+_[0-9A-Za-z]+$")]
    message: Annotated[
        str,
        described(
            "Comment text; empty where there are only attachments.", example="We are looking into it.", maxLength=2000
        ),
    ]
    author_type: Annotated[AuthorType, described("Who wrote it.", example="agent")]
    author_name: Annotated[str, described("Name of the author.", example="Jane Smith")]
    attachments: Files
    created_at: Annotated[str, a_time("When it was written.")]


class Note(msgspec.Struct, rename="camel"):
    """An internal note, for members of the workspace only."""

    id: Annotated[str, described("Note ID.", example="0197f2c0-5f4e-7cc3-98c4-dc0c0c07398f", format="uuid")]
    content: Annotated[
        str,
        described(
            "Note text; empty where there are only attachments.", example="Reproduced on Chrome 120.", maxLength=5000
        ),
    ]
    content_html: (
        Annotated[
            str,
            described(
                "Sanitised HTML, where the note was written with it.", example="<p>Reproduced on Chrome 120.</p>"
            ),
        ]
        | None
    )
    author_name: Annotated[str, described("Name of the author.", example="Jane Smith")]
    author_email: Annotated[
        str, described("E-mail of the author; empty for an automation's.", example="jane@example.com")
    ]
    attachments: Files
    created_at: Annotated[str, a_time("When it was written.")]


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes. ``user_id`` is the account of an agent; a customer has none."""

    type: AuthorType
    name: str
    email: str
    user_id: str | None = None


class PastMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it was written at some time: ``thread_id`` is the id of what it is about; ``html`` has been
    sanitised.
    """

    workspace_id: str
    thread_id: str
    channel: Channel
    author: Author
    text: str
    html: str | None
    created_at: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """By this it is known again."""
        return self.thread_id, self.channel, self.created_at, self.text
