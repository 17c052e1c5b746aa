"""All that is kept, as a whole: what can be taken along (exports), what has to go (erasures), and when (retention).

It reads every other slice through its door. ``ExportServer`` hands archives out; ``list_retention_status`` is for
whoever runs the server.
"""

from userhero.records.retention import list_retention_status
from userhero.records.serving import ExportServer

__all__ = ["ExportServer", "list_retention_status"]
