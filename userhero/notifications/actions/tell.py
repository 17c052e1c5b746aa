"""Telling members: a row for the product to show, and a mail, as each of them has chosen."""

from collections.abc import Iterable

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import ids
from userhero.kernel.db import Statement, Transaction
from userhero.notifications.actions.post import Parcel, post
from userhero.notifications.answer_addresses import way_for
from userhero.notifications.content import notice_content
from userhero.notifications.digest_times import digest_at
from userhero.notifications.kinds import REASONS
from userhero.notifications.notice import MAX_EXCERPT, Notice, shortened
from userhero.notifications.preferences import preferences_of
from userhero.notifications.recipients import Recipient
from userhero.notifications.tables import notifications
from userhero.workspaces import Teammate

_n = notifications
_names = (
    "id", "workspace_id", "user_id", "event_id", "kind", "feedback_id", "ticket_number", "title", "excerpt",
    "created_at",
)  # fmt: skip
_SHOW = Statement(
    insert(_n)
    .values({name: bindparam(name) for name in _names})
    .on_conflict_do_nothing(index_elements=[_n.c.user_id, _n.c.event_id])
)


def tell(tx: Transaction, notice: Notice, people: Iterable[Teammate]) -> None:
    """Let members hear of something, each once, as they have chosen."""
    told = list(people)
    if not told:
        return
    wanted = preferences_of(tx, notice.workspace_id, [person.user_id for person in told])
    answer = way_for(notice.kind) if notice.feedback_id is not None else None
    content = notice_content(tx, notice, f"You get this because {REASONS[notice.kind]}.", answer)
    parcel = Parcel(notice.workspace_id, notice.kind, content, notice.event_id, notice.feedback_id)
    for person in told:
        preferences = wanted[person.user_id]
        if preferences.choice(notice.kind).in_app != "off":
            _show(tx, notice, person)
        choice = preferences.choice(notice.kind).email
        if choice != "off":
            recipient = Recipient("email", person.email, name=person.name, user_id=person.user_id)
            post(tx, parcel, recipient, hold_until=digest_at(preferences, tx.now) if choice == "digest" else None)


def _show(tx: Transaction, notice: Notice, person: Teammate) -> None:
    tx.run(
        _SHOW,
        id=ids.new("ntf"),
        workspace_id=notice.workspace_id,
        user_id=person.user_id,
        event_id=notice.event_id,
        kind=notice.kind,
        feedback_id=notice.feedback_id,
        ticket_number=notice.ticket_number,
        title=notice.title,
        excerpt=None if notice.quote is None else shortened(notice.quote, MAX_EXCERPT),
        created_at=tx.now,
    )
