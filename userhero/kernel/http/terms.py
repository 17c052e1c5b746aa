"""What the OpenAPI document says of values that come up everywhere: ids, times, addresses, texts.

Nothing of it is enforced where a request is read: what breaks a rule is refused by whoever knows the rule, in its own
words. A limit that the reader itself enforces is a plain ``Meta(max_length=…)`` instead.
"""

from typing import Any

from msgspec import Meta

# What follows the prefix of every example id, so that the examples of one operation go together.
_SAMPLE = "01k82sc3nne7i91l0s3n0i771e"
_SAMPLE_TIME = "2026-04-06T10:30:00.000Z"
_ID = "[0-9a-v]{26}"

NOT_BLANK = r"[^\s\x1c-\x1f\x85]"
"""A text with at least one character that is not trimmed: Python takes a few more for white space than JavaScript."""

WEB_ADDRESS = r"^https?://[^\s/]\S*$"
"""An absolute http(s) address: a host, and no white space anywhere."""

TIME_ZONE = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$"
"""What names of IANA time zones look like; not everything that looks so is one."""

EMAIL = {"format": "email"}
PHONE = {"pattern": r"^[\s().\-/]*(\+[\s().\-/]*)?([0-9][\s().\-/]*){3,20}$"}


def described(description: str, *, example: Any = None, **keywords: Any) -> Meta:
    """A value with a description, an example and keywords of JSON Schema, such as ``minLength=1``."""
    examples = [] if example is None else [example]
    return Meta(description=description, examples=examples or None, extra_json_schema=keywords or None)


def an_id(prefix: str, description: str) -> Meta:
    """An id that the server made: ``an_id("fb", "Feedback ID.")``."""
    return described(description, example=sample_id(prefix), pattern=f"^{prefix}_{_ID}$")


def id_for(prefix: str, description: str) -> Meta:
    """An id that a caller sends. One that names nothing is not found, however it is made."""
    return described(description, example=sample_id(prefix))


def a_time(description: str) -> Meta:
    """A time: in UTC with milliseconds where the server writes it."""
    return described(description, example=_SAMPLE_TIME, format="date-time")


def a_text(description: str, most: int, *, least: int = 1, example: Any = None) -> Meta:
    """A text that is trimmed and then has ``least`` to ``most`` characters; ``least`` is 0 or 1."""
    keywords = {"minLength": 1, "maxLength": most, "pattern": NOT_BLANK} if least else {"maxLength": most}
    return described(description, example=example, **keywords)


def sample_id(prefix: str) -> str:
    """An id for an example."""
    return f"{prefix}_{_SAMPLE}"
