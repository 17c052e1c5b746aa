"""What there is to tell, before it is known to whom and how."""

import msgspec

from userhero.feedback import FeedbackAudience
from userhero.kernel.events import Happened
from userhero.notifications.kinds import Kind

MAX_TITLE, MAX_EXCERPT, MAX_QUOTE, MAX_SUBJECT = 200, 280, 5000, 60
# So much of a title is the same whatever its end, and where that is cut off.
_CERTAIN = 180


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person is to hear of. ``title`` is a sentence of ours in which others' names may stand;
    ``quote`` is others' words.
    """

    kind: Kind
    event_id: str
    workspace_id: str
    title: str
    subject: str
    quote: str | None = None
    feedback_id: str | None = None
    ticket_number: int | None = None


def about(item: FeedbackAudience, happened: Happened, kind: Kind, title: str, quote: str | None = None) -> Notice:
    """A notice about an item. All mails about it have one subject, so that mailboxes show them as one conversation."""
    return Notice(
        kind=kind,
        event_id=happened.id,
        workspace_id=item.workspace_id,
        title=shortened(title, MAX_TITLE),
        subject=f"[{item.project_name} #{item.ticket_number}] {shortened(item.message, MAX_SUBJECT)}",
        quote=None if quote is None else quote.strip()[:MAX_QUOTE] or None,
        feedback_id=item.id,
        ticket_number=item.ticket_number,
    )


def reply_title(author_name: str, ticket_number: int | str) -> str:
    """What a notice of a customer's comment is called."""
    return f"{author_name} replied on #{ticket_number}"


def reply_beginning(author_name: str) -> str:
    """How every notice of what somebody of this name said begins, as it is stored."""
    return shortened(reply_title(author_name, ""), MAX_TITLE)[:_CERTAIN].rstrip()


def shortened(text: str, most: int) -> str:
    """The text on one line, its end cut off above so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
