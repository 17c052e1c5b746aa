"""Writes on records."""
