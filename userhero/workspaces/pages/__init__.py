"""Pages of people: signing in and out, their account, the members of a workspace and the way into one, what it uses
of its plan, and its audit log.
"""

from userhero.workspaces.pages import account, audit_log, inviting, key_forms, members, second_factor, usage
from userhero.workspaces.pages.accepting import InvitationPages
from userhero.workspaces.pages.resetting import ResetPages
from userhero.workspaces.pages.signing_in import SignInPages
from userhero.workspaces.pages.throttle import Throttle

PAGES = [
    *account.pages.all,
    *key_forms.pages.all,
    *second_factor.pages.all,
    *members.pages.all,
    *inviting.pages.all,
    *usage.pages.all,
    *audit_log.pages.all,
]

__all__ = ["PAGES", "InvitationPages", "ResetPages", "SignInPages", "Throttle"]
