"""The item: submitted, listed, triaged, removed.

``submit_feedback`` is the one way in for every surface; ``change_feedback`` the one way to change an item.
"""

from userhero.feedback.actions.change import change_feedback
from userhero.feedback.actions.remove import delete_feedback
from userhero.feedback.actions.submit import submit_feedback
from userhero.feedback.queries import get_feedback
from userhero.feedback.types import FeedbackChange, NewFeedback

__all__ = [
    "FeedbackChange",
    "NewFeedback",
    "change_feedback",
    "delete_feedback",
    "get_feedback",
    "submit_feedback",
]
