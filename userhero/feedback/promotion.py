"""Who sent it, read from the metadata (reference, Custom Fields; docs/api/feedback.md, Promotion)."""

from typing import Any, NamedTuple

from userhero.customers import find_email, find_phone

NAME_KEYS = (
    "name", "userName", "user_name", "fullName", "full_name", "displayName", "customer", "customerName",
    "customer_name",
)  # fmt: skip
EMAIL_KEYS = ("email", "userEmail", "user_email")
PHONE_KEYS = ("phone", "userPhone", "user_phone", "phoneNumber", "phone_number")
_KEYS = frozenset({"customFields", *NAME_KEYS, *EMAIL_KEYS, *PHONE_KEYS})
_MAX_NAME, _MAX_PHONE = 200, 40


class Sender(NamedTuple):
    """The submitter as far as known; e-mail in stored spelling, phone as given."""

    name: str | None
    email: str | None
    phone: str | None


def promoted(metadata: dict[str, Any] | None, email: str | None) -> Sender:
    """The sender: ``email`` where it was given outright, then the fields ``df_*``, then keys that look like it."""
    if not metadata or _KEYS.isdisjoint(metadata):
        return Sender(None, email, None)
    fields = metadata.get("customFields")
    if not isinstance(fields, dict):
        fields = {}
    return Sender(
        _first(fields, metadata, "df_name", NAME_KEYS, _name),
        email or _first(fields, metadata, "df_email", EMAIL_KEYS, find_email),
        _first(fields, metadata, "df_phone", PHONE_KEYS, _phone),
    )


def _first(
    fields: dict[str, Any], metadata: dict[str, Any], field: str, keys: tuple[str, ...], read: Any
) -> str | None:
    candidates = [fields.get(field), *(metadata.get(key) for key in keys)]
    found = (read(value) for value in candidates if isinstance(value, str))
    return next((value for value in found if value), None)


def _name(text: str) -> str | None:
    return text.strip()[:_MAX_NAME] or None


def _phone(text: str) -> str | None:
    return text.strip()[:_MAX_PHONE] if find_phone(text) else None
