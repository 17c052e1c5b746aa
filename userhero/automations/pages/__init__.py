"""Pages of automations: which there are, and the form that makes and changes one."""

from userhero.automations.pages import editing, listing

PAGES = [*listing.pages.all, *editing.pages.all]

__all__ = ["PAGES"]
