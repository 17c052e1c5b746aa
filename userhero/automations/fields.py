"""What a condition can ask of an item: its fields by kind, the operators of each kind, and the values they take."""

from collections.abc import Callable
from typing import Any, Literal, get_args

from userhero.feedback import Source
from userhero.kernel import clock
from userhero.projects import Category, Priority

Kind = Literal["text", "tags", "number", "flag", "time", "any"]

MAX_TEXT, MAX_LIST, MAX_PATH, MAX_KEYS = 500, 100, 200, 10
MAX_HOURS = 10 * 365 * 24
_MOST = 2**53

FIELDS: dict[str, Kind] = {
    "category": "text",
    "priority": "text",
    "status": "text",
    "statusCategory": "text",
    "widgetId": "text",
    "template": "text",
    "message": "text",
    "tags": "tags",
    "rating": "number",
    "userEmail": "text",
    "assigneeId": "text",
    "isPublic": "flag",
    "votes": "number",
    "source": "text",
    "createdAt": "time",
    "updatedAt": "time",
    "lastCustomerReplyAt": "time",
}
CUSTOM, METADATA = "customField.", "metadata."
# Fields that only ever hold one of these words.
WORDS: dict[str, tuple[str, ...]] = {
    "priority": get_args(Priority),
    "statusCategory": get_args(Category),
    "source": get_args(Source),
}
_EQUAL, _AMONG, _WITHIN = ("equals", "not_equals"), ("in", "not_in"), ("contains", "not_contains")
_ORDER, _PRESENT, _AGE = ("greater_than", "less_than"), ("is_set", "is_not_set"), ("older_than", "newer_than")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": (*_EQUAL, *_AMONG, *_WITHIN, "starts_with", *_PRESENT),
    "tags": (*_EQUAL, *_AMONG, *_WITHIN, *_PRESENT),
    "number": (*_EQUAL, *_AMONG, *_ORDER, *_PRESENT),
    "flag": (*_EQUAL, *_PRESENT),
    "time": (*_ORDER, *_AGE, *_PRESENT),
    "any": (*_EQUAL, *_AMONG, *_WITHIN, "starts_with", *_ORDER, *_PRESENT),
}
ALL_OPERATORS = tuple(dict.fromkeys(name for names in OPERATORS.values() for name in names))

Check = Callable[[Any], str | None]


def kind_of(field: str) -> Kind | None:
    """The kind of a field, or None where there is no such field."""
    if field.startswith((CUSTOM, METADATA)):
        return "any" if _is_path(field) else None
    return FIELDS.get(field)


def path_of(field: str) -> list[str]:
    """The keys that lead to a value in the item's metadata."""
    if field.startswith(CUSTOM):
        return ["customFields", field.removeprefix(CUSTOM)]
    return field.removeprefix(METADATA).split(".")


def problem_with_value(field: str, kind: Kind, operator: str, value: Any) -> str | None:
    """The rule that a value breaks, in words, or None. ``kind`` is the field's, and the operator one of its."""
    if operator in _PRESENT:
        return None if value is None else f"must be left out: {operator} takes none"
    if operator in _AGE:
        return None if _is_number(value) and 0 <= value <= MAX_HOURS else f"must be hours, 0 to {MAX_HOURS}"
    single = _single(field, kind, operator)
    if operator in _AMONG:
        return _problem_with_list(value, single)
    if operator in _WITHIN and isinstance(value, list):
        return _problem_with_list(value, single)
    return single(value)


def _single(field: str, kind: Kind, operator: str) -> Check:
    if operator in _WITHIN or operator == "starts_with":
        return _text
    if kind == "any":
        return _number if operator in _ORDER else _plain
    if field in WORDS:
        return lambda value: None if value in WORDS[field] else f"must be one of {', '.join(WORDS[field])}"
    checks: dict[Kind, Check] = {"text": _text, "tags": _text, "number": _number, "flag": _flag, "time": _time}
    return checks[kind]


def _problem_with_list(value: Any, single: Check) -> str | None:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LIST:
        return f"must be a list of 1 to {MAX_LIST} values"
    return next((f"holds a value that {problem}" for each in value if (problem := single(each))), None)


def _text(value: Any) -> str | None:
    sound = isinstance(value, str) and 1 <= len(value) <= MAX_TEXT
    return None if sound else f"must be text of 1 to {MAX_TEXT} characters"


def _number(value: Any) -> str | None:
    return None if _is_number(value) else "must be a number"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _time(value: Any) -> str | None:
    try:
        clock.parse(value)
    except (TypeError, ValueError, AttributeError):
        return "must be an ISO 8601 time"
    return None


def _plain(value: Any) -> str | None:
    return (
        None if isinstance(value, bool) or _is_number(value) else _text(value) and f"{_text(value)}, a number or a flag"
    )


def _is_number(value: Any) -> bool:
    # Compared as it is: a whole number of hundreds of digits has no float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


def _is_path(field: str) -> bool:
    keys = path_of(field)
    if field.startswith(CUSTOM) and "." in keys[-1]:
        return False
    return len(field) <= MAX_PATH and len(keys) <= MAX_KEYS and all(keys)
