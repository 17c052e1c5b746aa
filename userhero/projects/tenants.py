"""Everything that the first call needs: an owner, a workspace, a project, an API key."""

import msgspec

from userhero import workspaces
from userhero.kernel.db import Transaction
from userhero.projects.actions import create_project
from userhero.projects.types import NewProject
from userhero.projects.widgets_queries import default_widget


class Tenant(msgspec.Struct, rename="camel", frozen=True):
    """What was made."""

    user_id: str
    workspace_id: str
    project_id: str
    widget_id: str
    public_key: str
    api_key: str


class _Project(msgspec.Struct, rename="camel"):
    id: str
    public_key: str


def create_tenant(
    tx: Transaction,
    *,
    email: str,
    name: str,
    password: str | None,
    workspace: str,
    project: str,
    plan: str = "pro_max",
    key_name: str = "Set-up",
) -> Tenant:
    """An account with a workspace of its own, a project in it, and a key with every scope.

    Raises Conflict where the address has an account, Invalid for anything malformed.
    """
    user_id = workspaces.create_user(tx, email=email, name=name, password=password)
    workspace_id = workspaces.create_workspace(tx, name=workspace, owner_email=email, plan=plan)
    actor = workspaces.act_as(tx, email)
    made = create_project(tx, actor, NewProject(workspace_id=workspace_id, name=project))
    found = msgspec.json.decode(made, type=_Project)
    widget_id = default_widget(tx, found.id)
    key = workspaces.create_key(tx, email=email, name=key_name)
    return Tenant(user_id, workspace_id, found.id, widget_id, found.public_key, key.api_key)
