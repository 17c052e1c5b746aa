"""Codes that an authenticator app and the server work out from one secret and the time (RFC 6238, RFC 4226)."""

import base64
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

# What every app knows without being told: SHA-1, six digits, 30 seconds.
DIGITS, STEP_SECONDS = 6, 30
# Clocks that are a step apart are no reason to refuse somebody (RFC 6238, 5.2).
_DRIFT = 1
_SECRET_BYTES = 20


def new_secret() -> bytes:
    """160 random bits, as RFC 4226 asks for."""
    return secrets.token_bytes(_SECRET_BYTES)


def step_at(seconds: float) -> int:
    """Which 30 seconds a Unix time is in."""
    return int(seconds // STEP_SECONDS)


def code_at(secret: bytes, step: int) -> str:
    """The code of a step: six digits."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303  (what every app takes)


def find_step(secret: bytes, code: str, seconds: float, after: int) -> int | None:
    """The step whose code this is: the present one, the one before or the next, if it comes after ``after``."""
    now = step_at(seconds)
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def shown(secret: bytes) -> str:
    """The secret as people type it: base32, in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def link(secret: bytes, account: str, issuer: str) -> str:
    """What an authenticator app reads out of a link or a QR code."""
    text = base64.b32encode(secret).decode()
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={text}&issuer={quote(issuer)}"
