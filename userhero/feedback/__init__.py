"""The item: submitted, listed, triaged, removed.

``submit_feedback`` is the one way in for every surface; ``change_feedback`` the one way to change an item. History
comes in by ``import_items``.
"""

from userhero.feedback.actions.breach import mark_missed_deadlines
from userhero.feedback.actions.change import change_feedback
from userhero.feedback.actions.comment import add_comment
from userhero.feedback.actions.erase import (
    compact_index,
    disown_item,
    erase_item,
    list_their_items,
    unsay_some,
)
from userhero.feedback.actions.forget_project import forget_project
from userhero.feedback.actions.import_again import ImportedMessage, import_messages
from userhero.feedback.actions.import_items import import_items
from userhero.feedback.actions.note import add_note
from userhero.feedback.actions.recategorise import follow_statuses
from userhero.feedback.actions.relink import relink_feedback
from userhero.feedback.actions.remove import count_older, delete_feedback, list_older, remove_item
from userhero.feedback.actions.submit import submit_feedback
from userhero.feedback.actions.upload import take_file
from userhero.feedback.audience import FeedbackAudience, find_audience
from userhero.feedback.excerpt import FeedbackExcerpt, hold_excerpt, page_address
from userhero.feedback.extracts import EXTRACTS, MEDIA, THEIR_ITEMS
from userhero.feedback.facts import FeedbackFacts, find_facts, hold_facts, list_recent, list_unsettled
from userhero.feedback.filters import ToDo
from userhero.feedback.history import Change, list_changes
from userhero.feedback.import_types import ImportItem, ImportMessage, Load, Outcome, read_item, read_message
from userhero.feedback.message_types import NewComment, NewNote
from userhero.feedback.queries import COUNTED, count_matching, count_to_do, get_feedback, list_feedback
from userhero.feedback.types import Feedback, FeedbackChange, FeedbackItem, FeedbackList, NewFeedback, Source

__all__ = [
    "COUNTED",
    "EXTRACTS",
    "MEDIA",
    "THEIR_ITEMS",
    "Change",
    "Feedback",
    "FeedbackAudience",
    "FeedbackChange",
    "FeedbackExcerpt",
    "FeedbackFacts",
    "FeedbackItem",
    "FeedbackList",
    "ImportItem",
    "ImportMessage",
    "ImportedMessage",
    "Load",
    "NewComment",
    "NewFeedback",
    "NewNote",
    "Outcome",
    "Source",
    "ToDo",
    "add_comment",
    "add_note",
    "change_feedback",
    "compact_index",
    "count_matching",
    "count_older",
    "count_to_do",
    "delete_feedback",
    "disown_item",
    "erase_item",
    "find_audience",
    "find_facts",
    "follow_statuses",
    "forget_project",
    "get_feedback",
    "hold_excerpt",
    "hold_facts",
    "import_items",
    "import_messages",
    "list_changes",
    "list_feedback",
    "list_older",
    "list_recent",
    "list_their_items",
    "list_unsettled",
    "mark_missed_deadlines",
    "page_address",
    "read_item",
    "read_message",
    "relink_feedback",
    "remove_item",
    "submit_feedback",
    "take_file",
    "unsay_some",
]
