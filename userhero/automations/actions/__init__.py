"""Writes on automations: saving them, running them, doing what they say."""
