"""Mail to customers. Nobody has proven that an address is theirs, so they get little, and nothing that was sent in from
there: a form that anybody can fill in must not carry words to others.
"""

from userhero.feedback import FeedbackAudience
from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.notifications.actions.post import Parcel, post
from userhero.notifications.content import Content
from userhero.notifications.heard import Comment
from userhero.notifications.notice import MAX_QUOTE
from userhero.notifications.recipients import Recipient
from userhero.projects import statuses
from userhero.workspaces import find_teammate, workspace_name


def tell_of_reply(tx: Transaction, happened: Happened, item: FeedbackAudience, said: Comment) -> None:
    """Mail an agent's comment to the customer, unless the item takes no comments any more."""
    if not item.customer_comments_enabled or item.customer_email in (None, said.author_email.lower()):
        return
    files = [f"{file.file_name}: {file.url}" for file in said.attachments if file.url.startswith(("http:", "https:"))]
    content = Content(
        workspace=workspace_name(tx, item.workspace_id),
        subject=_subject(item),
        title=f"{said.author_name} replied to your feedback #{item.ticket_number}",
        reason=_reason(item),
        quote=said.message[:MAX_QUOTE] or None,
        paragraphs=["\n".join(["Attached:", *files])] if files else [],
        answer="customer",
    )
    _send(tx, happened, item, "reply", content)


def tell_of_resolution(tx: Transaction, happened: Happened, item: FeedbackAudience, status: str) -> None:
    """Mail the customer that the item is resolved, unless its status is none that customers are told of, or they are
    who resolved it.
    """
    found = next((each for each in statuses(item.statuses) if each.id == status), None)
    if item.customer_email is None or found is None or not found.visible_to_customers:
        return
    member = find_teammate(tx, item.workspace_id, item.customer_email.lower())
    if member is not None and member.user_id == happened.actor_id:
        return
    content = Content(
        workspace=workspace_name(tx, item.workspace_id),
        subject=_subject(item),
        title=f"Your feedback #{item.ticket_number}: {found.label}",
        reason=_reason(item),
        paragraphs=[f"We have set your feedback #{item.ticket_number} to “{found.label}”. Thank you for telling us."],
        answer="customer" if item.customer_comments_enabled else None,
    )
    _send(tx, happened, item, "resolved", content)


def _send(tx: Transaction, happened: Happened, item: FeedbackAudience, kind: str, content: Content) -> None:
    assert item.customer_email is not None, "asked before"
    recipient = Recipient("email", item.customer_email, customer_id=item.customer_id, is_unproven=True)
    post(tx, Parcel(item.workspace_id, kind, content, happened.id, item.id), recipient)


def _subject(item: FeedbackAudience) -> str:
    return f"[{item.project_name} #{item.ticket_number}] Your feedback"


def _reason(item: FeedbackAudience) -> str:
    return f"You get this because feedback to {item.project_name} was sent with this address."
