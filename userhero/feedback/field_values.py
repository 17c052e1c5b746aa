"""Whether one value fits a custom field, by the field's type."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET

from userhero.customers import find_email, find_phone
from userhero.projects import CustomField, Validation

# Beyond this, programs that read JSON numbers as doubles see another whole number.
_EXACT = 2**53
_MAX_URL = 2048
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def problem_with(field: CustomField, value: Any) -> str | None:
    """The rule that the value breaks, in words, or None. Which options are on offer is for the caller to say."""
    if field.type == "checkbox":
        return None if isinstance(value, bool) else "must be true or false"
    if field.type == "number":
        return _problem_with_number(field, value)
    if not isinstance(value, str):
        return "must be text"
    return _TEXTS[field.type](value) or _problem_with_length(field, value)


def is_web_address(text: str) -> bool:
    """True for an absolute http(s) address without white space or control characters."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return sound and text.isprintable() and not any(character.isspace() for character in text)


def _problem_with_number(field: CustomField, value: Any) -> str | None:
    bounds = field.validation or Validation()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if isinstance(value, int) and abs(value) > _EXACT:
        return f"must be a number between {-_EXACT} and {_EXACT}"
    if bounds.min is not UNSET and value < bounds.min:
        return f"must be {bounds.min} or more"
    if bounds.max is not UNSET and value > bounds.max:
        return f"must be {bounds.max} or less"
    return None


def _problem_with_length(field: CustomField, value: str) -> str | None:
    bounds = field.validation or Validation()
    if bounds.min_length is not UNSET and len(value) < bounds.min_length:
        return f"must have {bounds.min_length} characters or more"
    if bounds.max_length is not UNSET and len(value) > bounds.max_length:
        return f"must have {bounds.max_length} characters or less"
    return None


def _any(_text: str) -> str | None:
    return None


def _email(text: str) -> str | None:
    return None if find_email(text) else "must be an e-mail address"


def _phone(text: str) -> str | None:
    return None if find_phone(text) else "must be a phone number"


def _url(text: str) -> str | None:
    return None if len(text) <= _MAX_URL and is_web_address(text) else "must be an absolute http or https address"


def _date(text: str) -> str | None:
    try:
        sound = bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        sound = False
    return None if sound else "must be a date such as 2026-05-31"


_TEXTS: dict[str, Callable[[str], str | None]] = {
    "text": _any,
    "textarea": _any,
    "select": _any,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "date": _date,
}
