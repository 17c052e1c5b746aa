"""Writes of webhooks: those that come in, endpoints that are told, and what is delivered to them."""
