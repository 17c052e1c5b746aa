"""Who may make whom what: owners everybody, admins everybody but owners, others nobody."""

from userhero.kernel.errors import Forbidden
from userhero.workspaces.types import ROLES, Role


def may_manage(own: Role, *roles: Role) -> bool:
    """Whether somebody who is ``own`` may give and take these roles."""
    return own == "owner" or (own == "admin" and "owner" not in roles)


def check_power(own: Role, *roles: Role) -> None:
    """Raises Forbidden where somebody who is ``own`` may not give or take these roles."""
    if not may_manage(own, *roles):
        raise Forbidden(
            "Only owners make and unmake owners." if own == "admin" else "Owners and admins manage members."
        )


def list_grantable(own: Role) -> list[Role]:
    """The roles that somebody who is ``own`` may give and take, the highest first."""
    return [role for role in ROLES if may_manage(own, role)]
