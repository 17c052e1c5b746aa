"""All that is kept, as a whole: what can be taken along (exports).

It reads every other slice through its door, and nothing but what starts a process uses it.
"""

from userhero.records.serving import ExportServer

__all__ = ["ExportServer"]
