"""What pages need to know of the people who ask for them."""

from collections.abc import Callable
from typing import Any, Protocol

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction


class Reception(Protocol):
    """Who knows the people: told who asks, lets them in, and says what the frame of their pages shows."""

    def find(self, tx: Transaction, token: str) -> Actor | None:
        """Whose session this is, or None."""
        ...

    def seen(self, tx: Transaction, actor: Actor) -> Callable[[Transaction], None] | None:
        """What is to be written down about the visit, if anything."""
        ...

    def enter(self, tx: Transaction, actor: Actor, workspace_id: str, role: str) -> None:
        """Raises NotFound for strangers, Forbidden for whoever is less than ``role``."""
        ...

    def frame(self, tx: Transaction, actor: Actor, workspace_id: str | None) -> dict[str, Any]:
        """What the shell shows around the page."""
        ...
