"""Where mail comes in, from the settings ``reply_domain``, ``mail_listen`` and ``imap_url``."""

import re
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

import msgspec

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.mail.addresses import MAX_LOCAL, domain_of, find_address
from userhero.kernel.mail.server import is_this_machine

_LISTEN, _IMAP = "--mail-listen (USERHERO_MAIL_LISTEN)", "USERHERO_IMAP_URL"
_FOLDER = re.compile(r"[ !#-\[\]-~]{1,200}")


class Listening(msgspec.Struct, frozen=True):
    """An address of this machine on which mail is taken, and in which language."""

    language: Literal["smtp", "lmtp"]
    host: str
    port: int


class ImapAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A folder on an IMAP server, from which mail is fetched. Shown without its password."""

    host: str
    port: int
    is_encrypted: bool
    user: str
    password: str
    folder: str

    def __str__(self) -> str:
        """Where it is."""
        return f"{self.folder} on {self.host}:{self.port}"

    def __repr__(self) -> str:
        """The same, for logs."""
        return f"<ImapAccount {self}>"


class WaysIn(msgspec.Struct, frozen=True, kw_only=True):
    """How answers to mail get here. Without a ``domain`` no mail can be answered."""

    domain: str | None = None
    listening: Listening | None = None
    imap: ImapAccount | None = None


def read_ways_in(settings: Settings) -> WaysIn:
    """What the settings say of mail that comes in. Raises ConfigurationError where they contradict themselves, which
    never quotes the address of a mailbox: it has a password.
    """
    domain = _domain(settings.reply_domain)
    for name, value in ((_LISTEN, settings.mail_listen), (_IMAP, settings.imap_url)):
        if value is not None and domain is None:
            raise ConfigurationError(f"--reply-domain (USERHERO_REPLY_DOMAIN): must be given with {name}")
    return WaysIn(
        domain=domain,
        listening=None if settings.mail_listen is None else _listening(settings.mail_listen),
        imap=None if settings.imap_url is None else _account(settings.imap_url),
    )


def _domain(text: str | None) -> str | None:
    if text is None:
        return None
    # As long as the addresses are that are made of it.
    address = find_address(f"{'x' * MAX_LOCAL}@{text.strip()}")
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


def _account(url: str) -> ImapAccount:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _broken("must look like imaps://user:password@host/folder") from None
    user, password, folder = (unquote(text or "") for text in (parts.username, parts.password, parts.path[1:]))
    if parts.scheme not in ("imap", "imaps") or not host or not user or not password or parts.fragment or parts.query:
        raise _broken("must look like imaps://user:password@host/folder")
    if parts.scheme == "imap" and not is_this_machine(host):
        raise _broken("must begin with imaps://, unless the server is on this machine")
    if "\0" in user + password or not _FOLDER.fullmatch(folder or "INBOX"):
        raise _broken("can't have %00 in user and password, nor quotes, backslashes or more than ASCII in the folder")
    is_encrypted = parts.scheme == "imaps"
    port = port or (993 if is_encrypted else 143)
    return ImapAccount(
        host=host, port=port, is_encrypted=is_encrypted, user=user, password=password, folder=folder or "INBOX"
    )


def _broken(rule: str) -> ConfigurationError:
    return ConfigurationError(f"{_IMAP}: {rule}")
