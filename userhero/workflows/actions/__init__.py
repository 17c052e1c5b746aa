"""Writes on workflows, one concern a file."""
