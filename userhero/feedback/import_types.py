"""Shapes of what is brought in from elsewhere: items that are history already, and what was said about them."""

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from userhero.conversations import AuthorType
from userhero.feedback.value_types import CategoryName, Context, Level, Metadata, Rating, Tags, Url
from userhero.kernel.actor import Actor
from userhero.kernel.errors import BadRequest, Detail

# Votes of an item; a JSON number that every program reads exactly.
_MOST = 2**53
_ShortText = Annotated[str, Meta(max_length=200)]
_Time = Annotated[str, Meta(max_length=64)]


class ImportMessage(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """A comment or a note as it was elsewhere. An agent is the member with ``author_email``, if there is one."""

    message: str = ""
    html: Annotated[str, Meta(max_length=20_000)] | None = None
    author_type: AuthorType = "agent"
    author_name: _ShortText | None = None
    author_email: _ShortText | None = None
    created_at: _Time | None = None


class ImportItem(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """An item as it was elsewhere; what is None is not known. ``external_id`` is its id there: an item that comes again
    under it is the same one. ``status`` is the id of a status of the project.
    """

    external_id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    message: str
    category: CategoryName | None = None
    rating: Rating | None = None
    tags: Tags | None = None
    priority: Level | None = None
    status: _ShortText | None = None
    assignee_email: _ShortText | None = None
    user_email: str | None = None
    user_name: _ShortText | None = None
    user_phone: str | None = None
    screenshot_url: Url | None = None
    attachment_url: Url | None = None
    audio_url: Url | None = None
    video_url: Url | None = None
    context: Context | None = None
    custom_metadata: Metadata | None = None
    votes: Annotated[int, Meta(ge=0, le=_MOST)] | None = None
    is_public: bool | None = None
    due_date: _Time | None = None
    sla_breached: bool | None = None
    created_at: _Time | None = None
    updated_at: _Time | None = None
    resolved_at: _Time | None = None
    comments: list[ImportMessage] = []
    notes: list[ImportMessage] = []


class Load(NamedTuple):
    """Items for one project, and who brings them."""

    actor: Actor
    workspace_id: str
    project_id: str
    items: list[ImportItem]


class Outcome(NamedTuple):
    """What became of a record, or would: ``refused`` ones have problems, all others the item's id (but on trial)."""

    kind: Literal["created", "updated", "unchanged", "refused"]
    id: str | None = None
    problems: tuple[Detail, ...] = ()


_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(ImportItem)}


def read_item(given: dict[str, Any]) -> ImportItem:
    """An item from values by the names of the fields in camel case; texts may stand for numbers and truth values.

    Raises BadRequest with a detail for each value that is not of its field's kind.
    """
    try:
        return msgspec.convert(given, ImportItem, strict=False)
    except msgspec.ValidationError:
        problems = [problem for name, value in given.items() for problem in _problems(name, value)]
        if "message" not in given:
            problems.append(Detail("message", "is required"))
        raise BadRequest("the record has values of the wrong kind", details=tuple(problems)) from None


def read_message(given: dict[str, Any]) -> ImportMessage:
    """A comment or note in the same way."""
    try:
        return msgspec.convert(given, ImportMessage, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error), details=(_detail("", error),)) from None


def _problems(name: str, value: Any) -> list[Detail]:
    try:
        msgspec.convert(value, _FIELDS[name].type, strict=False)
    except msgspec.ValidationError as error:
        return [_detail(name, error)]
    return []


def _detail(name: str, error: msgspec.ValidationError) -> Detail:
    """``Expected `int`, got `str` - at `$[0].x``` as a field and a sentence."""
    said, _, place = str(error).partition(" - at `$")
    return Detail(f"{name}{place.rstrip('`')}".lstrip(".") or "message", said[:1].lower() + said[1:])
