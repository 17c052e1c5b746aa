"""Shapes of comments and notes on an item: what goes in, what happened. What comes out is the conversation's."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from userhero.conversations import Attachments, AuthorType
from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.terms import EMAIL, NOT_BLANK, described, id_for, sample_id
from userhero.media import Attachment

# Whatever has files needs no words.
_WITHOUT_FILES = {"not": {"properties": {"attachments": {"type": "array", "minItems": 1}}, "required": ["attachments"]}}
_BY_CUSTOMER = {"properties": {"authorType": {"const": "customer"}}, "required": ["authorType"]}
_WORDS = {"type": "string", "pattern": NOT_BLANK}


class NewComment(Input, kw_only=True):
    """A comment to add."""

    json_schema: ClassVar[dict[str, Any]] = {
        "allOf": [
            {"if": _WITHOUT_FILES, "then": {"properties": {"message": _WORDS}, "required": ["message"]}},
            {
                "if": _BY_CUSTOMER,
                "then": {
                    "properties": {
                        "authorName": {**_WORDS, "maxLength": 200},
                        "authorEmail": {"type": "string", **EMAIL},
                    },
                    "required": ["authorName", "authorEmail"],
                },
            },
        ]
    }

    message: (
        Annotated[
            str,
            described(
                "Comment text, trimmed. Required without attachments.",
                example="We are looking into it.",
                maxLength=2000,
            ),
        ]
        | None
    ) = None
    author_type: Annotated[AuthorType, Meta(description="Who says it.")] = "agent"
    author_name: (
        Annotated[
            str,
            described("Name of the customer, up to 200 characters, trimmed; required for one.", example="John Doe"),
        ]
        | None
    ) = None
    author_email: (
        Annotated[str, described("E-mail of the customer; required for one.", example="john@example.com")] | None
    ) = None
    attachments: Attachments | None = None


class NewNote(Input, kw_only=True):
    """A note to add."""

    json_schema: ClassVar[dict[str, Any]] = {
        "if": _WITHOUT_FILES,
        "then": {"anyOf": [{"properties": {name: _WORDS}, "required": [name]} for name in ("content", "contentHtml")]},
    }

    content: (
        Annotated[
            str,
            described(
                "Note text, trimmed. Required without `contentHtml` and attachments.",
                example="Reproduced on Chrome 120.",
                maxLength=5000,
            ),
        ]
        | None
    ) = None
    content_html: (
        Annotated[
            str,
            Meta(
                max_length=20_000,
                description="The note as HTML. It is sanitised.",
                examples=["<p>Reproduced on Chrome 120.</p>"],
            ),
        ]
        | None
    ) = None
    mentions: (
        Annotated[
            list[Annotated[str, id_for("user", "User ID.")]],
            Meta(
                max_length=50,
                description="User IDs of members; they become watchers.",
                examples=[[sample_id("user")]],
            ),
        ]
        | None
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
