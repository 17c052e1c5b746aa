"""What exports hold of a workspace itself."""

from sqlalchemy import bindparam

from userhero.kernel.db import Document
from userhero.kernel.db.extract import Extract
from userhero.workspaces.tables import members, users, workspaces

_w, _m = workspaces, members

EXTRACTS = (
    Extract(
        "workspace",
        Document()
        .plain("id", _w.c.id)
        .value("name", _w.c.name)
        .plain("plan", _w.c.plan)
        .plain("billingInterval", _w.c.billing_interval)
        .plain("subscriptionStatus", _w.c.subscription_status)
        .flag("apiAccessEnabled", _w.c.api_access)
        .plain("createdAt", _w.c.created_at)
        .plain("updatedAt", _w.c.updated_at)
        .end(),
        [_w.c.id],
        of_workspace=[_w.c.id == bindparam("workspace")],
    ),
    Extract(
        "members",
        Document()
        .plain("userId", users.c.id)
        .value("name", users.c.name)
        .value("email", users.c.email)
        .plain("role", _m.c.role)
        .end(),
        [_m.c.user_id],
        rows=_m.join(users),
        of_workspace=[_m.c.workspace_id == bindparam("workspace")],
    ),
)
