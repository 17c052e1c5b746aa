"""What else goes, or must be counted anew, when a project goes."""

from collections.abc import Callable
from typing import TypeVar

from userhero.kernel.db import Transaction

Reaction = Callable[[Transaction, str, str], None]
R = TypeVar("R", bound=Reaction)
_reactions: list[Reaction] = []


def on_project_deletion(reaction: R) -> R:
    """Declare what happens in the transaction that deletes a project, before its rows go.

    The reaction gets the transaction, the workspace's id and the project's.
    """
    _reactions.append(reaction)
    return reaction


def follow_deletion(tx: Transaction, workspace_id: str, project_id: str) -> None:
    """Let every slice do its part."""
    for reaction in _reactions:
        reaction(tx, workspace_id, project_id)
