"""Members, what they have heard, and what is on its way to them."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select

from tests.support.tenants import Tenant
from userhero.kernel.db import Database, Statement
from userhero.notifications.tables import outbox

_COLUMNS = ("id", "channel", "recipient", "kind", "status", "content", "error", "attempts", "event_id", "user_id")
_WRITTEN = Statement(
    select(*(outbox.c[name] for name in _COLUMNS))
    .where(outbox.c.workspace_id == bindparam("workspace"))
    .order_by(outbox.c.position)
)

After = Callable[[], None]


def heard(person: Tenant, **query: Any) -> list[Any]:
    """What somebody has heard of, oldest first."""
    found = person.get("/notifications", order="asc", pageSize=100, **query).data
    assert isinstance(found, list)
    return found


def titles(person: Tenant) -> list[tuple[str, str]]:
    """Kind and title of each."""
    return [(each["kind"], each["title"]) for each in heard(person)]


def written(database: Database, owner: Tenant) -> list[dict[str, Any]]:
    """What the workspace's outbox holds, oldest first, with what it says."""
    rows = database.read(lambda tx: tx.all(_WRITTEN, workspace=owner.workspace_id))
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [{**each, "content": json.loads(each["content"])} for each in found]


def mails_to(database: Database, owner: Tenant, address: str) -> list[tuple[str, str]]:
    """Kind and title of what was written to an address."""
    return [
        (each["kind"], each["content"]["title"]) for each in written(database, owner) if each["recipient"] == address
    ]


def comment(caller: Tenant, item: Any, message: str = "Any news?", **fields: Any) -> Any:
    """A comment by the caller, or by a customer where ``authorEmail`` is given."""
    if "authorEmail" in fields:
        fields |= {"authorType": "customer", "authorName": fields.get("authorName", "Sam Lee")}
    return caller.post(f"/feedback/{item['id']}/comments", {"message": message, **fields}).data


def note(caller: Tenant, item: Any, content: str = "Look", **fields: Any) -> Any:
    """A note by the caller."""
    return caller.post(f"/feedback/{item['id']}/notes", {"content": content, **fields}).data


def change(caller: Tenant, item: Any, **fields: Any) -> Any:
    """The item after a change by the caller."""
    return caller.patch(f"/feedback/{item['id']}", fields).data
