"""Shapes of automations: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.automations.steps import Action
from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input

Scope = Literal["feedback.created", "feedback.updated", "time.scheduled", "manual"]
Outcome = Literal["matched", "no-match", "error"]

MAX_PRIORITY, MAX_ACTIONS = 1_000_000, 20

Name = Annotated[str, Meta(description="Display name.", extra_json_schema={"minLength": 1, "maxLength": 200})]
When = Annotated[
    Scope, Meta(description="When it runs: `feedback.created`, `feedback.updated`, `time.scheduled`, or `manual`.")
]
Enabled = Annotated[bool, Meta(description="Whether it is active.")]
Order = Annotated[int, Meta(ge=0, le=MAX_PRIORITY, description="Execution order; lower runs first.")]
Conditions = Annotated[
    dict[str, Any],
    Meta(
        description="`combinator` (`and`, `or`) and `rules`: each is `{field, operator, value}` or another such group, "
        "up to 3 groups deep and 100 rules in all. No rules match everything.",
        examples=[{"combinator": "and", "rules": [{"field": "category", "operator": "equals", "value": "bug"}]}],
    ),
]
Actions = Annotated[
    list[Action], Meta(min_length=1, max_length=MAX_ACTIONS, description="What it does, in this order.")
]


class Schedule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How often a scheduled automation looks at open and pending items."""

    every: Annotated[int, Meta(ge=1, le=365, description="How many hours or days lie between two runs.")]
    unit: Literal["hours", "days"]


class NewAutomation(Input, kw_only=True):
    """An automation to create."""

    project_id: Annotated[str, Meta(description="Project ID.")]
    name: Name
    scope: When
    enabled: Enabled = True
    priority: Order = 0
    conditions: Conditions | None = None
    actions: Actions
    schedule: Schedule | None = None


class AutomationChange(Input, kw_only=True):
    """A change of an automation: what is absent stays; conditions and actions are replaced whole."""

    name: Name | UnsetType = UNSET
    scope: When | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET
    priority: Order | UnsetType = UNSET
    conditions: Conditions | None | UnsetType = UNSET
    actions: Actions | UnsetType = UNSET
    schedule: Schedule | None | UnsetType = UNSET


class AutomationList(Input, kw_only=True):
    """Which automations to list."""

    project_id: Annotated[str, Meta(description="Project ID.")]
    scope: When | None = None
    enabled: Annotated[bool, Meta(description="Only active, or only inactive ones.")] | None = None
    include_system: Annotated[bool, Meta(description="Include those that SLA rules bring.")] = False
    limit: Annotated[int, Meta(ge=1, le=100, description="Results per page.")] = 50
    cursor: Annotated[str, Meta(max_length=200, description="`nextCursor` of the page before.")] | None = None


class MacroRun(Input, kw_only=True):
    """What to run a macro on."""

    feedback_id: Annotated[str, Meta(description="A feedback item of the automation's project.")]


class DryRun(Input, kw_only=True):
    """What to try an automation on: one item, or else the newest of the project."""

    feedback_id: Annotated[str, Meta(description="Look at this item of the project only.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=100, description="How many of the project's newest items to look at.")] = 50


class DraftRun(DryRun, kw_only=True):
    """Conditions that are not saved yet, and what to try them on."""

    project_id: Annotated[str, Meta(description="Project ID.")]
    conditions: Conditions | None = None


class RunStats(msgspec.Struct):
    """How often it ran in the last seven days."""

    matched7d: Annotated[int, Meta(description="Runs that matched.")]
    errored7d: Annotated[int, Meta(description="Runs in which an action failed.")]


class Automation(msgspec.Struct, rename="camel"):
    """An automation."""

    id: Annotated[str, Meta(description="Automation ID.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    project_id: Annotated[str, Meta(description="Project ID.")]
    name: Annotated[str, Meta(description="Display name.")]
    scope: When
    enabled: Enabled
    priority: Annotated[int, Meta(description="Execution order; lower runs first.")]
    system_generated: Annotated[bool, Meta(description="True for those that SLA rules bring; they are read-only.")]
    conditions: Conditions
    actions: Annotated[list[Action], Meta(description="What it does, in this order.")]
    schedule: Annotated[Schedule | None, Meta(description="Only with `time.scheduled`.")]
    run_stats: RunStats
    last_run_at: Annotated[str | None, Meta(description="ISO 8601 time of the last run.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    updated_at: Annotated[str, Meta(description="ISO 8601 time.")]


class AutomationPage(msgspec.Struct, rename="camel"):
    """A page of automations."""

    automations: list[Automation]
    next_cursor: Annotated[str | None, Meta(description="Pass it as `cursor` for the next page; null on the last.")]


class ActionResult(msgspec.Struct, omit_defaults=True):
    """What came of one action."""

    type: Annotated[str, Meta(description="The action's type.")]
    success: Annotated[bool, Meta(description="Whether it was done.")]
    error: Annotated[str, Meta(description="Why it was not.")] | UnsetType = UNSET


class RunResult(msgspec.Struct, rename="camel"):
    """What came of a run."""

    run_id: Annotated[str, Meta(description="Run ID.")]
    outcome: Annotated[Outcome, Meta(description="`error` where one action or more failed.")]
    actions_executed: list[ActionResult]


class TriedItem(msgspec.Struct, rename="camel"):
    """Whether an item would match, and why."""

    feedback_id: str
    ticket_number: int
    outcome: Annotated[Literal["matched", "no-match"], Meta(description="What a run now would find.")]
    conditions: Annotated[
        dict[str, Any],
        Meta(
            description="The conditions as given, with `holds` for each group and rule, and the item's own value as "
            "`actual` for each rule."
        ),
    ]


class DryRunResult(msgspec.Struct):
    """What an automation would match now. Nothing was done, and nothing recorded."""

    checked: Annotated[int, Meta(description="How many items were looked at.")]
    matched: Annotated[int, Meta(description="How many of them match.")]
    items: Annotated[list[TriedItem], Meta(description="Each item that was looked at, newest first.")]


class RunActor(msgspec.Struct, rename="camel"):
    """Who ran it."""

    user_id: str | None
    name: str
    system: Annotated[bool, Meta(description="True where it ran by itself.")]


class Run(msgspec.Struct, rename="camel"):
    """A run as the history shows it."""

    id: str
    outcome: Outcome
    run_at: Annotated[str, Meta(description="ISO 8601 time.")]
    feedback_id: str
    actions_executed: list[ActionResult]
    actor: RunActor


class RunHistory(msgspec.Struct):
    """The last 50 runs, newest first."""

    runs: list[Run]


class AutomationRow(msgspec.Struct, array_like=True, frozen=True):
    """An automation as it is stored; conditions, actions and schedule are JSON text."""

    id: str
    workspace_id: str
    project_id: str
    name: str
    scope: Scope
    enabled: bool
    conditions: str
    actions: str
    schedule: str | None


class NotificationRequested(Event):
    """An automation asks for a message to be sent."""

    kind: ClassVar[str] = "automation.notification_requested"

    automation_id: str
    project_id: str
    feedback_id: str
    channel: str
    to: str
    message: str


class MoveRequested(Event):
    """An automation asks for an item to be put into a workflow."""

    kind: ClassVar[str] = "automation.move_requested"

    automation_id: str
    project_id: str
    feedback_id: str
    workflow_id: str
