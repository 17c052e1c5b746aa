"""The operations on feedback: items, their messages, and uploads for both."""

from userhero.feedback.api import items, messages, uploads

ROUTES = [items.routes, messages.routes, uploads.routes]
