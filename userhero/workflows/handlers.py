"""What workflows do when something has happened."""

from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import Listeners
from userhero.workflows.actions.intake import take_in

listeners = Listeners("workflows")


@listeners.on("feedback.created")
def intake(tx: Transaction, happened: Happened) -> None:
    """Put new feedback on the board that the project's intake rules say."""
    take_in(tx, happened)
