"""``/events``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Page
from userhero.kernel.http.routing import Routes
from userhero.webhooks import feed
from userhero.webhooks.feed_types import EventList, FeedEvent

routes = Routes("Events")


@routes.get("/events", scope="feedback:read")
def list_events(tx: Transaction, actor: Actor, query: EventList) -> Page[FeedEvent]:
    """Read what happened in a workspace, oldest first.

    Nothing appears late: whoever goes on `after` the last event of a page misses none. Events are kept for 30 days.
    """
    return Page(feed.list_events(tx, actor, query))
