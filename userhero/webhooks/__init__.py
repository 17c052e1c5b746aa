"""Machines tell us: incoming webhooks, their secrets, and the deliveries that become feedback."""

__all__: list[str] = []
