"""Who hears of what: from an event to the members who are told of it. Nobody hears of what they did themselves."""

from userhero.feedback import FeedbackAudience, find_audience
from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.notifications.actions.customers import tell_of_reply, tell_of_resolution
from userhero.notifications.actions.tell import tell
from userhero.notifications.heard import Comment, Endpoint, Note, Update, comment, endpoint, note, update
from userhero.notifications.kinds import Kind
from userhero.notifications.notice import Notice, about, reply_title, shortened
from userhero.projects import statuses
from userhero.workspaces import Teammate, list_in_charge, list_teammates

_ATTACHED = "(attachments only)"
_LATE: dict[str, tuple[Kind, str]] = {
    "feedback.sla_breached": ("sla_breached", "Feedback #{} is overdue"),
    "feedback.first_response_breached": ("sla_breached", "Feedback #{} still waits for its first answer"),
    "feedback.sla_warning": ("sla_warning", "Feedback #{} is due soon"),
}


def hear_comment(tx: Transaction, happened: Happened) -> None:
    """A customer's comment is for those who look after the item, or else for owners and admins: somebody must answer.
    An agent's is for the customer.
    """
    said = comment(happened.data)
    item = find_audience(tx, said.feedback_id)
    if item is None:
        return
    if said.author_type == "agent":
        tell_of_reply(tx, happened, item, said)
        return
    title = reply_title(said.author_name, item.ticket_number)
    notice = about(item, happened, "customer_replied", title, said.message or _ATTACHED)
    people = _around(tx, item) or list_in_charge(tx, item.workspace_id)
    tell(tx, notice, [person for person in people if not _is_author(person, said)])


def _is_author(person: Teammate, said: Comment) -> bool:
    return person.email == said.author_email.lower()


def hear_note(tx: Transaction, happened: Happened) -> None:
    """A note is for those whom it mentions, and for who watches the item."""
    said = note(happened.data)
    item = find_audience(tx, said.feedback_id)
    if item is None:
        return
    people = list_teammates(tx, item.workspace_id, {*said.mentions, *item.watchers()} - {happened.actor_id or ""})
    _tell_of_note(
        tx, happened, item, said, [person for person in people if person.user_id in said.mentions], "mentioned"
    )
    others = [person for person in people if person.user_id not in said.mentions]
    _tell_of_note(tx, happened, item, said, others, "note_added")


def _tell_of_note(
    tx: Transaction, happened: Happened, item: FeedbackAudience, said: Note, people: list[Teammate], kind: Kind
) -> None:
    did = "mentioned you" if kind == "mentioned" else "added a note"
    title = f"{said.author_name} {did} on #{item.ticket_number}"
    tell(tx, about(item, happened, kind, title, said.content or _ATTACHED), people)


def hear_update(tx: Transaction, happened: Happened) -> None:
    """Whoever gets the item hears of it, who watches it hears of its status, and the customer when it is resolved."""
    changes = update(happened.data)
    if not (changes.assignee_id or changes.status):
        return
    item = find_audience(tx, happened.subject_id)
    if item is None:
        return
    told = _tell_assignee(tx, happened, item, changes) if changes.assignee_id else None
    if changes.status:
        _tell_of_status(tx, happened, item, changes.status, told)
    if changes.status and changes.status_category == "resolved":
        tell_of_resolution(tx, happened, item, changes.status)


def _tell_assignee(tx: Transaction, happened: Happened, item: FeedbackAudience, changes: Update) -> str | None:
    """Returns the new assignee, if they were told."""
    assignee_id, actor_id = changes.assignee_id or "", happened.actor_id or ""
    if assignee_id == actor_id:
        return None
    people = {each.user_id: each for each in list_teammates(tx, item.workspace_id, {assignee_id, actor_id})}
    if assignee_id not in people:
        return None
    who = people[actor_id].name if actor_id in people else "An automation"
    title = f"{who} assigned #{item.ticket_number} to you"
    tell(tx, about(item, happened, "assigned", title, item.message), [people[assignee_id]])
    return assignee_id


def _tell_of_status(tx: Transaction, happened: Happened, item: FeedbackAudience, status: str, told: str | None) -> None:
    leave_out = {happened.actor_id, told}
    people = list_teammates(tx, item.workspace_id, {each for each in item.watchers() if each not in leave_out})
    label = next((each.label for each in statuses(item.statuses) if each.id == status), status)
    notice = about(item, happened, "status_changed", f"#{item.ticket_number} is now {label}", item.message)
    tell(tx, notice, people)


def hear_deadline(tx: Transaction, happened: Happened) -> None:
    """A deadline is for those who look after the item, or else for owners and admins."""
    item = find_audience(tx, happened.subject_id)
    if item is None:
        return
    kind, title = _LATE[happened.kind]
    people = _around(tx, item)
    if item.assignee_id not in [person.user_id for person in people]:
        known = {person.user_id for person in people}
        people += [person for person in list_in_charge(tx, item.workspace_id) if person.user_id not in known]
    tell(tx, about(item, happened, kind, title.format(item.ticket_number), item.message), people)


def hear_endpoint(tx: Transaction, happened: Happened) -> None:
    """Trouble with a webhook endpoint is for owners and admins."""
    trouble = endpoint(happened.data)
    title = f"{_worded(happened.kind, trouble)}: {shortened(trouble.url, 120)}"
    notice = Notice(
        kind="webhook_trouble",
        event_id=happened.id,
        workspace_id=happened.workspace_id,
        title=shortened(title, 200),
        subject=_worded(happened.kind, trouble),
        quote=trouble.error,
    )
    tell(tx, notice, list_in_charge(tx, happened.workspace_id))


def _worded(kind: str, trouble: Endpoint) -> str:
    if kind == "webhook_endpoint.failing":
        return "A delivery to a webhook endpoint was given up"
    if trouble.reason == "gone":
        return "A webhook endpoint was switched off, since its address is gone"
    return "A webhook endpoint was switched off after five days of failures"


def _around(tx: Transaction, item: FeedbackAudience) -> list[Teammate]:
    """Those who look after the item: its assignee and its watchers."""
    wanted = {*item.watchers(), *([item.assignee_id] if item.assignee_id else [])}
    return list_teammates(tx, item.workspace_id, wanted)
