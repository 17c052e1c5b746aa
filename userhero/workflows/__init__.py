"""Boards of work: the workflows of a project, the items on them, and the rules that put new feedback there.

``move_to_workflow`` puts a feedback item on a board; ``is_workflow_of`` says whether it could, and ``list_boards`` on
which.
"""

from userhero.workflows.actions.add import move_to_workflow
from userhero.workflows.actions.forget import disown_cards, forget_feedback_on_cards
from userhero.workflows.extracts import EXTRACTS
from userhero.workflows.queries import is_workflow_of, list_boards

__all__ = ["EXTRACTS", "disown_cards", "forget_feedback_on_cards", "is_workflow_of", "list_boards", "move_to_workflow"]
