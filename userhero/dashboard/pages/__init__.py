"""The pages of the dashboard."""

from userhero.dashboard.pages import home, inbox, item

PAGES = [*home.pages.all, *inbox.pages.all, *item.pages.all]

__all__ = ["PAGES"]
