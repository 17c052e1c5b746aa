"""``/app``: the way to a workspace."""

from userhero.kernel.db import Transaction
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import list_own

_HOME, _PLACES = "/app", "/app/workspaces"

pages = PageRoutes()


@pages.get(_HOME, role=None)
def home(tx: Transaction, visit: Visit) -> Go:
    """On to the only workspace, or to the one that this browser showed last; else to a choice of them."""
    own = list_own(tx, visit.actor)
    if visit.last_place in own:
        return Go(f"{_HOME}/{visit.last_place}/inbox")
    return Go(f"{_HOME}/{own[0]}/inbox" if len(own) == 1 else _PLACES)


@pages.get(_PLACES, role=None)
def choose(tx: Transaction, visit: Visit) -> View:
    """The workspaces of whoever signed in; the frame lists them."""
    del tx, visit
    return View("dashboard/workspaces.html", {})
