"""New feedback, to whom the project's routing rules send it; and what automations were told to pass on."""

import threading

import msgspec

from userhero.feedback import find_audience
from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.notifications.actions.places import tell_integration, tell_named, tell_slack
from userhero.notifications.conditions import fits
from userhero.notifications.heard import Submission, request, submission
from userhero.notifications.integration_queries import list_defaults
from userhero.notifications.integration_types import IntegrationRow
from userhero.notifications.notice import Notice, about
from userhero.notifications.rule_queries import list_active
from userhero.notifications.rule_types import Action, RoutingCondition, RuleRow, ToEmail

_condition = msgspec.json.Decoder(RoutingCondition).decode
_actions = msgspec.json.Decoder(list[Action]).decode


class _Unit(threading.local):
    """What the unit at hand knows already: one hears of many items of the same few projects."""

    def __init__(self) -> None:
        self.tx: Transaction | None = None
        self.rules: dict[str, list[RuleRow]] = {}
        self.defaults: dict[str, list[IntegrationRow]] = {}

    def begin(self, tx: Transaction) -> None:
        if self.tx is not tx:
            self.tx, self.rules, self.defaults = tx, {}, {}


_unit = _Unit()


def hear_submission(tx: Transaction, happened: Happened) -> None:
    """The first rule that fits decides; where none does, the workspace's default integrations hear of it."""
    _unit.begin(tx)
    new = submission(happened.data)
    if new.project_id not in _unit.rules:
        _unit.rules[new.project_id] = list_active(tx, new.project_id)
    if happened.workspace_id not in _unit.defaults:
        _unit.defaults[happened.workspace_id] = list_defaults(tx, happened.workspace_id)
    rule = next((each for each in _unit.rules[new.project_id] if _fits(each, new)), None)
    defaults = _unit.defaults[happened.workspace_id]
    if rule is None and not defaults:
        return
    notice = _notice(tx, happened)
    if notice is None:
        return
    if rule is None:
        for each in defaults:
            tell_integration(tx, notice, each.id)
        return
    for action in _actions(rule.actions):
        if isinstance(action, ToEmail):
            tell_named(tx, notice, action.to)
        else:
            tell_integration(tx, notice, action.integration_id)


def _fits(rule: RuleRow, new: Submission) -> bool:
    return fits(None if rule.condition is None else _condition(rule.condition), new)


def _notice(tx: Transaction, happened: Happened) -> Notice | None:
    item = find_audience(tx, happened.subject_id)
    if item is None:
        return None
    title = f"New feedback #{item.ticket_number} in {item.project_name}"
    return about(item, happened, "new_feedback", title, item.message)


def hear_request(tx: Transaction, happened: Happened) -> None:
    """What an automation says, to whom it was told to say it. What goes to webhooks is not for here."""
    asked = request(happened.data)
    item = find_audience(tx, asked.feedback_id) if asked.channel in ("email", "slack") else None
    if item is None:
        return
    notice = about(item, happened, "automation", f"An automation about #{item.ticket_number}", asked.message)
    if asked.channel == "email":
        tell_named(tx, notice, asked.to)
    else:
        tell_slack(tx, notice, asked.to)
