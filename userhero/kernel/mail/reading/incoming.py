"""An incoming mail, taken apart into what others need of it."""

import re

import msgspec

from userhero.kernel.mail.addresses import Mailbox
from userhero.kernel.mail.lines import MAX_SUBJECT, many_lines, one_line
from userhero.kernel.mail.reading.body import plain_text
from userhero.kernel.mail.reading.decoding import words_of
from userhero.kernel.mail.reading.fields import Fields
from userhero.kernel.mail.reading.own_words import own_words
from userhero.kernel.mail.reading.phrases import FORWARD_SUBJECT
from userhero.kernel.mail.reading.structure import Part, UnreadableMail, read_structure

MAX_ATTACHMENTS, MAX_ATTACHMENT = 20, 10 * 1024 * 1024
_MAX_NAME, _MAX_RECIPIENTS, _MAX_REFERENCES, _MAX_TEXT = 150, 100, 50, 100_000
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_ROBOTS = frozenset({"mailer-daemon", "postmaster", "mdaemon"})
_BULK = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})
_MARKS_OF_ROBOTS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients", "list-id")
# Signatures that a program checks, and nobody reads.
_SEALS = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_PATH = re.compile(r'[/\\:*?"<>|]+')


class Attachment(msgspec.Struct, frozen=True):
    """A file that came along; name and type are the sender's word. ``is_inline``: shown in the text, as logos are."""

    name: str
    media_type: str
    content: bytes
    is_inline: bool


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A mail. Anybody can write any sender into it: what proves who wrote is a ``ReplyAddress`` among the recipients.

    ``text`` is what is new in it, at most 100,000 characters. ``recipients`` are addresses from To and Cc and from what
    servers on the way noted, each once, at most 100. ``attachments`` are 20 of 10 MiB each at the most;
    ``left_out`` counts the others. ``is_automatic``: written by a program or sent to a list, so never to be answered
    by a program.
    """

    sender: Mailbox
    recipients: tuple[str, ...]
    subject: str
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    text: str
    attachments: tuple[Attachment, ...]
    left_out: int
    is_automatic: bool


def read_incoming(data: bytes) -> Incoming:
    """The mail in ``data`` (RFC 5322, as a server handed it over). What is damaged is read as far as it can be.

    Raises UnreadableMail, and nothing else, for more than 25 MiB, 200 parts or 10 levels of parts, a header beyond
    128 KiB, and a mail that does not come from exactly one address.
    """
    whole = read_structure(data)
    fields, sender = whole.fields, _sender(whole.fields)
    subject = one_line(words_of(fields.get("subject") or ""), MAX_SUBJECT)
    attachments, left_out = _attachments(whole)
    return Incoming(
        sender=sender,
        recipients=_recipients(fields),
        subject=subject,
        message_id=next(iter(fields.message_ids("message-id")), None),
        in_reply_to=next(iter(fields.message_ids("in-reply-to")), None),
        references=tuple(fields.message_ids("references")[-_MAX_REFERENCES:]),
        text=_text(whole, subject),
        attachments=attachments,
        left_out=left_out,
        is_automatic=_is_automatic(whole, sender),
    )


def _sender(fields: Fields) -> Mailbox:
    """Of two senders one would be shown and the other believed, so there must be one (RFC 5322, section 3.6)."""
    found = fields.mailboxes("from")
    if len(found) != 1 or found[0] is None:
        raise UnreadableMail("it does not come from exactly one address")
    return found[0]


def _recipients(fields: Fields) -> tuple[str, ...]:
    found = (mailbox.address for name in _RECIPIENTS for mailbox in fields.mailboxes(name) if mailbox is not None)
    return tuple(dict.fromkeys(found))[:_MAX_RECIPIENTS]


def _text(whole: Part, subject: str) -> str:
    text = many_lines(plain_text(whole))
    # Who forwards a mail means all of it, and their program marks it as it marks an answer.
    new = text.strip() if FORWARD_SUBJECT.match(subject) else own_words(text)
    return new[:_MAX_TEXT]


def _attachments(whole: Part) -> tuple[tuple[Attachment, ...], int]:
    kept: list[Attachment] = []
    left_out = 0
    for part in whole.files():
        if part.kind in _SEALS:
            continue
        content = part.payload() if len(kept) < MAX_ATTACHMENTS else None
        if content is None or len(content) > MAX_ATTACHMENT:
            left_out += 1
            continue
        is_inline = "content-id" in part.fields and not part.content.is_attached
        kept.append(Attachment(_file_name(part), part.kind, content, is_inline))
    return tuple(kept), left_out


def _file_name(part: Part) -> str:
    """A name without folders; made from the type where the part has none."""
    name = one_line(_PATH.sub(" ", part.content.file_name), _MAX_NAME).strip(" .")
    if name:
        return name
    return "message.eml" if part.kind == "message/rfc822" else part.kind.partition("/")[0]


def _is_automatic(whole: Part, sender: Mailbox) -> bool:
    """See RFC 3834, and what programs wrote before there was one."""
    fields = whole.fields
    robot = sender.address.partition("@")[0].lower() in _ROBOTS
    submitted = (fields.get("auto-submitted") or "no").partition(";")[0].strip().lower()
    precedence = (fields.get("precedence") or "").strip().lower()
    bounced = any("".join(path.split()) == "<>" for path in fields.all("return-path"))
    marked = any(name in fields for name in _MARKS_OF_ROBOTS)
    return robot or bounced or marked or submitted != "no" or precedence in _BULK or whole.kind == "multipart/report"
