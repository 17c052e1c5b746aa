"""Where mail goes out and in whose name, from the settings ``smtp_url`` and ``mail_from``."""

import re
from ipaddress import ip_address
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from userhero.kernel.config import ConfigurationError
from userhero.kernel.mail.addresses import Mailbox, find_address
from userhero.kernel.mail.lines import MAX_NAME, one_line

Security = Literal["tls", "starttls", "plain"]
_SCHEMES = ("smtp", "smtp+starttls", "smtps")
_SUBMISSION, _SUBMISSIONS = 587, 465
_WORDED: dict[Security, str] = {"tls": "TLS", "starttls": "STARTTLS", "plain": "no encryption"}
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>")
_SHAPE = "must look like smtp://user:password@host:587 (or smtps://…, smtp+starttls://…)"


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server that takes mail, and how to talk to it. Shown without its password."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        """Where it is and how it is reached."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} with {_WORDED[self.security]}"

    def __repr__(self) -> str:
        """The same, for logs."""
        return f"<MailServer {self}>"


def read_server(url: str) -> MailServer:
    """The server that ``smtp_url`` names. Raises ConfigurationError that never quotes the address: it has a password.

    A server that is not on this machine must speak TLS: from the first byte with ``smtps``, else after STARTTLS. Only
    ``smtp://…?tls=off`` says otherwise.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _broken(_SHAPE) from None
    if parts.scheme not in _SCHEMES or not host or parts.path.strip("/") or parts.fragment or not _fits_a_line(host):
        raise _broken(_SHAPE)
    if parts.query not in ("", "tls=off") or (parts.query and parts.scheme != "smtp"):
        raise _broken("takes only ?tls=off, and that only after smtp://")
    if bool(parts.username) != bool(parts.password):
        raise _broken("must have a user with a password, or neither (write characters such as / as %2F)")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if "\0" in user + password:
        raise _broken("can't have a user or a password with %00 in it")  # It parts the two on their way (RFC 4616).
    return MailServer(
        host=host,
        port=port or (_SUBMISSIONS if parts.scheme == "smtps" else _SUBMISSION),
        security=_security(parts, host),
        user=user or None,
        password=password or None,
    )


def read_sender(text: str) -> Mailbox:
    """The mailbox that ``mail_from`` names: an address, or a name and an address in angle brackets."""
    found = _MAILBOX.fullmatch(text.strip())
    name, address = (found["name"].strip(), found["address"]) if found else ("", text)
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    known = find_address(address)
    if known is None or not known.isascii():
        raise ConfigurationError("--mail-from (USERHERO_MAIL_FROM): must look like Acme <feedback@example.com>")
    return Mailbox(known, one_line(name, MAX_NAME))


def _security(parts: SplitResult, host: str) -> Security:
    if parts.scheme == "smtps":
        return "tls"
    if parts.scheme == "smtp" and (parts.query or is_this_machine(host)):
        return "plain"
    return "starttls"


def is_this_machine(host: str) -> bool:
    """True for a loopback address, and for its name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fits_a_line(host: str) -> bool:
    return host.isprintable() and not any(each.isspace() for each in host) and len(host) <= 253


def _broken(rule: str) -> ConfigurationError:
    return ConfigurationError(f"USERHERO_SMTP_URL: {rule}")
