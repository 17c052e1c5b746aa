"""From the columns of a file to the fields of an item."""

import re
from collections.abc import Iterable
from typing import Any, get_args

import msgspec

from userhero.feedback import ImportItem, ImportMessage, read_item, read_message
from userhero.kernel.errors import BadRequest, Detail
from userhero.projects import CustomField, Priority, Status

ITEM_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(ImportItem))
_OBJECTS = frozenset({"context", "customMetadata"})
_MESSAGES = frozenset({"comments", "notes"})
_CUSTOM = re.compile(r"(?:(?:customMetadata\.)?customFields\.)?((?:cf|df)_[A-Za-z0-9_-]+)")
# Other names for fields, as ``_plain`` spells them.
_ALIASES = {
    "id": "externalId",
    "email": "userEmail",
    "name": "userName",
    "phone": "userPhone",
    "assignee": "assigneeEmail",
    "type": "category",
    "company": "customFields.df_company",
    "companyname": "customFields.df_company",
    "created": "createdAt",
    "updated": "updatedAt",
    "resolved": "resolvedAt",
    "customercomments": "comments",
    "internalnotes": "notes",
}
# Any of them is the message where no column is called so, the first that there is.
_TEXTS = ("description", "text", "body", "feedback", "content")
# What exports hold of an item and an import finds out by itself.
_OWN = frozenset(
    {"ticketnumber", "workspaceid", "projectid", "widgetid", "statuscategory", "assigneeid", "assigneename"}
    | {"watcherids", "customerid", "source", "customercommentsenabled"}
)
_STATUSES = {
    "open": "new",
    "inprogress": "in-progress",
    "started": "in-progress",
    "closed": "resolved",
    "done": "resolved",
    "completed": "resolved",
    "solved": "resolved",
    "fixed": "resolved",
}
_PRIORITIES: dict[str, Priority] = {
    "normal": "medium",
    "minor": "low",
    "lowest": "low",
    "trivial": "low",
    "major": "high",
    "highest": "urgent",
    "critical": "urgent",
    "blocker": "urgent",
}
# The members of comments and notes.
_MEMBERS = {
    "message": "message",
    "content": "message",
    "contenthtml": "html",
    "html": "html",
    "authortype": "authorType",
    "authorname": "authorName",
    "authoremail": "authorEmail",
    "createdat": "createdAt",
}
_TRUTH = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:(\.[0-9]{1,15}))?", re.ASCII)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_NAMES = {_plain(name): name for name in ITEM_FIELDS}


class UnknownField(Exception):
    """A mapping names something that is no field."""


class Fields:
    """Which field a column goes to: as ``chosen`` says, else by its name. A column may lie deeper, ``requester.email``.

    Several columns may be chosen for ``message``: their texts follow one another. A field that is empty drops the
    column. Raises UnknownField.
    """

    def __init__(
        self, chosen: Iterable[tuple[str, str]], statuses: Iterable[Status], fields: Iterable[CustomField]
    ) -> None:
        self._chosen = list(chosen)
        for _, field in self._chosen:
            if field and _target(field) is None:
                raise UnknownField(f"{field} is no field; there are {', '.join(ITEM_FIELDS)}, customFields.ID and …")
        self._kinds = {str(field.id): field.type for field in fields}
        self._statuses = dict(_STATUSES)
        for status in statuses:
            self._statuses[_plain(status.label)] = self._statuses[_plain(status.id)] = status.id
        self._known: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        # Columns that go nowhere.
        self.unmapped: dict[str, None] = {}

    def item(self, values: dict[str, Any]) -> ImportItem:
        """A record as an item. Raises BadRequest with a detail for each value that can't be read."""
        given: dict[str, Any] = {}
        problems: list[Detail] = []
        for column, field in self._places(tuple(values)):
            value = _at(values, column)
            if value in (None, ""):
                continue
            try:
                self._put(given, field, value)
            except (ValueError, msgspec.MsgspecError) as error:
                problems.append(Detail(field, str(error)))
        if problems:
            raise BadRequest("the record has values that can't be read", details=tuple(problems))
        return read_item(given)

    def _places(self, columns: tuple[str, ...]) -> list[tuple[str, str]]:
        found = self._known.get(columns)
        if found is None:
            if len(self._known) > 1_000:
                # Records that all have members of their own.
                self._known.clear()
            found = self._known[columns] = self._mapped(columns)
        return found

    def _mapped(self, columns: tuple[str, ...]) -> list[tuple[str, str]]:
        found = [(column, field) for column, field in self._chosen if field]
        used = {column.partition(".")[0] for column, _ in self._chosen} | {column for column, _ in self._chosen}
        taken = {field for _, field in found}
        for column in columns:
            field = None if column in used else _by_name(column)
            if field is not None and field not in taken:
                taken.add(field)
                found.append((column, field))
                used.add(column)
        if "message" not in taken:
            texts = {_plain(column): column for column in columns if column not in used}
            for name in [name for name in _TEXTS if name in texts][:1]:
                found.append((texts[name], "message"))
                used.add(texts[name])
        if len(self.unmapped) < 1_000:
            self.unmapped |= dict.fromkeys(
                column for column in columns if column not in used and _plain(column) not in _OWN
            )
        return found

    def _put(self, given: dict[str, Any], field: str, value: Any) -> None:
        name, _, member = field.partition(".")
        if name == "customFields":
            fields = given.setdefault("customMetadata", {}).setdefault("customFields", {})
            fields[member] = _of_kind(self._kinds.get(member), value)
        elif member:
            given.setdefault(name, {})[member] = value
        elif name == "message" and "message" in given:
            given["message"] = f"{given['message']}\n\n{value}"
        elif name in _OBJECTS:
            given[name] = {**_object(value), **given.get(name, {})}
        else:
            given[name] = self._read(name, value)

    def _read(self, name: str, value: Any) -> Any:
        if name in _MESSAGES:
            return [_message_values(each) for each in _list(value)]
        if not isinstance(value, str):
            return str(value) if name == "externalId" else value
        if name == "tags":
            return _tags(value)
        if name == "status":
            return self._statuses.get(_plain(value), value)
        if name == "priority":
            return _priority(value)
        if name in ("isPublic", "slaBreached"):
            return _truth(value)
        return value


def read_said(values: dict[str, Any]) -> tuple[str, ImportMessage]:
    """A comment or note of a file of them, and the id of the item it is about. Raises BadRequest."""
    named = {_plain(name): value for name, value in values.items()}
    about = named.get("feedbackid")
    if about is None:
        raise BadRequest("is required", details=(Detail("feedbackId", "is required"),))
    return str(about), read_message(_message_values(values))


def _message_values(values: Any) -> Any:
    """The members of a comment or note, as exports and the API call them; files are named in its text."""
    if not isinstance(values, dict):
        raise ValueError("must be a list of objects")
    known = ((_MEMBERS.get(_plain(name)), value) for name, value in values.items())
    found = {name: value for name, value in known if name is not None and value is not None}
    files = [each for each in _list(values.get("attachments") or []) if isinstance(each, dict)]
    listed = ", ".join(str(each.get("fileName") or each.get("url")) for each in files)
    if listed and isinstance(found.get("message", ""), str):
        found["message"] = f"{found.get('message', '')}\n\n[{listed}]".strip()
    return found


def _target(field: str) -> str | None:
    """The field that a mapping means, or None."""
    name, _, member = field.partition(".")
    if name in ITEM_FIELDS:
        return field if not member or name in _OBJECTS else None
    return field if name == "customFields" and member else None


def _by_name(column: str) -> str | None:
    custom = _CUSTOM.fullmatch(column)
    if custom is not None:
        return f"customFields.{custom[1]}"
    plain = _plain(column)
    return _NAMES.get(plain) or _ALIASES.get(plain)


def _at(values: dict[str, Any], column: str) -> Any:
    """The value of a column, which may lie below others."""
    if column in values:
        return values[column]
    found: Any = values
    for name in column.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def _object(value: Any) -> dict[str, Any]:
    found = msgspec.json.decode(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise ValueError("must be an object")
    return found


def _list(value: Any) -> list[Any]:
    found = msgspec.json.decode(value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ValueError("must be a list")
    return found


def _truth(value: str) -> bool | str:
    """What a cell says, or the cell where that is neither yes nor no."""
    return _TRUTH.get(value.strip().lower(), value)


def _of_kind(kind: str | None, value: Any) -> Any:
    """A text as the value that a custom field of a kind has; as it is where it can't be read so."""
    if not isinstance(value, str) or kind not in ("number", "checkbox"):
        return value
    if kind == "checkbox":
        return _truth(value)
    number = _NUMBER.fullmatch(value.strip())
    if number is None:
        return value
    return float(number[0]) if number[1] else int(number[0])


def _tags(value: str) -> list[Any]:
    """A JSON list, or names between commas or semicolons."""
    if value.lstrip().startswith("["):
        return _list(value)
    return [tag for tag in re.split("[,;]", value) if tag.strip()]


def _priority(value: str) -> str:
    plain = _plain(value)
    return plain if plain in get_args(Priority) else _PRIORITIES.get(plain, value)
