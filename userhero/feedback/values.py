"""The rules of single values of feedback that a type alone does not express."""

import re
from typing import Any

import msgspec
from msgspec import UnsetType

from userhero.customers import find_email
from userhero.feedback.field_values import is_web_address
from userhero.kernel import clock
from userhero.kernel.errors import Invalid

MAX_MESSAGE, MAX_TAGS, MAX_TAG, MAX_JSON = 5000, 20, 50, 16 * 1024

# A date, and a time after it: in a mere run of digits any of them would pass for the T between the two.
_DATE_FIRST = re.compile(r"[0-9]{4}-?[0-9W]{2,3}-?[0-9]{1,2}(?:[Tt ]|$)", re.ASCII)
_encode = msgspec.json.Encoder().encode


def message(text: str) -> str:
    """The trimmed text. Raises Invalid outside 1 to 5,000 characters."""
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= MAX_MESSAGE:
        raise Invalid("message", f"must have 1 to {MAX_MESSAGE} characters")
    return trimmed


def category(text: str | None) -> str | None:
    """The trimmed name; None for a blank one."""
    return (text or "").strip() or None


def rating(given: float | None) -> float | None:
    """The number as given; minus zero, which only some databases keep, is zero."""
    return None if given is None else given + 0.0


def shown(number: float | None) -> float | int | None:
    """The number as the API shows it: a whole one has no fraction. Receivers that parse a body and write it again, as
    JavaScript does, then have the bytes that were signed.
    """
    return int(number) if number is not None and number.is_integer() else number


def tags(given: list[str] | None) -> list[str]:
    """Trimmed, without duplicates, in order. Raises Invalid for more than 20, or one outside 1 to 50 characters."""
    found = list(dict.fromkeys(tag.strip() for tag in given or []))
    if len(found) > MAX_TAGS:
        raise Invalid("tags", f"must be {MAX_TAGS} at the most")
    for number, tag in enumerate(found):
        if not 1 <= len(tag) <= MAX_TAG:
            raise Invalid(f"tags[{number}]", f"must have 1 to {MAX_TAG} characters")
    return found


def url(field: str, text: str | None) -> str | None:
    """An absolute http(s) address, as given. Raises Invalid for anything else. It is stored, never fetched."""
    if text is None:
        return None
    if not is_web_address(text):
        raise Invalid(field, "must be an absolute http or https address")
    return text


def email(text: str | None) -> str | None:
    """The address in stored spelling. Raises Invalid where it is none."""
    if text is None:
        return None
    found = find_email(text)
    if found is None:
        raise Invalid("userEmail", "must be an e-mail address")
    return found


def check_size(field: str, value: dict[str, Any] | None) -> None:
    """Raises Invalid where an object has more than 16 KiB as JSON. Comes before all that looks at what is in it."""
    if value and len(_encode(value)) > MAX_JSON:
        raise Invalid(field, f"must be {MAX_JSON} bytes of JSON at the most")


def json_object(value: dict[str, Any] | None) -> str | None:
    """The JSON text of an object; None for an empty one."""
    return _encode(value).decode() if value else None


def time(field: str, text: str | None | UnsetType) -> str | None:
    """A time as it is stored. Raises Invalid where it is no ISO 8601 time."""
    if not isinstance(text, str):
        return None
    try:
        if not _DATE_FIRST.match(text):
            raise ValueError("a run of digits")
        return clock.parse(text)
    except ValueError:
        raise Invalid(field, "must be an ISO 8601 time") from None
