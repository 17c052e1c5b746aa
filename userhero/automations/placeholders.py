"""``{{feedback.ticketNumber}}`` in texts: plain substitution from a fixed list. Values are not looked at again."""

import re
from collections.abc import Mapping

from userhero.kernel.errors import Invalid

NAMES = (
    "feedback.id",
    "feedback.ticketNumber",
    "feedback.message",
    "feedback.category",
    "feedback.priority",
    "feedback.status",
    "feedback.rating",
    "feedback.userEmail",
    "feedback.userName",
    "feedback.createdAt",
    "automation.name",
)
# What whoever fills in a form writes as they like.
_SUBMITTED = ("feedback.message", "feedback.category", "feedback.userName")
_NAME = re.compile(r"[^\W\d_]+(?:(?:\. |[ '\u2019-])[^\W\d_]+)*")
_LONGEST_NAME = 40
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


def check_placeholders(field: str, text: str) -> None:
    """Raises Invalid where a text names something that is not on the list."""
    for name in _PLACEHOLDER.findall(text):
        if name.strip() not in NAMES:
            raise Invalid(field, f"holds a placeholder that is not one of {', '.join(NAMES)}")


def filled(text: str, values: Mapping[str, str], most: int) -> str:
    """The text with values in place of its placeholders, cut to ``most`` characters."""
    found = _PLACEHOLDER.sub(lambda matched: values.get(matched[1].strip(), ""), text)
    return found if len(found) <= most else found[: most - 1] + "…"


def harmless(values: Mapping[str, str]) -> dict[str, str]:
    """The values for mail that goes out unread to an address that anybody may have given: of what was sent in, a short
    name or category stays, and nothing else. A form must not carry words to others.
    """
    kept = {name: value if name not in _SUBMITTED or _is_name(value) else "" for name, value in values.items()}
    return kept | {"feedback.message": ""}


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None
