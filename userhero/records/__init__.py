"""All that is kept, as a whole: what can be taken along (exports), what has to go (erasures), and when (retention).

It reads every other slice through its door. ``ExportServer`` hands archives out; ``import_file`` brings data in, and
``list_retention_status`` looks at it, for whoever runs the server; ``redo_erasures`` is for servers that start;
``delete_workspace`` ends a tenant.
"""

from userhero.records.actions.remove_workspace import delete_workspace, weigh_workspace
from userhero.records.imports.fields import UnknownField
from userhero.records.imports.running import BATCH, Kind, Report, Wanted, import_file
from userhero.records.imports.source import UnreadableFile
from userhero.records.redoing import redo_erasures
from userhero.records.retention import list_retention_status
from userhero.records.serving import ExportServer

__all__ = [
    "BATCH",
    "ExportServer",
    "Kind",
    "Report",
    "UnknownField",
    "UnreadableFile",
    "Wanted",
    "delete_workspace",
    "import_file",
    "list_retention_status",
    "redo_erasures",
    "weigh_workspace",
]
