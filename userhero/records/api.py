"""``/exports``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.records import queries
from userhero.records.actions import export
from userhero.records.types import Export, ExportList, NewExport

# An export holds both, so it takes both to have one.
exports = Routes("Exports", also=("customers:read",))


@exports.get("/exports", scope="feedback:read")
def list_exports(tx: Transaction, actor: Actor, query: ExportList) -> Page[Export]:
    """List exports, newest first. They are listed for 90 days."""
    return Page(queries.list_exports(tx, actor, query))


@exports.post("/exports", scope="feedback:read", example={"workspaceId": "ws_123", "format": "ndjson"})
def create_export(tx: Transaction, actor: Actor, body: NewExport) -> Json[Export]:
    """Export a workspace, or what concerns one customer.

    A job writes the archive: ask for the export until its `status` is `done`, and get the archive at its `url` within
    seven days.
    """
    return Json(export.request_export(tx, actor, body))


@exports.get("/exports/{export_id}", scope="feedback:read")
def get_export(tx: Transaction, actor: Actor, export_id: str, query: Input) -> Json[Export]:
    """Get an export: how far it is, and where its archive can be had."""
    return Json(queries.get_export(tx, actor, export_id, query.workspace_id))


@exports.delete("/exports/{export_id}", scope="feedback:read")
def delete_export(tx: Transaction, actor: Actor, export_id: str, query: Input) -> Deleted:
    """Delete an export and its archive; one that is being written stops."""
    export.delete_export(tx, actor, export_id, query.workspace_id)
    return Deleted(export_id)


ROUTES = [exports]
