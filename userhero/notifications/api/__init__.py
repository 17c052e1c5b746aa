"""The operations on notifications."""

from userhero.notifications.api import integrations, notices, outbox, preferences, rules

ROUTES = [notices.routes, preferences.routes, integrations.routes, rules.routes, outbox.routes]
