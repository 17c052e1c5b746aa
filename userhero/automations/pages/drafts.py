"""The form of an automation: what is typed in it, as it comes and goes with each request.

A place in it is a name: ``c.0.1`` is the second rule in the group that is the first of all conditions, ``a.2`` is the
third action. ``do`` says what the button that sent the form is for; those that add, drop and move something change the
draft and nothing else, so building needs no script.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from userhero.automations.conditions import MAX_DEPTH
from userhero.automations.fields import METADATA, kind_of
from userhero.automations.pages.texts import text_of, value_of
from userhero.automations.pages.wording import operator_words
from userhero.automations.types import Automation
from userhero.kernel.errors import Detail

PARAMS = {
    "set_status": ("status",),
    "set_priority": ("priority",),
    "set_category": ("category",),
    "assign_agent": ("userId",),
    "add_tag": ("tag",),
    "remove_tag": ("tag",),
    "add_note": ("content",),
    "send_reply": ("message",),
    "send_notification": ("channel", "to", "message"),
    "set_public": ("isPublic",),
    "move_to_workflow": ("workflowId",),
}
# Nothing typed means none for these, and is wrong for the others.
_MAY_BE_NONE = {"set_priority", "set_category", "assign_agent"}
_FREE = "metadata"
_NODE = re.compile(r"c((?:\.\d{1,3})*)\.(field|operator|value|path|combinator)")
_ACTION = re.compile(r"a\.(\d{1,3})\.([a-zA-Z]+)")
_STEP = re.compile(r"\[(\d+)\]")

Node = dict[str, Any]


class Draft(msgspec.Struct):
    """An automation as it stands in the form. A rule is ``field``, ``operator``, ``value`` and, of metadata, ``path``,
    all as typed; a group is ``combinator`` and ``rules``. ``seen`` is when the saved one had last been changed.
    """

    name: str = ""
    scope: str = "feedback.created"
    every: str = "1"
    unit: str = "days"
    priority: str = "0"
    enabled: bool = True
    seen: str = ""
    conditions: Node = msgspec.field(default_factory=lambda: _group("and"))
    actions: list[dict[str, str]] = msgspec.field(default_factory=lambda: [_action("add_tag")])

    def request(self) -> dict[str, Any]:
        """What the API would be sent."""
        schedule = {"every": _whole(self.every), "unit": self.unit} if self.scope == "time.scheduled" else None
        return {
            "name": self.name,
            "scope": self.scope,
            "enabled": self.enabled,
            "priority": _whole(self.priority),
            "conditions": _sent(self.conditions),
            "actions": [_sent_action(each) for each in self.actions],
            "schedule": schedule,
        }

    def do(self, what: str) -> str:
        """Add, drop or move what a button names; returns the place that the reader goes on at, if it is another one.
        Raises LookupError and ValueError for places that there are not.
        """
        verb, _, place = what.partition(" ")
        if verb == "act":
            self.actions.append(_action("add_tag"))
            return f"a.{len(self.actions) - 1}.type"
        if place.startswith("a."):
            return self._do_action(verb, int(place.removeprefix("a.")))
        path = [int(step) for step in place.split(".")[1:]]
        if verb == "drop":
            _at(self.conditions, path[:-1])["rules"].pop(path[-1])
        elif verb in ("rule", "group") and place[:1] == "c" and len(path) < MAX_DEPTH:
            rules = _at(self.conditions, path)["rules"]
            rules.append(_rule() if verb == "rule" else {**_group("or"), "rules": [_rule()]})
            return f"{place}.{len(rules) - 1}" + (".field" if verb == "rule" else ".0.field")
        return ""

    def _do_action(self, verb: str, number: int) -> str:
        if verb == "drop":
            self.actions.pop(number)
        elif verb in ("up", "down"):
            there = number + (-1 if verb == "up" else 1)
            self.actions[number], self.actions[there] = self.actions[there], self.actions[number]
            return f"a.{there}.type"
        return ""


def read_draft(form: Mapping[str, str]) -> Draft:
    """The draft that a form holds."""
    draft = Draft(enabled="enabled" in form, conditions=_group(form.get("c.combinator", "and")), actions=[])
    for name in ("name", "scope", "every", "unit", "priority", "seen"):
        setattr(draft, name, form.get(name, ""))
    places: dict[tuple[int, ...], Node] = {}
    for name, text in form.items():
        if (found := _NODE.fullmatch(name)) and found[1]:
            places.setdefault(tuple(map(int, found[1][1:].split("."))), {})[found[2]] = text
    _fill(draft.conditions, (), places)
    actions: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        if known := _ACTION.fullmatch(name):
            actions.setdefault(int(known[1]), {})[known[2]] = text
    given = [actions[number] for number in sorted(actions) if "type" in actions[number]]
    draft.actions = [dict.fromkeys(PARAMS.get(each["type"], ()), "") | each for each in given]
    return draft


def draft_of(automation: Automation) -> Draft:
    """The draft of one that is saved."""
    schedule = automation.schedule
    return Draft(
        name=automation.name,
        scope=automation.scope,
        every=str(schedule.every) if schedule else "1",
        unit=schedule.unit if schedule else "days",
        priority=str(automation.priority),
        enabled=automation.enabled,
        seen=automation.updated_at,
        conditions=_typed(automation.conditions),
        actions=[_typed_action(cast("dict[str, Any]", msgspec.to_builtins(each))) for each in automation.actions],
    )


def wrong_of(details: tuple[Detail, ...]) -> dict[str, str]:
    """What is wrong by the place in the form, from what the API would say."""
    return {_place(detail.field): detail.message for detail in details}


def _place(field: str) -> str:
    """``conditions.rules[2].value`` is ``c.2.value`` in the form, ``actions[0].params.tag`` is ``a.0.tag``."""
    steps = "".join(f".{step}" for step in _STEP.findall(field))
    last = _STEP.sub("", field).rpartition(".")[2]
    if field.startswith("conditions"):
        return f"c{steps}.{last}" if last in ("field", "operator", "value", "combinator") else f"c{steps}"
    if field.startswith("actions"):
        return f"a{steps}.{last}" if steps and last not in ("actions", "params") else f"a{steps}"
    return "every" if field.startswith("schedule") else field


def _group(combinator: str) -> Node:
    return {"combinator": combinator, "rules": []}


def _rule() -> Node:
    return {"field": "category", "operator": "equals", "value": "", "path": ""}


def _action(kind: str) -> dict[str, str]:
    return {"type": kind} | dict.fromkeys(PARAMS[kind], "")


def _at(tree: Node, path: list[int]) -> Node:
    """The group at a path; LookupError where there is none."""
    for step in path:
        tree = tree["rules"][step]
    return tree


def _fill(group: Node, path: tuple[int, ...], places: Mapping[tuple[int, ...], Node]) -> None:
    depth = len(path) + 1
    if depth > MAX_DEPTH:
        return
    for place in sorted(each for each in places if len(each) == depth and each[: len(path)] == path):
        node = places[place]
        if "combinator" in node:
            child = _group(node["combinator"])
            _fill(child, place, places)
        else:
            child = {**dict.fromkeys(("field", "operator", "value", "path"), ""), **node}
            _fit(child)
        group["rules"].append(child)


def _fit(rule: Node) -> None:
    """An operator of another kind of field gives way to the first that fits this one."""
    if kind_of(_field(rule)) is not None and rule["operator"] not in (known := operator_words(_field(rule))):
        rule["operator"] = next(iter(known))


def _field(rule: Node) -> str:
    if rule["field"] == _FREE:
        return METADATA + str(rule["path"]).strip()
    return str(rule["field"])


def _sent(node: Node) -> Node:
    if "rules" in node:
        return {"combinator": node["combinator"], "rules": [_sent(each) for each in node["rules"]]}
    field, operator = _field(node), node["operator"]
    value = value_of(field, operator, node["value"])
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


def _sent_action(action: Mapping[str, str]) -> dict[str, Any]:
    kind = action["type"]
    params: dict[str, Any] = {name: action.get(name, "") for name in PARAMS.get(kind, ())}
    if kind in _MAY_BE_NONE:
        params = {name: text.strip() or None for name, text in params.items()}
    if kind == "set_public":
        params["isPublic"] = params["isPublic"] != "false"
    return {"type": kind, "params": params}


def _typed(node: Node) -> Node:
    if "rules" in node:
        return {"combinator": node["combinator"], "rules": [_typed(each) for each in node["rules"]]}
    field, shown = node["field"], {"operator": node["operator"], "value": text_of(node["field"], node.get("value"))}
    if field.startswith(METADATA):
        return {"field": _FREE, "path": field.removeprefix(METADATA), **shown}
    return {"field": field, "path": "", **shown}


def _typed_action(action: Mapping[str, Any]) -> dict[str, str]:
    params = {name: _text(value) for name, value in action["params"].items()}
    return {"type": action["type"], **params}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _whole(text: str) -> int | str:
    """A number where it is one; what is none is for whoever checks it."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text.strip()) else text
