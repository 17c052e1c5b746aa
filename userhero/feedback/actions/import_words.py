"""What was said about an item elsewhere, checked and made into messages."""

from collections.abc import Callable
from typing import NamedTuple

from userhero.conversations import Author, Channel, PastMessage
from userhero.customers import find_email
from userhero.feedback import values
from userhero.feedback.actions.comment import MAX_MESSAGE
from userhero.feedback.actions.note import MAX_CONTENT
from userhero.feedback.import_types import ImportItem, ImportMessage
from userhero.feedback.rules import Rules
from userhero.kernel import richtext
from userhero.workspaces import Teammate

Members = Callable[[str], Teammate | None]
# Who is said to have written what nobody is named for.
_NAMES = {"agent": "Team", "customer": "Customer"}
_PLACES: dict[Channel, str] = {"comment": "comments", "note": "notes"}


class Thread(NamedTuple):
    """Where messages go: ``since`` is when the item was made, and so the time of those that have none."""

    workspace_id: str
    feedback_id: str
    since: str


class Spoken(NamedTuple):
    """Messages in the order of time, and what they mean for the item."""

    messages: list[PastMessage]

    @property
    def last_at(self) -> str | None:
        """When something was said last."""
        return self.messages[-1].created_at if self.messages else None

    @property
    def last_reply_at(self) -> str | None:
        """When the customer wrote last."""
        return max(_times(self.messages, "customer"), default=None)

    @property
    def first_answer_at(self) -> str | None:
        """When an agent wrote to the customer first."""
        return min(_times(self.messages, "agent"), default=None)


def spoken(item: ImportItem, thread: Thread, members: Members, rules: Rules) -> Spoken:
    """What a record says that was said about it; what breaks a rule is left to ``rules``."""
    if not item.comments and not item.notes:
        return Spoken([])
    given: list[tuple[Channel, list[ImportMessage]]] = [("comment", item.comments), ("note", item.notes)]
    found = [
        past_message(channel, message, thread, members, rules, f"{_PLACES[channel]}[{number}].")
        for channel, messages in given
        for number, message in enumerate(messages)
    ]
    return Spoken(sorted(found, key=lambda message: message.created_at))


def past_message(
    channel: Channel, given: ImportMessage, thread: Thread, members: Members, rules: Rules, where: str = ""
) -> PastMessage:
    """One message as it is stored. ``where`` stands before the names of fields in what is said of them."""
    text, html = given.message.strip(), None
    if channel == "note" and given.html:
        html = richtext.sanitised(given.html).strip() or None
        text = text or richtext.plain(html or "")
    most = MAX_MESSAGE if channel == "comment" else MAX_CONTENT
    if not 1 <= len(text) <= most:
        rules.broken(f"{where}message", f"must have 1 to {most} characters")
    written_at = rules.keep(values.time, f"{where}createdAt", given.created_at)
    return PastMessage(
        workspace_id=thread.workspace_id,
        thread_id=thread.feedback_id,
        channel=channel,
        author=_author(channel, given, members, rules, where),
        text=text,
        html=html,
        created_at=thread.since if written_at is None else written_at,
    )


def _author(channel: Channel, given: ImportMessage, members: Members, rules: Rules, where: str) -> Author:
    email = ""
    if given.author_email:
        email = find_email(given.author_email) or ""
        if not email:
            rules.broken(f"{where}authorEmail", "must be an e-mail address")
    kind = "agent" if channel == "note" else given.author_type
    member = members(email) if email and kind == "agent" else None
    name = (given.author_name or "").strip() or (member.name if member else email) or _NAMES[kind]
    return Author(type=kind, name=name, email=email, user_id=None if member is None else member.user_id)


def _times(messages: list[PastMessage], kind: str) -> list[str]:
    return [each.created_at for each in messages if each.channel == "comment" and each.author.type == kind]
