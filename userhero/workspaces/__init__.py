"""The tenant: users, workspaces, members and their roles, API keys, plans, and the audit log of all that.

Every row of the product belongs to a workspace. Other slices let an actor in through ``enter`` (the request names the
workspace), or ``reach`` (it names an object of it); nothing else opens a workspace.
"""

from userhero.workspaces.access import enter, enter_named, find_member, reach, recheck, system_actor
from userhero.workspaces.account import set_password
from userhero.workspaces.actions import create_workspace, set_member, set_workspace
from userhero.workspaces.audit_queries import AuditFilter, list_newest_acts
from userhero.workspaces.closing import close_workspace, drop_workspace
from userhero.workspaces.extracts import EXTRACTS
from userhero.workspaces.frames import FrontDesk, Section, list_own
from userhero.workspaces.keys import authenticate, create_key, is_use_due, list_keys, record_use, revoke_key
from userhero.workspaces.members import (
    Teammate,
    find_teammate,
    list_in_charge,
    list_team,
    list_teammates,
    workspace_name,
)
from userhero.workspaces.membership import hold_workspace
from userhero.workspaces.passwords import hash_password
from userhero.workspaces.people import act_as, count_users, create_user
from userhero.workspaces.plans import PLANS
from userhero.workspaces.retention import Retention, list_retentions, retention_days
from userhero.workspaces.second_factor import reset_second_factor
from userhero.workspaces.sessions import DAYS as SESSION_DAYS
from userhero.workspaces.sessions import sign_in
from userhero.workspaces.tables import users
from userhero.workspaces.types import Access, KeySummary, NewKey, Person
from userhero.workspaces.usage import check_limit, counts_usage, reserve

__all__ = [
    "EXTRACTS",
    "PLANS",
    "SESSION_DAYS",
    "Access",
    "AuditFilter",
    "FrontDesk",
    "KeySummary",
    "NewKey",
    "Person",
    "Retention",
    "Section",
    "Teammate",
    "act_as",
    "authenticate",
    "check_limit",
    "close_workspace",
    "count_users",
    "counts_usage",
    "create_key",
    "create_user",
    "create_workspace",
    "drop_workspace",
    "enter",
    "enter_named",
    "find_member",
    "find_teammate",
    "hash_password",
    "hold_workspace",
    "is_use_due",
    "list_in_charge",
    "list_keys",
    "list_newest_acts",
    "list_own",
    "list_retentions",
    "list_team",
    "list_teammates",
    "reach",
    "recheck",
    "record_use",
    "reserve",
    "reset_second_factor",
    "retention_days",
    "revoke_key",
    "set_member",
    "set_password",
    "set_workspace",
    "sign_in",
    "system_actor",
    "users",
    "workspace_name",
]
