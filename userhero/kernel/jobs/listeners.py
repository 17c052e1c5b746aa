"""What slices do when something has happened, as they declare it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened

Reaction = Callable[[Transaction, Happened], None]
R = TypeVar("R", bound=Reaction)


class Listeners:
    """The reactions of one slice, under the slice's name. It hears of every event once, in order, some time after it.

    A reaction runs in a transaction that it shares with others, and must be short: what waits for the network or takes
    more than some milliseconds, it asks for as a job.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.reactions: dict[str, list[Reaction]] = {}

    def on(self, *kinds: str) -> Callable[[R], R]:
        """Declare what to do about events of these kinds (``feedback.created``)."""

        def declare(reaction: R) -> R:
            for kind in kinds:
                self.reactions.setdefault(kind, []).append(reaction)
            return reaction

        return declare

    def react(self, tx: Transaction, happened: Happened) -> None:
        """Do what was declared for the event's kind, in the order of declaration."""
        for reaction in self.reactions.get(happened.kind, ()):
            reaction(tx, happened)


def by_name(slices: Iterable[Listeners]) -> dict[str, Listeners]:
    """All of them. Raises ValueError where two have one name."""
    found: dict[str, Listeners] = {}
    for listeners in slices:
        if listeners.name in found:
            raise ValueError(f"the listener {listeners.name} is declared twice")
        found[listeners.name] = listeners
    return found
