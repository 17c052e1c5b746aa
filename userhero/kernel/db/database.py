"""What both engines promise to those who run units of work on them."""

from collections.abc import Callable
from typing import ClassVar, Protocol, TypeVar

from userhero.kernel.crypto import Keys
from userhero.kernel.db.statement import Engine
from userhero.kernel.db.transaction import Transaction
from userhero.kernel.mail import Mailer
from userhero.kernel.outbound import Outbound
from userhero.kernel.storage import Storage

T = TypeVar("T")
Unit = Callable[[Transaction], T]


class Database(Protocol):
    """An engine with its connections. A unit is a plain function of a ``Transaction``; it may be run again from its
    start where the engine asks for that (a deadlock), so what it does outside the transaction must bear repeating.

    ``keys``, ``storage``, ``mailer`` and ``outbound`` are what the installation has beside its rows: secrets to seal
    with, a place for files, and ways out for mail and for HTTP requests (for jobs, outside of any unit).
    ``audit_days`` is for how long the audit log is kept.

    Raises ServiceUnavailable where the database can't be reached, is full, or stays locked: nothing was changed then.
    """

    engine: ClassVar[Engine]
    keys: Keys
    storage: Storage
    mailer: Mailer
    outbound: Outbound
    audit_days: int

    async def serve(self, admit: Unit[None], unit: Unit[T], *, write: bool, slow: bool = False) -> T:
        """Run ``admit``, then ``unit`` as one transaction. What ``admit`` writes stays whatever the unit does, and
        it may be run again too, as a read may. ``slow``: a read that takes long at any rate.
        """
        ...

    def read(self, unit: Unit[T]) -> T:
        """Run a unit that changes nothing, in this thread."""
        ...

    def write(self, unit: Unit[T]) -> T:
        """Run a unit and return once it is durable. Blocks this thread; never call it on the event loop."""
        ...

    def defer(self, unit: Unit[None]) -> None:
        """Run a unit soon, without waiting; whoever asks accepts that a crash may lose it."""
        ...

    def close(self) -> None:
        """Finish what is queued and close every connection."""
        ...
