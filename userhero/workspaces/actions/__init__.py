"""Writes on workspaces, their members, and invitations to them."""

from userhero.workspaces.actions.members import set_member
from userhero.workspaces.actions.spaces import create_workspace, set_workspace

__all__ = ["create_workspace", "set_member", "set_workspace"]
