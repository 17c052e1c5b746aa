"""Shapes of automations: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.automations.condition_schema import COMPONENTS, TREE
from userhero.automations.steps import Action
from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.terms import a_text, a_time, an_id, described, id_for

Scope = Literal["feedback.created", "feedback.updated", "time.scheduled", "manual"]
Outcome = Literal["matched", "no-match", "error"]

MAX_PRIORITY, MAX_ACTIONS = 1_000_000, 20

Name = Annotated[str, a_text("Display name, trimmed.", 200, example="Auto-assign billing")]
When = Annotated[
    Scope, Meta(description="When it runs: `feedback.created`, `feedback.updated`, `time.scheduled`, or `manual`.")
]
Enabled = Annotated[bool, Meta(description="Whether it is active.")]
Order = Annotated[int, Meta(ge=0, le=MAX_PRIORITY, description="Execution order; lower runs first.")]
Conditions = Annotated[
    dict[str, Any],
    described(
        "`combinator` (`and`, `or`) and `rules`: each is `{field, operator, value}` or another such group, "
        "up to 3 groups deep and 100 rules in all. No rules match everything.",
        example={"combinator": "and", "rules": [{"field": "category", "operator": "equals", "value": "bug"}]},
        **TREE,
    ),
]
Actions = Annotated[
    list[Action], Meta(min_length=1, max_length=MAX_ACTIONS, description="What it does, in this order.")
]


class Schedule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How often a scheduled automation looks at open and pending items."""

    every: Annotated[int, Meta(ge=1, le=365, description="How many hours or days lie between two runs.", examples=[4])]
    unit: Annotated[Literal["hours", "days"], Meta(description="What `every` counts.", examples=["hours"])]


class NewAutomation(Input, kw_only=True):
    """An automation to create."""

    json_schema: ClassVar[dict[str, Any]] = {
        "if": {"properties": {"scope": {"const": "time.scheduled"}}},
        "then": {"properties": {"schedule": {"type": "object"}}, "required": ["schedule"]},
        "else": {"properties": {"schedule": {"type": "null"}}},
    }
    json_components: ClassVar[dict[str, Any]] = COMPONENTS

    project_id: Annotated[str, id_for("proj", "Project ID.")]
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

    project_id: Annotated[str, id_for("proj", "Project ID.")]
    scope: When | None = None
    enabled: Annotated[bool, Meta(description="Only active, or only inactive ones.")] | None = None
    include_system: Annotated[bool, Meta(description="Include those that SLA rules bring.")] = False
    limit: Annotated[int, Meta(ge=1, le=100, description="Results per page.")] = 50
    cursor: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="`nextCursor` of the page before.",
                examples=["auto_01k82sc3nne7i91l0s3n0i771e"],
            ),
        ]
        | None
    ) = None


class MacroRun(Input, kw_only=True):
    """What to run a macro on."""

    feedback_id: Annotated[str, id_for("fb", "A feedback item of the automation's project.")]


class DryRun(Input, kw_only=True):
    """What to try an automation on: one item, or else the newest of the project."""

    feedback_id: Annotated[str, id_for("fb", "Look at this item of the project only.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=100, description="How many of the project's newest items to look at.")] = 50


class DraftRun(DryRun, kw_only=True):
    """Conditions that are not saved yet, and what to try them on."""

    project_id: Annotated[str, id_for("proj", "Project ID.")]
    conditions: Conditions | None = None


class RunStats(msgspec.Struct):
    """How often it ran in the last seven days."""

    matched7d: Annotated[int, described("Runs that matched.", example=12, minimum=0)]
    errored7d: Annotated[int, described("Runs in which an action failed.", example=0, minimum=0)]


class Automation(msgspec.Struct, rename="camel"):
    """An automation."""

    id: Annotated[
        str,
        described(
            "Automation ID.",
            example="auto_01k82sc3nne7i91l0s3n0i771e",
            pattern="^auto_(sla_[a-z]+_)?[0-9a-v]{26}$",
        ),
    ]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "Project ID.")]
    name: Annotated[str, described("Display name.", example="Auto-assign billing")]
    scope: When
    enabled: Enabled
    priority: Annotated[int, described("Execution order; lower runs first.", example=0, minimum=-1)]
    system_generated: Annotated[
        bool, described("True for those that SLA rules bring; they are read-only.", example=False)
    ]
    conditions: Conditions
    actions: Annotated[list[Action], described("What it does, in this order.")]
    schedule: Annotated[Schedule | None, Meta(description="Only with `time.scheduled`.")]
    run_stats: RunStats
    last_run_at: Annotated[str, a_time("When it last ran.")] | None
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class AutomationPage(msgspec.Struct, rename="camel"):
    """A page of automations."""

    automations: Annotated[list[Automation], described("The automations of this page.")]
    next_cursor: (
        Annotated[
            str,
            described(
                "Pass it as `cursor` for the next page; null on the last.", example="auto_01k82sc3nne7i91l0s3n0i771e"
            ),
        ]
        | None
    )


class ActionResult(msgspec.Struct, omit_defaults=True):
    """What came of one action."""

    type: Annotated[str, described("The action's type.", example="set_status")]
    success: Annotated[bool, described("Whether it was done.", example=True)]
    error: Annotated[str, described("Why it was not; only then.")] | UnsetType = UNSET


WhatCame = Annotated[Outcome, described("`error` where one action or more failed.", example="matched")]
Executed = Annotated[list[ActionResult], described("What came of each action, in order.")]


class RunResult(msgspec.Struct, rename="camel"):
    """What came of a run."""

    run_id: Annotated[str, an_id("run", "Run ID.")]
    outcome: WhatCame
    actions_executed: Executed


class TriedItem(msgspec.Struct, rename="camel"):
    """Whether an item would match, and why."""

    feedback_id: Annotated[str, an_id("fb", "The item.")]
    ticket_number: Annotated[int, described("Its number for people.", example=245, minimum=1)]
    outcome: Annotated[Literal["matched", "no-match"], described("What a run now would find.", example="matched")]
    conditions: Annotated[
        dict[str, Any],
        described(
            "The conditions as given, with `holds` for each group and rule, and the item's own value as `actual` for "
            "each rule.",
            example={
                "combinator": "and",
                "holds": True,
                "rules": [{"field": "category", "operator": "equals", "value": "bug", "actual": "bug", "holds": True}],
            },
        ),
    ]


class DryRunResult(msgspec.Struct):
    """What an automation would match now. Nothing was done, and nothing recorded."""

    checked: Annotated[int, described("How many items were looked at.", example=1, minimum=0)]
    matched: Annotated[int, described("How many of them match.", example=1, minimum=0)]
    items: Annotated[list[TriedItem], described("Each item that was looked at, newest first.")]


class RunActor(msgspec.Struct, rename="camel"):
    """Who ran it."""

    user_id: Annotated[str, an_id("user", "User ID; null where it ran by itself.")] | None
    name: Annotated[str, described("Name of the person or of the automation's trigger.", example="Jane Smith")]
    system: Annotated[bool, described("True where it ran by itself.", example=False)]


class Run(msgspec.Struct, rename="camel"):
    """A run as the history shows it."""

    id: Annotated[str, an_id("run", "Run ID.")]
    outcome: WhatCame
    run_at: Annotated[str, a_time("When it ran.")]
    feedback_id: Annotated[str, an_id("fb", "The item that it ran on.")]
    actions_executed: Executed
    actor: RunActor


class RunHistory(msgspec.Struct):
    """The last 50 runs, newest first."""

    runs: Annotated[list[Run], described("Newest first.")]


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
