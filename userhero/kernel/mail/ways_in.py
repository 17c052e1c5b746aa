"""Where mail comes in, from the setting ``reply_domain``."""

import msgspec

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.mail.addresses import domain_of, find_address


class WaysIn(msgspec.Struct, frozen=True, kw_only=True):
    """How answers to mail get here. Without a ``domain`` no mail can be answered."""

    domain: str | None = None


def read_ways_in(settings: Settings) -> WaysIn:
    """What the settings say of mail that comes in. Raises ConfigurationError where they contradict themselves."""
    return WaysIn(domain=_domain(settings.reply_domain))


def _domain(text: str | None) -> str | None:
    if text is None:
        return None
    address = find_address(f"reply@{text.strip()}")
    if address is None or "@" in text:
        raise ConfigurationError("--reply-domain (USERHERO_REPLY_DOMAIN): must be a domain, such as reply.example.com")
    return domain_of(address)
