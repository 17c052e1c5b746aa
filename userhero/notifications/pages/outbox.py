"""``/app/{workspace_id}/outbox``: what went out, what waits, and what did not go."""

from typing import Any, cast, get_args

import msgspec
from msgspec import UNSET

from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.notifications.actions.retry import retry_one
from userhero.notifications.outbox_queries import get_outbox_item, list_outbox
from userhero.notifications.types import OutboxDetail, OutboxItem, OutboxList, Status

_PATH = "/app/{workspace_id}/outbox"
_SIZE = 25
_TONES = {"sent": "good", "failed": "bad", "capped": "warn", "held": "neutral", "waiting": "neutral", "kept": "warn"}
_MEANINGS = {
    "waiting": "goes out next",
    "held": "waits for the next full hour, in a digest",
    "sent": "was taken by the mail server",
    "failed": "was given up",
    "kept": "stays here: no mail server is set up",
    "capped": "was not sent: there were too many to this address",
}
_DONE = {"again": "It goes out within moments.", "sent": "It was sent already.", "busy": "It is being sent just now."}

pages = PageRoutes()
_decode = msgspec.json.Decoder(OutboxItem).decode
_decode_whole = msgspec.json.Decoder(OutboxDetail).decode


@pages.get(_PATH, role="admin")
def show_outbox(tx: Transaction, visit: Visit) -> View:
    """The mails and messages of the workspace, newest first."""
    status = visit.query.get("status", "")
    wanted = OutboxList(
        workspace_id=cast(str, visit.workspace_id),
        status=cast(Status, status) if status in get_args(Status) else None,
        page_size=_SIZE,
        cursor=visit.query.get("cursor") or UNSET,
    )
    found = list_outbox(tx, visit.actor, wanted)
    items = [_decode(text) for text in found.items]
    filters = [("", "All"), *((each, each.capitalize()) for each in get_args(Status))]
    values = {"items": items, "filters": filters, "status": wanted.status or "", "next": found.pagination.next_cursor}
    return View("notifications/outbox.html", _worded(values))


@pages.get(_PATH + "/{outbox_id}", role="admin")
def show_outbox_item(tx: Transaction, visit: Visit) -> View:
    """A mail or message with what it says."""
    item = _decode_whole(get_outbox_item(tx, visit.actor, visit.path["outbox_id"], cast(str, visit.workspace_id)))
    done = _DONE.get(visit.query.get("done", ""))
    return View("notifications/outbox_item.html", _worded({"item": item, "said": done}))


@pages.post(_PATH + "/{outbox_id}/again", role="admin")
def send_again(tx: Transaction, visit: Visit) -> Go:
    """Try once more to send what did not go out."""
    outbox_id = visit.path["outbox_id"]
    get_outbox_item(tx, visit.actor, outbox_id, cast(str, visit.workspace_id))
    done = "again"
    try:
        retry_one(tx, outbox_id)
    except Conflict as conflict:
        done = "sent" if "was sent" in conflict.message else "busy"
    return Go(f"/app/{visit.workspace_id}/outbox/{outbox_id}", done)


def _worded(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "tones": _TONES, "meanings": _MEANINGS}
