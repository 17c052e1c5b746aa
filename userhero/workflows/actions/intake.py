"""Putting new feedback on the board that the project's intake rules say."""

from functools import lru_cache

import msgspec

from userhero.feedback import FeedbackExcerpt, hold_excerpt
from userhero.kernel.db import Transaction
from userhero.kernel.errors import NotFound
from userhero.kernel.events import Happened
from userhero.projects import find_template
from userhero.workflows.actions.add import add_feedback
from userhero.workflows.actions.words import assignee_columns
from userhero.workflows.rule_queries import list_active_rules
from userhero.workflows.rule_types import IntakeConditions, RuleRow
from userhero.workspaces import system_actor


class _Created(msgspec.Struct, rename="camel"):
    """The part of a new item's event that says where it belongs."""

    project_id: str


_project = msgspec.json.Decoder(_Created).decode
_decode = msgspec.json.Decoder(IntakeConditions).decode


@lru_cache(maxsize=1024)
def _conditions(stored: str) -> IntakeConditions:
    """A rule's conditions from their stored text, keywords as they are compared; rules are asked for each new item."""
    conditions = _decode(stored)
    return msgspec.structs.replace(conditions, keywords=[word.casefold() for word in conditions.keywords])


class _Candidate:
    """New feedback as rules look at it: what takes work is found out once, when a rule asks."""

    def __init__(self, tx: Transaction, excerpt: FeedbackExcerpt) -> None:
        self._tx = tx
        self._excerpt = excerpt
        self._message = excerpt.message.casefold()
        self._template: str | None = None
        self._asked = False

    def meets(self, wanted: IntakeConditions) -> bool:
        """Whether all of the conditions hold."""
        return (
            (not wanted.categories or self._excerpt.category in wanted.categories)
            and self._is_rated(wanted)
            and (not wanted.widget_ids or self._excerpt.widget_id in wanted.widget_ids)
            and (not wanted.keywords or any(word in self._message for word in wanted.keywords))
            and (not wanted.templates or self._made_from() in wanted.templates)
        )

    def _is_rated(self, wanted: IntakeConditions) -> bool:
        if wanted.rating_min is None and wanted.rating_max is None:
            return True
        rating = self._excerpt.rating
        if rating is None:
            return False
        return (wanted.rating_min is None or rating >= wanted.rating_min) and (
            wanted.rating_max is None or rating <= wanted.rating_max
        )

    def _made_from(self) -> str | None:
        if not self._asked:
            self._template, self._asked = find_template(self._tx, self._excerpt.widget_id), True
        return self._template


def take_in(tx: Transaction, happened: Happened) -> None:
    """Hold a new item against the rules of its project, in order; the first that matches puts it on its board.

    Nothing is done where the item is gone by now, or on that board already.
    """
    rules = list_active_rules(tx, _project(happened.data).project_id)
    if not rules:
        return
    try:
        actor = system_actor(happened.workspace_id, "Intake rules")
        excerpt = hold_excerpt(tx, actor, happened.subject_id, happened.workspace_id)
    except NotFound:
        return
    candidate = _Candidate(tx, excerpt)
    rule = next((rule for rule in rules if candidate.meets(_conditions(rule.conditions))), None)
    if rule is not None:
        _follow(tx, rule, excerpt)


def _follow(tx: Transaction, rule: RuleRow, excerpt: FeedbackExcerpt) -> None:
    defaults = {"priority": rule.default_priority, **assignee_columns(rule.workspace_id, rule.assignee_id)}
    if rule.default_status is not None:
        defaults["status"] = rule.default_status
    add_feedback(tx, system_actor(rule.workspace_id, rule.name), rule.workflow_id, excerpt, defaults)
