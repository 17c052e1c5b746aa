"""Views of the inbox that somebody has saved, for themselves or for the whole workspace."""

from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select, update

from userhero.dashboard.tables import saved_views
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid, NotFound
from userhero.workspaces import Access, hold_workspace

MAX_NAME, MAX_QUERY, MAX_VIEWS = 60, 2_000, 30

_v = saved_views
_INSERT = insertion(saved_views, *saved_views.c.keys())
_DELETE = Statement(delete(_v).where(_v.c.id == bindparam("view")))
_PLACE = Statement(update(_v).where(_v.c.id == bindparam("view")).values(place=bindparam("new")))
_columns = [_v.c[name] for name in ("id", "owner_id", "made_by", "name", "query")]
_in_order = (_v.c.place, _v.c.id)
_SHARED = select(*_columns).where(_v.c.workspace_id == bindparam("workspace"), _v.c.owner_id.is_(None))
_OWN = select(*_columns).where(_v.c.workspace_id == bindparam("workspace"), _v.c.owner_id == bindparam("owner"))
_LIST_SHARED, _LIST_OWN = (Statement(each.order_by(*_in_order)) for each in (_SHARED, _OWN))
_changes = Changes(saved_views)


class SavedView(msgspec.Struct, array_like=True, frozen=True):
    """A view. ``owner_id`` is who alone sees it, None where all of the workspace do."""

    id: str
    owner_id: str | None
    made_by: str | None
    name: str
    query: str

    @property
    def is_shared(self) -> bool:
        """True where all of the workspace see it."""
        return self.owner_id is None


class Wish(NamedTuple):
    """What somebody wants a view to be. Those who only look keep views for themselves."""

    name: str
    is_shared: bool


def list_saved(tx: Transaction, actor: Actor, access: Access) -> list[SavedView]:
    """The views that somebody sees: the workspace's, then their own, each in their order."""
    shared = tx.list(SavedView, _LIST_SHARED, workspace=access.workspace_id)
    return shared + tx.list(SavedView, _LIST_OWN, workspace=access.workspace_id, owner=actor.user_id)


def may_change(view: SavedView, actor: Actor, access: Access) -> bool:
    """Own views are their owner's to change; shared ones that of owners and admins, and of who made them."""
    if not view.is_shared:
        return view.owner_id == actor.user_id
    return access.role in ("owner", "admin") or (view.made_by == actor.user_id and access.role != "viewer")


def save_view(tx: Transaction, actor: Actor, access: Access, wish: Wish, query: str) -> str:
    """Save a view of what ``query`` asks for, as the last of its kind; returns its id.

    Raises Invalid for a name that breaks a rule and where there are 30 already, Forbidden as ``change_view`` does.
    """
    name, owner = check_name(wish.name), _owner(wish.is_shared, actor, access)
    if len(query) > MAX_QUERY:
        raise Invalid("name", "The filters are too long to be saved.")
    others = _hold_group(tx, access, owner)
    _check_room(others)
    view_id = ids.new("view")
    tx.run(
        _INSERT,
        id=view_id,
        workspace_id=access.workspace_id,
        owner_id=owner,
        made_by=actor.user_id,
        name=name,
        query=query,
        place=_number(tx, others),
        created_at=tx.now,
        updated_at=tx.now,
    )
    return view_id


def change_view(tx: Transaction, actor: Actor, access: Access, view_id: str, wish: Wish) -> None:
    """Rename a view, share it, or take it back to who made it.

    Raises NotFound, Invalid, and Forbidden where it is not theirs to change or they may not share.
    """
    view = _hold(tx, actor, access, view_id)
    values: dict[str, object] = {"name": check_name(wish.name)}
    if wish.is_shared != view.is_shared:
        owner = None if wish.is_shared else view.made_by or actor.user_id
        if wish.is_shared:
            _owner(True, actor, access)
        others = _hold_group(tx, access, owner)
        _check_room(others)
        values |= {"owner_id": owner, "place": _number(tx, others)}
    _changes.apply(tx, view.id, values)


def refine_view(tx: Transaction, actor: Actor, access: Access, view_id: str, query: str) -> None:
    """Let a view ask for something else. Raises as ``change_view`` does."""
    view = _hold(tx, actor, access, view_id)
    if len(query) > MAX_QUERY:
        raise Invalid("name", "The filters are too long to be saved.")
    _changes.apply(tx, view.id, {"query": query})


def move_view(tx: Transaction, actor: Actor, access: Access, view_id: str, steps: int) -> None:
    """Move a view up (a negative number) or down among those of its kind. Raises NotFound and Forbidden."""
    view = _hold(tx, actor, access, view_id)
    group = [each.id for each in _hold_group(tx, access, view.owner_id)]
    place = group.index(view.id)
    group.insert(max(0, place + steps), group.pop(place))
    tx.run_each(_PLACE, [{"view": each, "new": number} for number, each in enumerate(group)])


def delete_view(tx: Transaction, actor: Actor, access: Access, view_id: str) -> None:
    """Remove a view; the items stay. Raises NotFound and Forbidden."""
    tx.run(_DELETE, view=_hold(tx, actor, access, view_id).id)


def _hold(tx: Transaction, actor: Actor, access: Access, view_id: str) -> SavedView:
    """A view that the actor sees and may change, locked with the others of its kind."""
    seen = [*_hold_group(tx, access, None), *_hold_group(tx, access, actor.user_id)]
    view = next((each for each in seen if each.id == view_id), None)
    if view is None:
        raise NotFound("View not found")
    if not may_change(view, actor, access):
        raise Forbidden("Shared views are changed by owners, admins, and who made them.")
    return view


def _hold_group(tx: Transaction, access: Access, owner_id: str | None) -> list[SavedView]:
    """The shared views, or somebody's own, in order, which nobody else adds to or moves until the unit ends."""
    hold_workspace(tx, access.workspace_id)
    if owner_id is None:
        return tx.list(SavedView, _LIST_SHARED, workspace=access.workspace_id)
    return tx.list(SavedView, _LIST_OWN, workspace=access.workspace_id, owner=owner_id)


def _number(tx: Transaction, group: list[SavedView]) -> int:
    """The place after a group's last, whose places have no gaps from then on."""
    tx.run_each(_PLACE, [{"view": each.id, "new": number} for number, each in enumerate(group)])
    return len(group)


def _owner(is_shared: bool, actor: Actor, access: Access) -> str | None:
    if is_shared and access.role == "viewer":
        raise Forbidden("Who only looks can't share views. Save it for yourself.")
    return None if is_shared else actor.user_id


def _check_room(group: list[SavedView]) -> None:
    if len(group) >= MAX_VIEWS:
        whose = "You have" if group[0].owner_id else "The workspace shares"
        raise Invalid("name", f"{whose} {MAX_VIEWS} views, which is the most. Delete one first.")


def check_name(text: str) -> str:
    """The name as it is kept. Raises Invalid where it is empty or has more than 60 characters."""
    name = " ".join(text.split())
    if not name:
        raise Invalid("name", "Give it a name.")
    if len(name) > MAX_NAME:
        raise Invalid("name", f"A name has {MAX_NAME} characters at the most.")
    return name
