"""What an automation would match, and why, without doing anything."""

from msgspec import UnsetType

from userhero.automations.conditions import EVERYTHING, Group, fields_of, read_conditions, stored_conditions
from userhero.automations.explanations import explain
from userhero.automations.facts import values_for
from userhero.automations.queries import get_project, get_row
from userhero.automations.types import DraftRun, DryRun, DryRunResult, TriedItem
from userhero.feedback import FeedbackFacts, find_facts, list_recent
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import NotFound


def try_automation(
    tx: Transaction, actor: Actor, automation_id: str, trial: DryRun, workspace_id: str | UnsetType
) -> DryRunResult:
    """What an automation matches now, active or not. Raises NotFound for it and for an item that is not its project's,
    Forbidden for a system automation.
    """
    _, row = get_row(tx, actor, automation_id, workspace_id, locked=False)
    return _tried(tx, row.project_id, stored_conditions(row.conditions), trial)


def try_draft(tx: Transaction, actor: Actor, draft: DraftRun) -> DryRunResult:
    """What conditions match now that are not saved yet. Raises NotFound for an unknown project or item, Invalid where
    a condition breaks a rule.
    """
    project = get_project(tx, actor, draft.project_id, draft.workspace_id)
    tree = EVERYTHING if draft.conditions is None else read_conditions(draft.conditions)
    return _tried(tx, project.id, tree, draft)


def _tried(tx: Transaction, project_id: str, tree: Group, trial: DryRun) -> DryRunResult:
    fields = fields_of(tree)
    tried = [_explained(tx, item, tree, fields) for item in _items(tx, project_id, trial)]
    return DryRunResult(len(tried), sum(each.outcome == "matched" for each in tried), tried)


def _items(tx: Transaction, project_id: str, trial: DryRun) -> list[FeedbackFacts]:
    if trial.feedback_id is None:
        return list_recent(tx, project_id, trial.limit)
    item = find_facts(tx, trial.feedback_id)
    if item is None or item.project_id != project_id:
        raise NotFound("Feedback item not found.")
    return [item]


def _explained(tx: Transaction, item: FeedbackFacts, tree: Group, fields: set[str]) -> TriedItem:
    found = explain(tree, values_for(tx, item, fields), tx.now)
    return TriedItem(item.id, item.ticket_number, "matched" if found["holds"] else "no-match", found)
