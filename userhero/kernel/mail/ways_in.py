"""Where mail comes in, from the settings ``reply_domain`` and ``mail_listen``."""

from typing import Literal, cast
from urllib.parse import urlsplit

import msgspec

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.mail.addresses import domain_of, find_address

_LISTEN = "--mail-listen (USERHERO_MAIL_LISTEN)"


class Listening(msgspec.Struct, frozen=True):
    """An address of this machine on which mail is taken, and in which language."""

    language: Literal["smtp", "lmtp"]
    host: str
    port: int


class WaysIn(msgspec.Struct, frozen=True, kw_only=True):
    """How answers to mail get here. Without a ``domain`` no mail can be answered."""

    domain: str | None = None
    listening: Listening | None = None


def read_ways_in(settings: Settings) -> WaysIn:
    """What the settings say of mail that comes in. Raises ConfigurationError where they contradict themselves."""
    domain = _domain(settings.reply_domain)
    if settings.mail_listen is None:
        return WaysIn(domain=domain)
    if domain is None:
        raise ConfigurationError(f"--reply-domain (USERHERO_REPLY_DOMAIN): must be given with {_LISTEN}")
    return WaysIn(domain=domain, listening=_listening(settings.mail_listen))


def _domain(text: str | None) -> str | None:
    if text is None:
        return None
    address = find_address(f"reply@{text.strip()}")
    if address is None or "@" in text:
        raise ConfigurationError("--reply-domain (USERHERO_REPLY_DOMAIN): must be a domain, such as reply.example.com")
    return domain_of(address)


def _listening(url: str) -> Listening:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or url != f"{parts.scheme}://{parts.netloc}" or "@" in url:
        raise ConfigurationError(f"{_LISTEN}: must look like lmtp://127.0.0.1:2424 or smtp://0.0.0.0:2525")
    if parts.scheme not in ("smtp", "lmtp"):
        raise ConfigurationError(f"{_LISTEN}: must begin with lmtp:// or smtp://")
    return Listening(cast("Literal['smtp', 'lmtp']", parts.scheme), host, port)
