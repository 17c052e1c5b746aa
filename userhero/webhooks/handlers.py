"""What webhooks do when something has happened."""

from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import Listeners
from userhero.webhooks.actions.announce import announce, announce_request
from userhero.webhooks.kinds import PUBLIC

listeners = Listeners("webhooks")


@listeners.on(*PUBLIC)
def tell_endpoints(tx: Transaction, happened: Happened) -> None:
    """Write down which endpoints are to be told."""
    announce(tx, happened)


@listeners.on("automation.notification_requested")
def pass_on(tx: Transaction, happened: Happened) -> None:
    """Write down what an automation says to an endpoint."""
    announce_request(tx, happened)
