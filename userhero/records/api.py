"""``/exports``, ``/erasures``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.records import erasure_queries, queries
from userhero.records.actions import erase, export
from userhero.records.erasure_types import Erase, Erasure
from userhero.records.types import Export, ExportList, NewExport

# An export holds both, so it takes both to have one.
exports = Routes("Exports", also=("customers:read",))
erasures = Routes("Erasures")


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


@erasures.post("/customers/{customer_id}/erase", scope="customers:delete", example={"content": "delete"})
def erase_customer(tx: Transaction, actor: Actor, customer_id: str, body: Erase) -> Json[Erasure]:
    """Erase a customer.

    They are gone at once, as if deleted; a job then erases what they sent and said, and what was written down about
    that. Asked for again, the answer is the same erasure.
    """
    return Json(erase.erase_customer(tx, actor, customer_id, body))


@erasures.get("/erasures/{erasure_id}", scope="customers:read")
def get_erasure(tx: Transaction, actor: Actor, erasure_id: str, query: Input) -> Json[Erasure]:
    """Get an erasure: how far it is, and that it was done. It is kept for three years."""
    return Json(erasure_queries.get_erasure(tx, actor, erasure_id, query.workspace_id))


ROUTES = [exports, erasures]
