"""What the types of actions do not say about their params: members, statuses, lengths, placeholders."""

import msgspec

from userhero.automations.placeholders import check_placeholders
from userhero.automations.steps import (
    MAX_NOTE,
    MAX_NOTICE,
    MAX_REPLY,
    Action,
    AddNote,
    AddTag,
    AssignAgent,
    MoveToWorkflow,
    RemoveTag,
    SendNotification,
    SendReply,
    SetCategory,
    SetStatus,
)
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.notifications import problem_with_recipient
from userhero.projects import get_in_workspace, statuses
from userhero.webhooks import is_endpoint_of
from userhero.workflows import is_workflow_of
from userhero.workspaces import Access, find_member

MAX_TAG = 50


def check_actions(tx: Transaction, access: Access, project_id: str, given: list[Action]) -> list[Action]:
    """The actions as they are stored: tags trimmed. Raises Invalid that names the place (``actions[0].params.tag``)."""
    return [
        _checked(tx, access, project_id, action, f"actions[{number}].params") for number, action in enumerate(given)
    ]


def _checked(tx: Transaction, access: Access, project_id: str, action: Action, where: str) -> Action:
    match action:
        case AddTag() | RemoveTag():
            tag = action.params.tag.strip()
            if not 1 <= len(tag) <= MAX_TAG:
                raise Invalid(f"{where}.tag", f"must have 1 to {MAX_TAG} characters")
            return msgspec.structs.replace(action, params=msgspec.structs.replace(action.params, tag=tag))
        case SetStatus():
            _check_status(tx, access, project_id, action.params.status, f"{where}.status")
        case SetCategory() if action.params.category == "":
            raise Invalid(f"{where}.category", "must have 1 to 64 characters, or be null")
        case AssignAgent() if action.params.user_id is not None:
            _check_member(tx, access, action.params.user_id, f"{where}.userId")
        case MoveToWorkflow():
            _check_workflow(tx, project_id, action.params.workflow_id, f"{where}.workflowId")
        case AddNote():
            _check_text(f"{where}.content", action.params.content, MAX_NOTE)
        case SendReply():
            _check_text(f"{where}.message", action.params.message, MAX_REPLY)
        case SendNotification():
            _check_text(f"{where}.message", action.params.message, MAX_NOTICE)
            _check_recipient(tx, access, action, f"{where}.to")
    return action


def _check_workflow(tx: Transaction, project_id: str, workflow_id: str, where: str) -> None:
    if not is_workflow_of(tx, project_id, workflow_id):
        raise Invalid(where, "must be a workflow of the project")


def _check_member(tx: Transaction, access: Access, user_id: str, where: str) -> None:
    if find_member(tx, access, user_id) is None:
        raise Invalid(where, "must be a member of the workspace")


def _check_status(tx: Transaction, access: Access, project_id: str, status: str, where: str) -> None:
    known = [each.id for each in statuses(get_in_workspace(tx, access, project_id).statuses)]
    if status not in known:
        raise Invalid(where, f"is not a status of the project; it knows {', '.join(known)}")


def _check_recipient(tx: Transaction, access: Access, action: SendNotification, where: str) -> None:
    to = action.params.to
    if not to.strip() or not to.isprintable():
        raise Invalid(where, "must be printable text")
    if action.params.channel == "webhook":
        known = is_endpoint_of(tx, access.workspace_id, to)
        problem = None if known else "must be a webhook endpoint of the workspace"
    else:
        problem = problem_with_recipient(tx, access.workspace_id, action.params.channel, to)
    if problem is not None:
        raise Invalid(where, problem)


def _check_text(field: str, text: str, most: int) -> None:
    if not text.strip() or len(text) > most:
        raise Invalid(field, f"must have 1 to {most} characters")
    check_placeholders(field, text)
