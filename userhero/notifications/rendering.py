"""From a row of the outbox to a letter."""

from functools import cache

import msgspec

from userhero.kernel.crypto import Keys
from userhero.kernel.mail import Letter, Mailbox, message_id
from userhero.kernel.mail.templates import Bodies, Button, Frame, MailTemplates
from userhero.notifications.actions.send import Taken
from userhero.notifications.answer_addresses import Way, answer_address
from userhero.notifications.content import Content, read
from userhero.notifications.unsubscribing import address_link, member_link

_ANSWERS: dict[Way, str] = {
    "customer": "Answer this mail to reply.",
    "agent": "Answer this mail to reply to the customer.",
    "note": "An answer to this mail becomes an internal note.",
}


@cache
def _templates() -> MailTemplates:
    return MailTemplates(["userhero.notifications"])


def letter(row: Taken, keys: Keys, base_url: str, sender: Mailbox, reply_domain: str | None) -> Letter:
    """The mail that a row becomes. All mails about an item refer to one that was never sent, so that they stand
    together in a mailbox. ``base_url`` is empty where nobody has ever reached the server: there are no links then.
    Where mail can be answered (``reply_domain``) and this one too, it says what becomes of an answer.
    """
    content = read(row.content)
    reply_to = None
    if reply_domain is not None and row.feedback_id is not None and content.answer is not None:
        name = content.workspace or sender.name
        reply_to = Mailbox(answer_address(keys, reply_domain, row.feedback_id, content.answer, row.recipient), name)
        content = msgspec.structs.replace(content, reason=f"{_ANSWERS[content.answer]} {content.reason}")
    thread = None if row.feedback_id is None else message_id(f"thread-{row.feedback_id}", sender.address)
    link = _link(row, content, keys, base_url) if base_url else None
    bodies = render(content, base_url, link)
    return Letter(
        id=row.id,
        sender=Mailbox(sender.address, content.workspace or sender.name),
        recipient=Mailbox(row.recipient, row.recipient_name or ""),
        subject=content.subject,
        text=bodies.text,
        html=bodies.html,
        reply_to=reply_to,
        in_reply_to=thread,
        unsubscribe=link,
        written_at=row.created_at,
    )


def render(content: Content, base_url: str, link: str | None) -> Bodies:
    """What a mail says, as text and as HTML."""
    button = Button(content.button, base_url + content.path) if content.path and base_url else None
    frame = Frame(
        workspace=content.workspace,
        title=content.title,
        reason=content.reason,
        button=button,
        unsubscribe_url=link,
    )
    entries = [(entry.title, base_url + entry.path if entry.path and base_url else None) for entry in content.entries]
    return _templates().render(
        "notices/notice",
        frame,
        paragraphs=content.paragraphs,
        quote=content.quote,
        entries=entries,
        more=content.more,
    )


def _link(row: Taken, content: Content, keys: Keys, base_url: str) -> str:
    if row.user_id is None:
        return address_link(keys, base_url, row.workspace_id, row.recipient)
    return member_link(keys, base_url, row.workspace_id, row.user_id, row.kind, content.folded)
