"""Shapes of comments and notes on an item: what goes in, what happened. What comes out is the conversation's."""

from typing import Annotated, ClassVar

from msgspec import Meta

from userhero.conversations import Attachments, AuthorType
from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input
from userhero.media import Attachment


class NewComment(Input, kw_only=True):
    """A comment to add."""

    message: (
        Annotated[
            str,
            Meta(
                description="Comment text, trimmed. Required without attachments.",
                extra_json_schema={"maxLength": 2000},
            ),
        ]
        | None
    ) = None
    author_type: Annotated[AuthorType, Meta(description="Who says it.")] = "agent"
    author_name: (
        Annotated[str, Meta(description="Name of the customer, up to 200 characters; required for one.")] | None
    ) = None
    author_email: Annotated[str, Meta(description="E-mail of the customer; required for one.")] | None = None
    attachments: Attachments | None = None


class NewNote(Input, kw_only=True):
    """A note to add."""

    content: (
        Annotated[
            str,
            Meta(
                description="Note text, trimmed. Required without `contentHtml` and attachments.",
                extra_json_schema={"maxLength": 5000},
            ),
        ]
        | None
    ) = None
    content_html: Annotated[str, Meta(max_length=20_000, description="The note as HTML. It is sanitised.")] | None = (
        None
    )
    mentions: (
        Annotated[list[str], Meta(max_length=50, description="User IDs of members; they become watchers.")] | None
    ) = None
    attachments: Attachments | None = None


class CommentCreated(Event):
    """A comment was added to an item's conversation."""

    kind: ClassVar[str] = "comment.created"

    feedback_id: str
    project_id: str
    ticket_number: int
    message: str
    author_type: AuthorType
    author_name: str
    author_email: str
    attachments: list[Attachment]
    created_at: str


class NoteCreated(Event):
    """An internal note was added to an item."""

    kind: ClassVar[str] = "note.created"

    feedback_id: str
    project_id: str
    ticket_number: int
    content: str
    author_name: str
    author_email: str
    mentions: list[str]
    attachments: list[Attachment]
    created_at: str
