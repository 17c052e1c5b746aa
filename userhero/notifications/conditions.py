"""Whether new feedback is like a routing rule's condition asks."""

from typing import Any

from userhero.feedback import page_address
from userhero.kernel.errors import Invalid
from userhero.notifications.heard import Submission
from userhero.notifications.rule_types import MAX_VALUE, Operator, RoutingCondition

METADATA = "metadata."
_OPERATORS: dict[str, tuple[Operator, ...]] = {
    "category": ("equals", "not_equals"),
    "rating": ("equals", "less_than", "greater_than"),
    "pageUrl": ("contains", "starts_with", "equals"),
    "message": ("contains",),
    "metadata": ("equals", "contains"),
}
_MOST, _MAX_KEYS = 2**53, 10


def check_condition(condition: RoutingCondition) -> None:
    """Raises Invalid where field, operator and value do not go together."""
    operators = _OPERATORS.get(_family(condition.field))
    if operators is None:
        raise Invalid("condition.field", f"must be one of {', '.join([*_OPERATORS][:-1])}, or metadata. and a key")
    if condition.operator not in operators:
        raise Invalid("condition.operator", f"does not go with {condition.field}, which takes {', '.join(operators)}")
    value = condition.value
    if condition.field == "rating":
        if not _is_number(value):
            raise Invalid("condition.value", "must be a number")
    elif isinstance(value, str):
        if not 1 <= len(value) <= MAX_VALUE:
            raise Invalid("condition.value", f"must be text of 1 to {MAX_VALUE} characters")
    elif not condition.field.startswith(METADATA) or condition.operator == "contains":
        raise Invalid("condition.value", f"must be text of 1 to {MAX_VALUE} characters")
    elif not isinstance(value, bool) and not _is_number(value):
        raise Invalid("condition.value", "must be a number")


def fits(condition: RoutingCondition | None, new: Submission) -> bool:
    """Whether the feedback is like that. What it lacks equals nothing, and is not equal to anything."""
    if condition is None:
        return True
    found, value = _found(condition.field, new), condition.value
    match condition.operator:
        case "equals":
            return _same(found, value)
        case "not_equals":
            return not _same(found, value)
        case "less_than":
            return _is_number(found) and found < value
        case "greater_than":
            return _is_number(found) and found > value
        case "starts_with":
            return isinstance(found, str) and found.casefold().startswith(str(value).casefold())
        case "contains":
            return _contains(found, str(value).casefold())


def _family(field: str) -> str:
    if not field.startswith(METADATA):
        return field if field != "metadata" else ""
    keys = field.split(".")[1:]
    return "metadata" if all(keys) and len(keys) <= _MAX_KEYS else ""


def _found(field: str, new: Submission) -> Any:
    if field == "pageUrl":
        return page_address(new.context)
    if not field.startswith(METADATA):
        return getattr(new, field)
    found: Any = new.metadata
    for key in field.split(".")[1:]:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, str) and isinstance(value, str):
        return found.casefold() == value.casefold()
    return type(found) is bool and found is value if isinstance(value, bool) else _is_number(found) and found == value


def _contains(found: Any, text: str) -> bool:
    texts = found if isinstance(found, list) else [found]
    return any(isinstance(each, str) and text in each.casefold() for each in texts)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST
