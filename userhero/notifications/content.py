"""What a mail or a message says, as it is kept until it is sent: words, not markup."""

import msgspec

from userhero.kernel.db import Transaction
from userhero.notifications.answer_addresses import Way
from userhero.notifications.notice import Notice
from userhero.workspaces import workspace_name


class Entry(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True):
    """One line of a digest."""

    title: str
    path: str | None = None


class Content(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """The words. ``path`` is where the button leads on this server; ``more`` counts what a digest leaves out,
    ``folded`` are the kinds that it holds.

    ``subject`` of a mail; ``paragraphs`` are ours, ``quote`` is others' words; ``answer`` is what an answer by mail
    becomes, None where there can be none.
    """

    workspace: str
    subject: str
    title: str
    reason: str
    paragraphs: list[str] = []
    quote: str | None = None
    path: str | None = None
    button: str = "Open the feedback"
    entries: list[Entry] = []
    more: int = 0
    folded: list[str] = []
    answer: Way | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Content).decode


def stored(content: Content) -> str:
    """The content as it is kept."""
    return _encode(content).decode()


def read(text: str) -> Content:
    """The content of a row."""
    return _decode(text)


def item_path(feedback_id: str | None) -> str | None:
    """Where members see an item, on this server."""
    return None if feedback_id is None else f"/feedback/{feedback_id}"


def notice_content(tx: Transaction, notice: Notice, reason: str, answer: Way | None = None) -> Content:
    """What a notice says to members, and to others whom the workspace has chosen."""
    return Content(
        workspace=workspace_name(tx, notice.workspace_id),
        subject=notice.subject,
        title=notice.title,
        reason=reason,
        quote=notice.quote,
        path=item_path(notice.feedback_id),
        answer=answer,
    )
