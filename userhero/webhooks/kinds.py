"""Which kinds of events the outside world hears of."""

from collections.abc import Collection
from typing import Literal, get_args

Kind = Literal[
    "feedback.created",
    "feedback.updated",
    "feedback.deleted",
    "feedback.sla_breached",
    "comment.created",
    "note.created",
    "customer.created",
    "customer.updated",
    "customer.merged",
    "customer.deleted",
    "vote.created",
    "vote.deleted",
]
PUBLIC: tuple[str, ...] = get_args(Kind)
EVERYTHING = "*"
# What the team says among itself leaves the house only where somebody asked for it by name.
BY_NAME_ONLY = frozenset({"note.created"})
# What a test delivers; nothing that happens is called so.
TEST = "webhook_endpoint.test"


def subscribes(chosen: Collection[str], kind: str) -> bool:
    """Whether somebody who chose these kinds hears of events of one kind."""
    return kind in chosen or (EVERYTHING in chosen and kind not in BY_NAME_ONLY)
