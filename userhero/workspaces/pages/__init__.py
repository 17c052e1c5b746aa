"""Pages of people: signing in and out, and their account."""

from userhero.workspaces.pages import account, key_forms
from userhero.workspaces.pages.signing_in import SignInPages, Throttle

PAGES = [*account.pages.all, *key_forms.pages.all]

__all__ = ["PAGES", "SignInPages", "Throttle"]
