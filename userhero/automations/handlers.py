"""What automations do when something has happened."""

from userhero.automations.actions.fire import fire
from userhero.automations.actions.run import record_breach
from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import Listeners

listeners = Listeners("automations")


@listeners.on("feedback.created", "feedback.updated")
def trigger(tx: Transaction, happened: Happened) -> None:
    """Run what the event sets off."""
    fire(tx, happened)


@listeners.on("feedback.sla_breached")
def note_breach(tx: Transaction, happened: Happened) -> None:
    """Show the missed deadline as a run of the system's automation for the SLA rule."""
    record_breach(tx, happened)
