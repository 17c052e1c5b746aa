"""Pages of notifications: the end of a subscription, for everybody; the outbox, for who runs a workspace."""

from userhero.notifications.pages.outbox import pages
from userhero.notifications.pages.unsubscribing import UnsubscribePages

__all__ = ["UnsubscribePages", "pages"]
