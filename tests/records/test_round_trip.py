"""What an export holds of feedback can be imported, and says the same there."""

from pathlib import Path
from typing import Any

import pytest

from tests.records.archives import exported, unpacked
from tests.support.client import Client
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database
from userhero.records import Wanted, import_file

# What is the workspace's own, or new by its nature.
_OWN = {"id", "workspaceId", "projectId", "customerId", "source", "widgetId", "watcherIds", "updatedAt", "ticketNumber"}
_FIELDS = [
    {"id": "cf_plan", "type": "text", "label": "Plan"},
    {"id": "cf_seats", "type": "number", "label": "Seats"},
    {"id": "cf_vip", "type": "checkbox", "label": "VIP"},
]


def filled(caller: Tenant) -> None:
    fields = {"cf_plan": "=pro", "cf_seats": 12, "cf_vip": True}
    first = caller.new_feedback(
        '=Schön ☃, "quoted"\nand more',
        userEmail="jane@example.com",
        tags=["a, b", "'c"],
        rating=4.5,
        priority="high",
        context={"page": "/x", "deep": {"n": [1, None]}},
        customMetadata={"name": "Jane Roe", "n": 1.5, "customFields": fields},
        screenshotUrl="https://example.com/a.png",
    )
    caller.patch(f"/feedback/{first['id']}", {"status": "resolved", "assigneeId": caller.user_id, "isPublic": True})
    caller.post(f"/feedback/{first['id']}/comments", {"message": "-Fixed"})
    customer = {"authorType": "customer", "authorName": "Jane", "authorEmail": "jane@example.com"}
    caller.post(f"/feedback/{first['id']}/comments", {**customer, "message": "Thanks"})
    caller.post(f"/feedback/{first['id']}/notes", {"contentHtml": "<p>Known</p>"})
    caller.new_feedback("'Second")


def shown(caller: Tenant) -> list[Any]:
    """What both workspaces say alike."""
    found = []
    for each in caller.get("/feedback", sort="ticketNumber", order="asc").data:
        item = caller.get(f"/feedback/{each['id']}").data
        said = [
            {name: value for name, value in message.items() if name != "id"}
            for message in item.pop("customerComments") + item.pop("internalNotes")
        ]
        found.append(({name: value for name, value in item.items() if name not in _OWN}, said))
    return found


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_an_export_can_be_imported(
    tenant: Tenants, database: Database, client: Client, tmp_path: Path, kind: str
) -> None:
    source = tenant()
    target = tenant()
    for caller in (source, target):
        caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": _FIELDS})
    filled(source)
    files = unpacked(client, exported(source, database, format=kind))
    paths = {name: tmp_path / f"{name}.{kind}" for name in ("feedback", "comments", "notes")}
    for path in paths.values():
        # People of another workspace: the same address is another member here.
        path.write_bytes(files[path.name].replace(source.email.encode(), target.email.encode()))
    wanted = Wanted(
        paths["feedback"], target.workspace_id, target.project_id, comments=paths["comments"], notes=paths["notes"]
    )
    report = import_file(database, wanted, lambda _: None)
    assert (report.problems, report.unmapped) == ([], [])
    assert (report.items.created, report.comments.created, report.notes.created) == (2, 2, 1)
    assert with_people(shown(target), target) == with_people(shown(source), source)
    again = import_file(database, wanted, lambda _: None)
    assert (again.items.unchanged, again.comments.unchanged, again.notes.unchanged) == (2, 2, 1)


def with_people(found: list[Any], caller: Tenant) -> str:
    return str(found).replace(caller.user_id, "them").replace(caller.email, "theirs")
