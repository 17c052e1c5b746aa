"""Pages of people: signing in and out, and their account."""

from userhero.workspaces.pages import account
from userhero.workspaces.pages.signing_in import SignInPages, Throttle

PAGES = account.pages.all

__all__ = ["PAGES", "SignInPages", "Throttle"]
