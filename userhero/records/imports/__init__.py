"""Bringing data in from a file: reading it, mapping it to fields, bringing it by the batch."""
