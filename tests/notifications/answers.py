"""Answers to mail, as people's programs write them."""

from email.message import EmailMessage
from itertools import count

from tests.notifications.mails import Mail

_numbers = count(1)


def address_in(mail: Mail) -> str:
    """The address under which a mail is answered."""
    return mail["Reply-To"].rpartition("<")[2].rstrip(">")


def answer_to(
    mail: Mail,
    text: str,
    *,
    sender: str | None = None,
    files: tuple[tuple[str, str, bytes], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """An answer, what is answered quoted below. ``files`` are name, media type and content."""
    message = EmailMessage()
    message["From"] = sender or f"Sam Lee <{mail.recipient}>"
    message["To"] = mail["Reply-To"]
    message["Subject"] = f"Re: {mail['Subject']}"
    message["Message-ID"] = f"<answer-{next(_numbers)}@example.org>"
    message["In-Reply-To"] = mail["Message-ID"]
    for name, value in headers:
        del message[name]
        message[name] = value
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    message.set_content(f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Acme Inc <{address_in(mail)}> wrote:\n{quoted}\n")
    for name, kind, content in files:
        family, _, subtype = kind.partition("/")
        message.add_attachment(content, family, subtype, filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
