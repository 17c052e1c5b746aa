"""Pages of people: signing in and out, their workspaces, their account."""

from userhero.workspaces.pages import account
from userhero.workspaces.pages.signing_in import SignInPages, Throttle, pages

PAGES = [*pages.all, *account.pages.all]

__all__ = ["PAGES", "SignInPages", "Throttle"]
