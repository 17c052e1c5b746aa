"""E-mail addresses and phone numbers in the one spelling in which they are stored and compared."""

import re

import idna
import phonenumbers

MAX_EMAIL, MAX_PHONE = 254, 40
# What people type around the digits of a number.
_DECORATION = re.compile(r"[\s().\-/]+")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")
_MAX_LOCAL = 64


def find_email(text: str) -> str | None:
    """The address (RFC 5321, without quoted local parts and address literals) in lower case, its domain in IDNA form;
    None where ``text`` is no such address.
    """
    local, _, domain = text.strip().rpartition("@")
    if not local.isascii() or len(local) > _MAX_LOCAL or not _LOCAL.fullmatch(local):
        return None
    host = domain.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return None
    address = f"{local.lower()}@{host}"
    return address if _HOST.fullmatch(host) and len(address) <= MAX_EMAIL else None


def find_phone(text: str) -> str | None:
    """The number as E.164 where it parses as an international one, else its digits as given; None where it has none."""
    compact = _DECORATION.sub("", text.strip())
    if len(text) > MAX_PHONE or not re.fullmatch(r"\+?[0-9]{3,20}", compact, re.ASCII):
        return None
    if compact.startswith("+"):
        try:
            parsed = phonenumbers.parse(compact)
        except phonenumbers.NumberParseException:
            return compact
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return compact
