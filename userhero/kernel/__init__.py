"""Plumbing that every slice stands on. Nothing in here knows what feedback is."""
