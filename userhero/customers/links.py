"""What points at customers, and follows where one of them goes. It belongs to slices above, so each says how."""

from collections.abc import Callable
from typing import TypeVar

from userhero.kernel.db import Transaction

# Gets the customer who is gone, the one who takes their place (or None), and how many rows to move at the most;
# returns how many it moved.
Relink = Callable[[Transaction, str, str | None, int], int]
R = TypeVar("R", bound=Relink)
_links: list[Relink] = []


def links_customers(relink: R) -> R:
    """Declare a function that points rows at another customer."""
    _links.append(relink)
    return relink


def relink(tx: Transaction, source_id: str, target_id: str | None, most: int) -> bool:
    """Move rows from one customer to another, or to none; True where there may be more than were moved."""
    left = most
    for move in _links:
        left -= move(tx, source_id, target_id, left)
        if left <= 0:
            return True
    return False
