"""Signing what is delivered: the Standard Webhooks way, and over the body alone as incoming webhooks are signed.

While a secret is being changed there are two, the new one first. ``webhook-signature`` then holds a signature by each;
the plain header holds the one by the new secret, and a header of its own the one by the old.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from userhero.kernel.outbound.exchange import AGENT
from userhero.webhooks.signatures import PREFIX

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PLAIN, PLAIN_BEFORE = "X-UserHero-Signature", "X-UserHero-Signature-Previous"
_HIDDEN = "(hidden)"
_TYPE = ("Content-Type", "application/json")


def signed_headers(message_id: str, at: int, body: bytes, secrets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The headers of a delivery that is sent at ``at`` (Unix seconds), signed with one secret or two."""
    signatures = " ".join(standard_signature(message_id, at, body, secret) for secret in secrets)
    plain = zip((PLAIN, PLAIN_BEFORE), (plain_signature(body, secret) for secret in secrets), strict=False)
    return (_TYPE, (ID, message_id), (TIME, str(at)), (SIGNATURE, signatures), *plain)


def shown_headers(message_id: str, at: int | None) -> dict[str, str]:
    """The headers as the log of deliveries shows them: whoever had the signatures could send the same again."""
    headers = {"User-Agent": AGENT, _TYPE[0]: _TYPE[1], ID: message_id}
    return headers if at is None else {**headers, TIME: str(at), SIGNATURE: _HIDDEN, PLAIN: _HIDDEN}


def standard_signature(message_id: str, at: int, body: bytes, secret: str) -> str:
    """``v1,`` and base64, by the bytes that the secret stands for."""
    key = b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{at}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def plain_signature(body: bytes, secret: str) -> str:
    """``sha256=`` and hexadecimal, by the secret as text."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
