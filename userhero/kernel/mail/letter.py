"""A mail before it is sent, and its form on the wire (RFC 5322)."""

import re
from datetime import UTC, datetime
from email import policy
from email.message import MIMEPart
from email.utils import format_datetime

import msgspec

from userhero.kernel import clock
from userhero.kernel.mail.addresses import Mailbox, domain_of, find_address
from userhero.kernel.mail.lines import CRLF, header_line, mailbox_line, many_lines

MAX_REFERENCES = 20
# Seven bits: what is not ASCII goes out encoded, so any server takes it as it is.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>")
_LINK = re.compile(r"https?://[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]{1,900}", re.IGNORECASE)


class InvalidLetter(ValueError):
    """A letter that can't become a mail. The message says why, without quoting what is wrong."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one recipient. What it has to attach, it links to.

    ``id`` names the letter for ever: the mail's Message-ID is made from it, so that a second try is seen to be the same
    mail. ``written_at`` is its date; None takes the time of sending. ``in_reply_to`` and ``references`` are Message-IDs
    with their angle brackets, oldest first; what is no Message-ID is left out, and of more than 20 the middle.
    ``unsubscribe`` is an address that ends these mails when it is sent a POST (RFC 8058).

    Subject and names are brought onto one line, of 255 and 100 characters at the most.
    """

    id: str
    sender: Mailbox
    recipient: Mailbox
    subject: str
    text: str
    html: str | None = None
    reply_to: Mailbox | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    unsubscribe: str | None = None
    written_at: str | None = None


class Mail(msgspec.Struct, frozen=True):
    """A letter as the mail server takes it: from whom, to whom, and the message in bytes.

    ``international``: an address has more than ASCII before its @, which only servers with SMTPUTF8 take (RFC 6531).
    """

    sender: str
    recipient: str
    message: bytes
    international: bool


def message_id(letter_id: str, sender: str) -> str:
    """The Message-ID of the mail that a letter becomes, for letters that answer it. ``sender`` is an address."""
    if not _ID.fullmatch(letter_id):
        raise InvalidLetter("its id must be 1 to 100 characters of A-Z, a-z, 0-9, _ and -")
    return f"<{letter_id}@{domain_of(sender)}>"


def compose(letter: Letter) -> Mail:
    """The letter as a mail. Raises InvalidLetter for an address that is none, a bad id, and a bad link to unsubscribe.

    Control characters are taken out of whatever people wrote, and refused elsewhere: no input makes a second line.
    """
    sender, recipient = _checked("sender", letter.sender), _checked("recipient", letter.recipient)
    reply_to = _checked("reply-to", letter.reply_to) if letter.reply_to else None
    mailboxes = [sender, recipient] if reply_to is None else [sender, recipient, reply_to]
    head = [mailbox_line("From", sender), mailbox_line("To", recipient)]
    if reply_to is not None:
        head.append(mailbox_line("Reply-To", reply_to))
    head += [header_line("Subject", letter.subject), f"Date: {_date(letter.written_at or clock.now())}{CRLF}"]
    head.append(f"Message-ID: {message_id(letter.id, sender.address)}{CRLF}")
    head += _threading(letter)
    # Nobody's absence note is wanted; that a mail could not be delivered is (RFC 3834, and Exchange's own word for it).
    head += [f"Auto-Submitted: auto-generated{CRLF}", f"X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply{CRLF}"]
    head += _unsubscribing(letter.unsubscribe)
    head.append(f"MIME-Version: 1.0{CRLF}")
    return Mail(
        sender=sender.address,
        recipient=recipient.address,
        message="".join(head).encode() + _body(letter),
        international=not all(mailbox.address.isascii() for mailbox in mailboxes),
    )


def _checked(role: str, mailbox: Mailbox) -> Mailbox:
    address = find_address(mailbox.address)
    if address is None:
        raise InvalidLetter(f"its {role} has no valid e-mail address")
    return Mailbox(address, mailbox.name)


def _date(written_at: str) -> str:
    return format_datetime(datetime.fromtimestamp(int(clock.unix(written_at)), UTC))


def _threading(letter: Letter) -> list[str]:
    answered = letter.in_reply_to if letter.in_reply_to and _MESSAGE_ID.fullmatch(letter.in_reply_to) else None
    chain = list(dict.fromkeys(each for each in letter.references if _MESSAGE_ID.fullmatch(each)))
    if answered is not None:
        chain = [*(each for each in chain if each != answered), answered]
    if len(chain) > MAX_REFERENCES:
        chain = [chain[0], *chain[1 - MAX_REFERENCES :]]
    lines = [f"In-Reply-To: {answered}{CRLF}"] if answered is not None else []
    if chain:
        lines.append(f"References: {f'{CRLF} '.join(chain)}{CRLF}")
    return lines


def _unsubscribing(link: str | None) -> list[str]:
    if link is None:
        return []
    if not _LINK.fullmatch(link):
        raise InvalidLetter("its link to unsubscribe must be an http or https address of at most 900 characters")
    lines = [f"List-Unsubscribe: <{link}>{CRLF}"]
    if link[:6].lower() == "https:":  # One click is for https alone (RFC 8058, section 3.1).
        lines.append(f"List-Unsubscribe-Post: List-Unsubscribe=One-Click{CRLF}")
    return lines


def _body(letter: Letter) -> bytes:
    part = MIMEPart(policy=_POLICY)
    part.set_content(many_lines(letter.text), charset="utf-8")
    if letter.html is not None:
        part.add_alternative(many_lines(letter.html), subtype="html", charset="utf-8")
    return part.as_bytes()
