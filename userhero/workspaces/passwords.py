"""Passwords: hashed with argon2id, and held against what somebody types.

Each takes some tens of milliseconds and 19 MiB on purpose: neither belongs into a transaction or onto the loop.
"""

import runpy
import secrets
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from userhero.kernel.errors import Invalid

MIN_PASSWORD, MAX_PASSWORD = 8, 1024
# OWASP's second choice of equals: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str, own: Iterable[str] = ()) -> str:
    """argon2id with 19 MiB and two passes. ``own`` is what everybody knows of whose it is: address, names.

    Raises Invalid for fewer than 8 or more than 1,024 characters, for what is among the passwords that most people
    choose, and for what is ``own`` (OWASP ASVS 5.0, 6.2.4 and 6.2.11).
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid("password", f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    plain = password.strip().casefold()
    if plain in _common() or len(set(plain)) == 1:
        raise Invalid("password", "is one that many people use, and is tried first: choose another")
    if plain in _known(own):
        raise Invalid("password", "is what others know of you: choose another")
    return _hasher.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password. Where there is none it takes as long to say so: who asks learns nothing."""
    if len(password) > MAX_PASSWORD:
        return False
    try:
        _hasher.verify(hashed or _nobodys(), password)
    except VerificationError:
        return False
    return hashed is not None


def renewed_hash(hashed: str, password: str) -> str | None:
    """The password hashed as passwords are by now, where it was hashed otherwise; None where it was not."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(hashed) else None


def _known(own: Iterable[str]) -> set[str]:
    words = {each.strip().casefold() for each in own}
    return words | {each.partition("@")[0] for each in words} | {each.replace(" ", "") for each in words}


@cache
def _common() -> frozenset[str]:
    """Those of zxcvbn's 30,000 most common passwords that are long enough to be one here.

    Its file is read by itself: the package would build 15 MB of tables that nothing here needs.
    """
    spec = find_spec("zxcvbn")
    assert spec is not None, "it is installed with the product"
    assert spec.origin is not None, "it is a package with files"
    lists = runpy.run_path(str(Path(spec.origin).with_name("frequency_lists.py")))["FREQUENCY_LISTS"]
    return frozenset(each for each in lists["passwords"] if len(each) >= MIN_PASSWORD)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
