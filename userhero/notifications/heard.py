"""The parts of other slices' events that notifications read."""

from typing import Any

import msgspec

from userhero.projects import Category


class File(msgspec.Struct, rename="camel", frozen=True):
    """An attachment."""

    file_name: str = ""
    url: str = ""


class Comment(msgspec.Struct, rename="camel", frozen=True):
    """``comment.created``."""

    feedback_id: str
    author_type: str
    author_name: str
    author_email: str
    message: str
    attachments: list[File] = []


class Note(msgspec.Struct, rename="camel", frozen=True):
    """``note.created``."""

    feedback_id: str
    author_name: str
    content: str
    mentions: list[str]


class Update(msgspec.Struct, rename="camel", frozen=True):
    """The ``changes`` of ``feedback.updated``; None where a field did not change, or is empty now."""

    assignee_id: str | None = None
    status: str | None = None
    status_category: Category | None = None


class _Updated(msgspec.Struct):
    changes: Update


class Endpoint(msgspec.Struct, rename="camel", frozen=True):
    """``webhook_endpoint.disabled`` and ``webhook_endpoint.failing``."""

    url: str
    reason: str | None = None
    error: str | None = None


class Submission(msgspec.Struct, rename="camel", frozen=True):
    """``feedback.created``."""

    project_id: str
    ticket_number: int
    message: str
    category: str | None
    rating: float | None
    context: dict[str, Any]
    metadata: dict[str, Any]


class Request(msgspec.Struct, rename="camel", frozen=True):
    """``automation.notification_requested``."""

    automation_id: str
    feedback_id: str
    channel: str
    to: str
    message: str


comment = msgspec.json.Decoder(Comment).decode
note = msgspec.json.Decoder(Note).decode
endpoint = msgspec.json.Decoder(Endpoint).decode
submission = msgspec.json.Decoder(Submission).decode
request = msgspec.json.Decoder(Request).decode
_updated = msgspec.json.Decoder(_Updated).decode


def update(data: str) -> Update:
    """What ``feedback.updated`` says of people and status."""
    return _updated(data).changes
