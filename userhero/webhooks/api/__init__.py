"""The operations on webhooks: incoming ones, endpoints, deliveries to these, and the feed of events."""

from userhero.webhooks.api import deliveries, endpoints, events, incoming

ROUTES = [incoming.routes, endpoints.routes, deliveries.routes, events.routes]
HOOKS = [incoming.hooks]
