"""Doing one action of an automation to an item."""

from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from userhero.automations.facts import words_for
from userhero.automations.placeholders import filled, harmless
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
    SetPriority,
    SetPublic,
    SetStatus,
)
from userhero.automations.types import AutomationRow, NotificationRequested
from userhero.feedback import (
    FeedbackChange,
    FeedbackFacts,
    NewComment,
    NewNote,
    add_comment,
    add_note,
    change_feedback,
    hold_facts,
)
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import Event, emit
from userhero.projects import projects
from userhero.workflows import move_to_workflow

_PROJECT_NAME = Statement(select(projects.c.name).where(projects.c.id == bindparam("project")))


class Task(NamedTuple):
    """An automation at work on an item, for somebody."""

    automation: AutomationRow
    run_id: str
    feedback_id: str
    actor: Actor


def perform(tx: Transaction, task: Task, action: Action) -> None:
    """Do it. Raises a Problem where that is not possible, such as Invalid for an assignee who has left."""
    match action:
        case AddNote():
            text = _text(tx, task, action.params.content, MAX_NOTE)
            add_note(tx, task.actor, task.feedback_id, NewNote(content=text))
        case SendReply():
            _reply(tx, task, action.params.message)
        case SendNotification():
            _ask(tx, task, _notification(tx, task, action))
        case MoveToWorkflow():
            move_to_workflow(tx, task.actor, action.params.workflow_id, task.feedback_id)
        case _:
            change_feedback(tx, task.actor, task.feedback_id, _change(tx, task, action))


def _reply(tx: Transaction, task: Task, message: str) -> None:
    words = words_for(_item(tx, task), task.automation.name)
    if task.actor.via == "system":
        words = harmless(words)
    add_comment(tx, _speaker(tx, task), task.feedback_id, NewComment(message=filled(message, words, MAX_REPLY)))


def _speaker(tx: Transaction, task: Task) -> Actor:
    """Who talks to the customer: whoever runs a macro; by itself an automation speaks for the project, since its own
    name is for those who made it.
    """
    if task.actor.via != "system":
        return task.actor
    name = tx.value(_PROJECT_NAME, project=task.automation.project_id)
    return msgspec.structs.replace(task.actor, name=name)


def _change(tx: Transaction, task: Task, action: Action) -> FeedbackChange:
    change = FeedbackChange(workspace_id=task.automation.workspace_id)
    match action:
        case SetStatus():
            change.status = action.params.status
        case SetCategory():
            change.category = action.params.category
        case SetPriority():
            change.priority = action.params.priority
        case AssignAgent():
            change.assignee_id = action.params.user_id
        case SetPublic():
            change.is_public = action.params.is_public
        case AddTag():
            change.tags = [*_item(tx, task).tag_list(), action.params.tag]
        case RemoveTag():
            change.tags = [tag for tag in _item(tx, task).tag_list() if tag != action.params.tag]
    return change


def _item(tx: Transaction, task: Task) -> FeedbackFacts:
    """The item as the actions before have left it."""
    return hold_facts(tx, task.actor, task.feedback_id, task.automation.workspace_id)


def _text(tx: Transaction, task: Task, text: str, most: int) -> str:
    return filled(text, words_for(_item(tx, task), task.automation.name), most)


def _notification(tx: Transaction, task: Task, action: SendNotification) -> NotificationRequested:
    return NotificationRequested(
        id=task.run_id,
        automation_id=task.automation.id,
        project_id=task.automation.project_id,
        feedback_id=task.feedback_id,
        channel=action.params.channel,
        to=action.params.to,
        message=_text(tx, task, action.params.message, MAX_NOTICE),
    )


def _ask(tx: Transaction, task: Task, event: Event) -> None:
    """What others do is written down; who listens does it once this is durable."""
    emit(tx, task.automation.workspace_id, event, actor_id=task.actor.user_id)
