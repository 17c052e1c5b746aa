"""``/feedback/{id}/comments`` and ``/feedback/{id}/notes``."""

from userhero.conversations import Comment, MessageList, Note
from userhero.feedback import threads
from userhero.feedback.actions.comment import add_comment
from userhero.feedback.actions.note import add_note
from userhero.feedback.message_types import NewComment, NewNote
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json, Whole
from userhero.kernel.http.routing import Routes

routes = Routes("Comments and notes")


@routes.get("/feedback/{feedback_id}/comments", scope="feedback:read")
def list_comments(tx: Transaction, actor: Actor, feedback_id: str, query: MessageList) -> Whole[Comment]:
    """List the comments on a feedback item, oldest first.

    This is the conversation with the customer. All of it comes at once, up to 1,000 comments; `page`, `pageSize` or
    `cursor` ask for a part.
    """
    return Whole(threads.list_comments(tx, actor, feedback_id, query), paged=query.paged)


@routes.post(
    "/feedback/{feedback_id}/comments",
    scope="feedback:write",
    example={
        "message": "The issue is still happening.",
        "authorType": "customer",
        "authorName": "John Doe",
        "authorEmail": "john@example.com",
    },
)
def create_comment(tx: Transaction, actor: Actor, feedback_id: str, body: NewComment) -> Json[Comment]:
    """Add a comment to the conversation with the customer.

    An agent's comment bears the name of the key's owner. A customer's comment on a resolved item reopens it, as long as
    the project's reopen window lasts.
    """
    return Json(add_comment(tx, actor, feedback_id, body))


@routes.get("/feedback/{feedback_id}/notes", scope="feedback:read")
def list_notes(tx: Transaction, actor: Actor, feedback_id: str, query: MessageList) -> Whole[Note]:
    """List the internal notes on a feedback item, oldest first.

    Notes are for members of the workspace; customers never see them. All of them come at once, up to 1,000; `page`,
    `pageSize` or `cursor` ask for a part.
    """
    return Whole(threads.list_notes(tx, actor, feedback_id, query), paged=query.paged)


@routes.post(
    "/feedback/{feedback_id}/notes",
    scope="feedback:write",
    example={
        "content": "Customer confirmed this is reproducible on Chrome 120.",
        "contentHtml": "<p>Customer confirmed this is reproducible on Chrome 120.</p>",
        "mentions": ["user_abc"],
    },
)
def create_note(tx: Transaction, actor: Actor, feedback_id: str, body: NewNote) -> Json[Note]:
    """Add an internal note.

    Whom it mentions watches the item from then on.
    """
    return Json(add_note(tx, actor, feedback_id, body))
