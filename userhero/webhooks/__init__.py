"""Machines tell us, and we tell machines: incoming webhooks, the endpoints that hear of events, and the feed of events.

Incoming webhooks have their secrets, and the deliveries that become feedback. Endpoints get a signed request for each
event that they subscribed to: a row by a listener, sent by the endpoint's lane of jobs.
"""

from userhero.webhooks.endpoint_queries import is_endpoint_of
from userhero.webhooks.extracts import EXTRACTS
from userhero.webhooks.traces import TRACES

__all__ = ["EXTRACTS", "TRACES", "is_endpoint_of"]
