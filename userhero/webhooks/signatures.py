"""Telling whether a delivery was signed with a webhook's secret. Comparisons take as long for wrong as for right."""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode

from userhero.kernel import clock
from userhero.kernel.http.hooks import Delivery

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
_MAX_ID = 256
_PLAIN = (b"x-webhook-signature", b"x-userhero-signature")


def new_secret() -> str:
    """``whsec_`` and 32 random bytes in base64."""
    return PREFIX + b64encode(os.urandom(32)).decode()


def mark_of(delivery: Delivery, secret: str) -> str | None:
    """What makes a delivery the same as another, where it is signed as it should be; None where it is not.

    That is its ``webhook-id`` where it comes with the headers of Standard Webhooks, else its body.
    """
    if delivery.request.all(b"webhook-signature"):
        return _standard_mark(delivery, secret)
    given = [value for name in _PLAIN for value in delivery.request.all(name)]
    if len(given) != 1:
        return None
    expected = b"sha256=" + hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest().encode()
    if not hmac.compare_digest(expected, given[0]):
        return None
    return f"body:{hashlib.sha256(delivery.body).hexdigest()}"


def _standard_mark(delivery: Delivery, secret: str) -> str | None:
    signatures, ids, times = (
        delivery.request.all(name) for name in (b"webhook-signature", b"webhook-id", b"webhook-timestamp")
    )
    if not len(signatures) == len(ids) == len(times) == 1:
        return None
    key = b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((ids[0], times[0], delivery.body))
    expected = b"v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    matches = [hmac.compare_digest(expected, each) for each in signatures[0].split(b" ")]
    if not any(matches) or not _is_fresh(times[0]) or not _is_sound(ids[0]):
        return None
    return f"id:{ids[0].decode()}"


def _is_fresh(text: bytes) -> bool:
    if not (text.isdigit() and len(text) <= 12):
        return False
    return abs(clock.seconds() - int(text)) <= TOLERANCE_SECONDS


def _is_sound(text: bytes) -> bool:
    return 1 <= len(text) <= _MAX_ID and text.isascii() and text.decode("latin-1").isprintable()
