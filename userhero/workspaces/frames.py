"""What stands around the pages of people who signed in: who they are, where they are, and where they may go."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Forbidden
from userhero.workspaces.access import enter
from userhero.workspaces.sessions import find_session, is_visit_due, record_visit
from userhero.workspaces.tables import members, workspaces
from userhero.workspaces.types import ROLES, Access, Role

_OWN = Statement(
    select(workspaces.c.id, workspaces.c.name, members.c.role)
    .join_from(members, workspaces)
    .where(members.c.user_id == bindparam("user"))
    .order_by(workspaces.c.created_at, workspaces.c.id)
)


class Section(NamedTuple):
    """An entry of the menu: a path below the workspace's own, for those who are at least ``role``."""

    title: str
    path: str
    role: Role


class Place(NamedTuple):
    """A workspace that somebody is in. ``href`` is the first page that they may see there, None where there is none."""

    id: str
    name: str
    role: Role
    href: str | None


class FrontDesk:
    """Knows who visits (see ``kernel.http.reception.Reception``), and what the menu shows them."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections

    def find(self, tx: Transaction, token: str) -> Actor | None:
        """Whose session this is, or None."""
        return find_session(tx, token)

    def seen(self, tx: Transaction, actor: Actor) -> Callable[[Transaction], None] | None:
        """What is to be written down about the visit, if anything."""
        return partial(record_visit, actor=actor) if is_visit_due(tx, actor) else None

    def enter(self, tx: Transaction, actor: Actor, workspace_id: str, role: str) -> None:
        """Raises NotFound for strangers, Forbidden for whoever is less than ``role``."""
        access: Access = enter(tx, actor, workspace_id)
        if not is_at_least(access.role, role):
            raise Forbidden(f"This page is for people who are at least {role} here; you are {access.role}.")

    def frame(self, tx: Transaction, actor: Actor, workspace_id: str | None) -> dict[str, Any]:
        """``user``, ``places``, ``place`` and ``menu``."""
        places = self.list_places(tx, actor)
        place = next((each for each in places if each.id == workspace_id), None)
        menu = [] if place is None else self._menu(place.id, place.role)
        return {"user": actor, "places": places, "place": place, "menu": menu}

    def list_places(self, tx: Transaction, actor: Actor) -> list[Place]:
        """The workspaces that somebody is in, oldest first."""
        found: list[Place] = []
        for workspace_id, name, role in tx.all(_OWN, user=actor.user_id):
            menu = self._menu(workspace_id, role)
            found.append(Place(workspace_id, name, role, menu[0][1] if menu else None))
        return found

    def _menu(self, workspace_id: str, role: Role) -> list[tuple[str, str]]:
        return [
            (section.title, f"/app/{workspace_id}/{section.path}")
            for section in self._sections
            if is_at_least(role, section.role)
        ]


def list_own(tx: Transaction, actor: Actor) -> list[str]:
    """The ids of the workspaces that somebody is in, oldest first."""
    return tx.texts(_OWN, user=actor.user_id)


def is_at_least(role: Role, least: str) -> bool:
    """Whether a role may do what ``least`` may: an owner all, a viewer the least."""
    order: list[str] = list(ROLES)
    return order.index(role) <= order.index(least)
