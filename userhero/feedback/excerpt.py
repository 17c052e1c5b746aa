"""What others keep of an item, so that they can show it even once it is gone. Nothing in it says who sent it."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.feedback.tables import feedback
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.workspaces import reach

# The names under which a context may give the page's address, the most telling first.
_PAGE_KEYS = ("pageUrl", "page_url", "fullUrl", "currentUrl", "url", "href", "page", "pathname")
_MAX_ADDRESS = 2048


class FeedbackExcerpt(msgspec.Struct, array_like=True, frozen=True):
    """The part of an item that can be kept elsewhere. ``context`` is JSON text, as the project's privacy settings left
    it.
    """

    id: str
    workspace_id: str
    project_id: str
    widget_id: str
    message: str
    category: str | None
    rating: int | float | None
    screenshot_url: str | None
    context: str

    def page_url(self) -> str | None:
        """The address of the page that the item is about, or its path; None where its context names none."""
        return page_address(_decode(self.context))


_decode = msgspec.json.Decoder(dict[str, Any]).decode
_columns = [feedback.c[name] for name in FeedbackExcerpt.__struct_fields__]
# Whoever changes the item meanwhile may; nobody deletes it.
_HOLD = Statement(
    select(*_columns).where(feedback.c.id == bindparam("feedback")).with_for_update(read=True, key_share=True)
)


def page_address(context: dict[str, Any]) -> str | None:
    """The address of the page that an item is about, or its path; None where its context names none."""
    found = (value for key in _PAGE_KEYS if isinstance(value := context.get(key), str) and value.strip())
    address = next(found, None)
    return None if address is None else address.strip()[:_MAX_ADDRESS]


def hold_excerpt(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> FeedbackExcerpt:
    """The excerpt of an item, which is there until the unit ends. Raises NotFound."""
    found = tx.find(FeedbackExcerpt, _HOLD, feedback=feedback_id)
    reach(tx, actor, found.workspace_id if found else None, workspace_id, "Feedback item")
    assert found is not None, "reach raises for an unknown item"
    return found
