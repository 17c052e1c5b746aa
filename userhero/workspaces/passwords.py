"""Passwords: hashed with argon2id, and held against what somebody types.

Each takes some tens of milliseconds and 19 MiB on purpose: neither belongs into a transaction or onto the loop.
"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from userhero.kernel.errors import Invalid

MIN_PASSWORD, MAX_PASSWORD = 8, 1024
# OWASP's second choice of equals: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """argon2id with 19 MiB and two passes. Raises Invalid for fewer than 8 or more than 1,024 characters."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid("password", f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
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


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
