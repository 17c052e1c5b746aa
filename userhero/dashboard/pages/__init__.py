"""The pages of the dashboard."""

from userhero.dashboard.pages import home, inbox, item, views

PAGES = [*home.pages.all, *inbox.pages.all, *item.pages.all, *views.pages.all]

__all__ = ["PAGES"]
