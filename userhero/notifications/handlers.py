"""What notifications do when something has happened."""

from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import Listeners, enqueue
from userhero.notifications.actions import hear, route
from userhero.notifications.actions.retry import FORGET

listeners = Listeners("notifications")


@listeners.on("feedback.created")
def on_submission(tx: Transaction, happened: Happened) -> None:
    """Tell those whom the project's routing rules name."""
    route.hear_submission(tx, happened)


@listeners.on("automation.notification_requested")
def on_request(tx: Transaction, happened: Happened) -> None:
    """Tell whom an automation names."""
    route.hear_request(tx, happened)


@listeners.on("customer.deleted")
def on_farewell(tx: Transaction, happened: Happened) -> None:
    """Forget what was written to somebody who is to be forgotten."""
    enqueue(tx, FORGET, {"customer": happened.subject_id})


@listeners.on("comment.created")
def on_comment(tx: Transaction, happened: Happened) -> None:
    """Tell the other side."""
    hear.hear_comment(tx, happened)


@listeners.on("note.created")
def on_note(tx: Transaction, happened: Happened) -> None:
    """Tell those who are mentioned, and watchers."""
    hear.hear_note(tx, happened)


@listeners.on("feedback.updated")
def on_update(tx: Transaction, happened: Happened) -> None:
    """Tell the new assignee, watchers, and the customer of a resolution."""
    hear.hear_update(tx, happened)


@listeners.on("feedback.sla_breached", "feedback.first_response_breached", "feedback.sla_warning")
def on_deadline(tx: Transaction, happened: Happened) -> None:
    """Tell those who look after the item."""
    hear.hear_deadline(tx, happened)


@listeners.on("webhook_endpoint.disabled", "webhook_endpoint.failing")
def on_endpoint(tx: Transaction, happened: Happened) -> None:
    """Tell owners and admins."""
    hear.hear_endpoint(tx, happened)
