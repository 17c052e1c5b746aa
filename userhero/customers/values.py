"""The rules of single values of customers that a type alone does not express."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from userhero.customers.contacts import find_email, find_phone
from userhero.customers.types import SocialHandle
from userhero.kernel.errors import Invalid
from userhero.kernel.zones import is_zone

MAX_LINE, MAX_ADDRESSES, MAX_TAGS, MAX_TAG, MAX_JSON = 200, 50, 20, 50, 16 * 1024

# RFC 5646 without its grandfathered and private tags: language, script, region, variants, extensions.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)
_encode = msgspec.json.Encoder().encode


def line(field: str, text: str | None) -> str | None:
    """Trimmed; None where nothing is left. Raises Invalid above 200 characters."""
    trimmed = (text or "").strip()
    if len(trimmed) > MAX_LINE:
        raise Invalid(field, f"must have {MAX_LINE} characters at the most")
    return trimmed or None


def email(field: str, text: str) -> str:
    """The address in stored spelling. Raises Invalid where it is none."""
    found = find_email(text)
    if found is None:
        raise Invalid(field, "must be an e-mail address")
    return found


def phone(field: str, text: str) -> str:
    """The number in stored spelling. Raises Invalid where it is none."""
    found = find_phone(text)
    if found is None:
        raise Invalid(field, "must be a phone number: 3 to 20 digits, which may start with +")
    return found


def addresses(field: str, given: list[str], read: Callable[[str, str], str]) -> list[str]:
    """Every address in stored spelling, in order, without duplicates. Raises Invalid for one that is none."""
    return list(dict.fromkeys(read(f"{field}[{number}]", text) for number, text in enumerate(given)))


def with_primary(field: str, primary: str | None, known: list[str]) -> list[str]:
    """``known`` with the primary one among them. Raises Invalid for more than 50."""
    found = known if primary is None or primary in known else [primary, *known]
    if len(found) > MAX_ADDRESSES:
        raise Invalid(field, f"must be {MAX_ADDRESSES} at the most")
    return found


def tags(given: list[str] | None) -> list[str]:
    """Trimmed, without duplicates, in order. Raises Invalid for more than 20, or one outside 1 to 50 characters."""
    found = list(dict.fromkeys(tag.strip() for tag in given or []))
    if len(found) > MAX_TAGS:
        raise Invalid("tags", f"must be {MAX_TAGS} at the most")
    for number, tag in enumerate(found):
        if not 1 <= len(tag) <= MAX_TAG:
            raise Invalid(f"tags[{number}]", f"must have 1 to {MAX_TAG} characters")
    return found


def custom_fields(given: dict[str, Any] | None) -> str:
    """JSON text of an object; ``null`` reads as an empty one. Raises Invalid above 16 KiB."""
    text = _encode(given or {})
    if len(text) > MAX_JSON:
        raise Invalid("customFields", f"must be {MAX_JSON} bytes of JSON at the most")
    return text.decode()


def social_handles(given: list[SocialHandle]) -> list[SocialHandle]:
    """In order, without duplicates."""
    return list({_encode(handle): handle for handle in given}.values())


def timezone(text: str | None) -> str | None:
    """The name, as given. Raises Invalid where no time zone is called so."""
    if text is not None and not is_zone(text):
        raise Invalid("timezone", "must be the name of an IANA time zone, such as Europe/Berlin")
    return text


def language(text: str | None) -> str | None:
    """The tag, as given. Raises Invalid where it is no BCP 47 language tag."""
    if text is not None and not _LANGUAGE.fullmatch(text):
        raise Invalid("language", "must be a BCP 47 language tag, such as en or pt-BR")
    return text
