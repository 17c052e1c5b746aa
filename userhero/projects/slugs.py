"""Short names in addresses and ids, made from what people call things."""

import re
import unicodedata
from collections.abc import Iterator

from userhero.kernel import ids

MAX_SLUG = 64
_TRIES = 20


def slug(text: str) -> str:
    """``Müller & Söhne`` as ``muller-sohne``: at most 64 of a-z, 0-9 and single hyphens; empty where none is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-")


def slugs(text: str, fallback: str) -> Iterator[str]:
    """Slugs for a text, best first: itself, then with numbers, at last one by chance that nobody else has."""
    stem = (slug(text) or fallback)[: MAX_SLUG - 14].strip("-")
    yield stem
    yield from (f"{stem}-{number}" for number in range(2, _TRIES))
    yield f"{stem}-{ids.random_base62(12).lower()}"
