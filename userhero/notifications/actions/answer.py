"""Taking an answer by mail into the conversation that it belongs to, once."""

from typing import Literal

import msgspec
from sqlalchemy import bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from userhero.conversations import AttachmentReference
from userhero.customers import find_email, find_owner
from userhero.feedback import (
    FeedbackAudience,
    NewComment,
    NewNote,
    add_comment,
    add_note,
    find_audience,
    take_file,
)
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Forbidden
from userhero.kernel.mail import Mailbox
from userhero.media import Attachment, Examined, UploadFields
from userhero.notifications.addresses import address_mark
from userhero.notifications.answer_addresses import AnswerAddress
from userhero.notifications.tables import incoming_mails
from userhero.workspaces import find_teammate, system_actor

# How many answers an address may send within an hour; for how long a mail that comes again is known.
PER_HOUR, KEPT_DAYS, CHUNK = 20, 30, 500
_MAX_COMMENT, _MAX_NOTE, _MAX_NAMES, _MAX_NAME = 2000, 5000, 500, 200
_CUT = "…\n\n[The mail was longer.]"

_i = incoming_mails
_KNOWN = Statement(select(_i.c.created_at).where(_i.c.mark == bindparam("one")))
_NOTE = Statement(
    insert(_i)
    .values({name: bindparam(name) for name in ("mark", "sender", "created_at")})
    .on_conflict_do_nothing(index_elements=[_i.c.mark])
)
_recent = (
    select(_i.c.mark)
    .where(_i.c.sender == bindparam("who"), _i.c.created_at > bindparam("since"))
    .limit(literal_column(str(PER_HOUR)))
    .subquery()
)
_COUNT = Statement(select(func.count()).select_from(_recent))
_old = select(_i.c.mark).where(_i.c.created_at <= bindparam("before")).order_by(_i.c.created_at)
_PURGE = Statement(delete(_i).where(_i.c.mark.in_(_old.limit(literal_column(str(CHUNK))))))
_attachment = msgspec.json.Decoder(Attachment).decode

Reason = Literal["unknown", "forged", "refused", "too_many", "repeated"]


class Unwelcome(Exception):
    """An answer that is not taken. The message is for who sent it."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: to which address it was sent, by whom, and what it says. ``mark`` is the same for the same mail.

    ``left_out`` names the files that are not kept.
    """

    address: AnswerAddress
    sender: Mailbox
    mark: str
    text: str
    left_out: tuple[str, ...] = ()


def check_answer(tx: Transaction, answer: Answer) -> tuple[FeedbackAudience, Actor]:
    """The item, and who writes. Raises Unwelcome where the item is gone, the address was made for somebody else, the
    sender takes no part any more, sent more than 20 answers within an hour, or sent this one before.
    """
    item = find_audience(tx, answer.address.feedback_id)
    if item is None:
        raise Unwelcome("unknown", "There is no such conversation.")
    if not answer.address.reply.is_for(tx.keys, answer.sender.address):
        raise Unwelcome("forged", "Answer from the address to which the mail was sent.")
    actor = _writer(tx, item, answer)
    if tx.one(_KNOWN, one=answer.mark) is not None:
        raise Unwelcome("repeated", "This mail was taken before.")
    since = clock.shift(tx.now, hours=-1)
    if tx.value(_COUNT, who=address_mark(tx.keys, answer.sender.address), since=since) >= PER_HOUR:
        raise Unwelcome("too_many", "Too many mails from this address; try again later.")
    return item, actor


def take_answer(tx: Transaction, answer: Answer, files: list[Examined]) -> list[Examined]:
    """Add an answer to the conversation, with files that have been stored; one for which the workspace has no room is
    named instead. Returns the files that rows name now.

    Raises as ``check_answer`` does, and as ``add_comment`` and ``add_note`` do.
    """
    item, actor = check_answer(tx, answer)
    noted = {"mark": answer.mark, "sender": address_mark(tx.keys, answer.sender.address), "created_at": tx.now}
    if not tx.run(_NOTE, **noted):
        raise Unwelcome("repeated", "This mail was taken before.")
    found = [(file, _attach(tx, actor, item, file)) for file in files]
    attachments = [attached for _, attached in found if attached is not None]
    left_out = [*answer.left_out, *(file.file_name for file, attached in found if attached is None)]
    if answer.address.way == "note":
        text = _worded(answer.text, left_out, _MAX_NOTE)
        add_note(tx, actor, item.id, NewNote(content=text, attachments=attachments))
    else:
        text = _worded(answer.text, left_out, _MAX_COMMENT)
        add_comment(tx, actor, item.id, _comment(answer, text, attachments))
    return [file for file, attached in found if attached is not None]


def purge_answers(tx: Transaction) -> bool:
    """Forget which mails were taken 30 days ago, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK


def _writer(tx: Transaction, item: FeedbackAudience, answer: Answer) -> Actor:
    """Who was written to may have left since."""
    sender = find_email(answer.sender.address)
    if answer.address.way == "customer":
        if sender is None or not _is_customer(tx, item, sender):
            raise Unwelcome("refused", "This address takes no part in the conversation any more.")
        return system_actor(item.workspace_id, "Mail")
    member = find_teammate(tx, item.workspace_id, answer.sender.address.lower())
    if member is None or member.role == "viewer":
        raise Unwelcome("refused", "This address may not write in the conversation any more.")
    return Actor(member.user_id, member.name, member.email, "mail", frozenset(), "mail")


def _is_customer(tx: Transaction, item: FeedbackAudience, address: str) -> bool:
    if address == item.customer_email:
        return True
    return item.customer_id is not None and item.customer_id == find_owner(tx, item.workspace_id, "email", address)


def _attach(tx: Transaction, actor: Actor, item: FeedbackAudience, file: Examined) -> AttachmentReference | None:
    """None where the plan's storage is used up."""
    try:
        uploaded = take_file(tx, actor, UploadFields(feedback_id=item.id), file, item.workspace_id)
    except Forbidden:
        return None
    assert uploaded.attachment is not None, "that is what it is for an item"
    return AttachmentReference(_attachment(uploaded.attachment).id)


def _comment(answer: Answer, text: str, attachments: list[AttachmentReference]) -> NewComment:
    if answer.address.way == "agent":
        return NewComment(message=text, attachments=attachments)
    address = answer.sender.address
    name = answer.sender.name[:_MAX_NAME] or address.partition("@")[0]
    return NewComment(
        message=text, author_type="customer", author_name=name, author_email=address, attachments=attachments
    )


def _worded(text: str, left_out: list[str], most: int) -> str:
    """The text within its limit, files that were not kept named below it."""
    ending = ""
    if left_out:
        names = ", ".join(left_out)
        ending = f"\n\n[Attached, but not kept: {names if len(names) <= _MAX_NAMES else names[:_MAX_NAMES] + '…'}]"
    if len(text) + len(ending) > most:
        text = text[: most - len(ending) - len(_CUT)].rstrip() + _CUT
    return (text + ending).strip()
