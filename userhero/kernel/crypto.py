"""Secrets at rest and marks that nobody else can make, all derived from one instance key."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Keys:
    """What the instance key is good for. One object per process, made from 32 random bytes that outlive it."""

    def __init__(self, secret: bytes) -> None:
        self._mark_key = hashlib.blake2b(b"mark", key=secret[:64], digest_size=32).digest()
        self._seal = AESGCM(hashlib.blake2b(b"seal", key=secret[:64], digest_size=32).digest())
        self.fingerprint = hashlib.blake2b(b"fingerprint", key=secret[:64], digest_size=8).hexdigest()

    def mark(self, purpose: str, payload: bytes) -> bytes:
        """Twelve bytes that prove that this instance saw ``payload`` for ``purpose``."""
        return hashlib.blake2b(payload, key=self._mark_key, person=purpose.encode()[:16], digest_size=12).digest()

    def is_mark(self, purpose: str, payload: bytes, mark: bytes) -> bool:
        """True where ``mark`` is ``mark(purpose, payload)``; takes the same time either way."""
        return hmac.compare_digest(self.mark(purpose, payload), mark)

    def seal(self, plain: bytes) -> bytes:
        """``plain`` encrypted with AES-256-GCM."""
        nonce = os.urandom(_NONCE)
        return nonce + self._seal.encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed. Raises ValueError where this instance's key did not seal it."""
        try:
            return self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag as error:
            raise ValueError("sealed with another key") from error


def digest(secret: str) -> str:
    """SHA-256 of a long random secret, in hex: enough for keys of 190 bits, and never to be used for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
