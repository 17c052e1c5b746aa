"""Filters in words."""

from userhero.dashboard.choices import Choices
from userhero.dashboard.filters import AGES, DUE, SORTS, VIEWS, Asked


def chip(name: str, value: str, choices: Choices) -> str:
    """A filter in words."""
    if name == "assignee":
        named = {"me": "me", "none": "nobody"}.get(value) or choices.person(value)
        return f"Assignee: {named}"
    if name == "project":
        project = choices.project(value)
        return f"Project: {project.name if project else value}"
    words = {
        "status": choices.status_label(value),
        "due": DUE[value][0] if value in DUE else value,
        "age": AGES.get(value, value),
        "q": f"“{value}”",
        "customer": "one customer",
    }
    titles = {"due": "", "age": "", "q": "Search: "}
    return titles.get(name, f"{name.capitalize()}: ") + words.get(name, value)


def filter_words(asked: Asked, choices: Choices) -> str:
    """All that an address asks for, in one line."""
    parts = [VIEWS[asked.view], *(chip(name, value, choices) for name, value in asked.filters.items())]
    if asked.sort != asked.usual_sort:
        parts.append(SORTS[asked.sort][2])
    return " · ".join(parts)
