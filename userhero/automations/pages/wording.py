"""What people read for fields, operators, triggers and actions."""

from collections.abc import Mapping, Sequence
from typing import Any

from userhero.automations.fields import CUSTOM, FIELDS, METADATA, OPERATORS, Kind, kind_of

FIELD_WORDS = {
    "category": "Type",
    "priority": "Priority",
    "status": "Status",
    "statusCategory": "Kind of status",
    "message": "Message",
    "tags": "Tags",
    "assigneeId": "Assignee",
    "userEmail": "Customer's address",
    "createdAt": "Time it came",
    "updatedAt": "Last change",
    "lastCustomerReplyAt": "Customer's last reply",
    "rating": "Rating",
    "votes": "Votes",
    "isPublic": "Public",
    "source": "Source",
    "widgetId": "Widget ID",
    "template": "Widget's template",
}
_USUAL = {
    "equals": "is",
    "not_equals": "is not",
    "in": "is one of",
    "not_in": "is none of",
    "contains": "contains",
    "not_contains": "doesn't contain",
    "starts_with": "begins with",
    "greater_than": "is more than",
    "less_than": "is less than",
    "older_than": "is longer ago, in hours, than",
    "newer_than": "is not as long ago, in hours, as",
    "is_set": "is there",
    "is_not_set": "is missing",
}
_OF_KIND: dict[Kind, dict[str, str]] = {
    "tags": {"equals": "are exactly", "not_equals": "are not exactly", "in": "have one of", "not_in": "have none of"},
    "time": {"greater_than": "is after", "less_than": "is before"},
}
TRIGGERS = {
    "feedback.created": "When feedback comes in",
    "feedback.updated": "When an item is changed",
    "time.scheduled": "On a schedule",
    "manual": "By hand, as a macro",
}
ACTIONS = {
    "set_status": "Set the status to",
    "set_priority": "Set the priority to",
    "set_category": "Set the type to",
    "assign_agent": "Assign it to",
    "add_tag": "Add the tag",
    "remove_tag": "Remove the tag",
    "add_note": "Add a note",
    "send_reply": "Reply to the customer",
    "send_notification": "Tell somebody",
    "set_public": "Show it to the public",
    "move_to_workflow": "Put it on the board",
}


def operator_words(field: str) -> dict[str, str]:
    """The operators that go with a field, and what people read for each."""
    kind = kind_of(field) or "any"
    return {name: _OF_KIND.get(kind, {}).get(name, _USUAL[name]) for name in OPERATORS[kind]}


def field_words(field: str, custom: Mapping[str, str]) -> str:
    """What people read for a field; ``custom`` are the labels of the project's own by id."""
    if field.startswith(CUSTOM):
        return custom.get(field.removeprefix(CUSTOM), field.removeprefix(CUSTOM))
    return f"Metadata {field.removeprefix(METADATA)}" if field.startswith(METADATA) else FIELD_WORDS[field]


def conditions_in_words(tree: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A tree as one line; empty where it has no rules. ``names`` are what ids stand for, of custom fields as well."""
    parts = [_in_words(rule, names) for rule in tree["rules"]]
    return f" {tree['combinator']} ".join(part for part in parts if part)


def actions_in_words(actions: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """What they do, as one line; empty where they do nothing but be noted."""
    done = [_done(each["type"], each["params"], names) for each in actions]
    return "; ".join([*done[:1], *(each[0].lower() + each[1:] for each in done[1:])])


def _in_words(rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "rules" in rule:
        inner = conditions_in_words(rule, names)
        return f"({inner})" if inner else ""
    operator = operator_words(rule["field"])[rule["operator"]]
    return f"{field_words(rule['field'], names)} {operator} {_value(rule.get('value'), names)}".rstrip()


def _done(kind: str, params: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if kind == "set_public":
        return ACTIONS[kind] if params["isPublic"] else "Hide it from the public"
    if kind == "send_notification":
        return f"Tell {_value(params['to'], names)} by {params['channel']}"
    if kind in ("add_note", "send_reply"):
        return ACTIONS[kind]
    (value,) = params.values()
    return f"{ACTIONS[kind]} {_value('nobody' if kind == 'assign_agent' and value is None else value or 'none', names)}"


def _value(value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_value(each, names) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return names.get(value, value) if isinstance(value, str) else str(value)


assert set(FIELD_WORDS) == set(FIELDS), "every field has words"
