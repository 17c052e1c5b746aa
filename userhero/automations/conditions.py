"""Condition trees: read from what a caller sent, and held against an item.

Everything here is a pure function. Texts are compared sign by sign, so the time it takes grows with the lengths of the
texts and in no other way.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from userhero.automations.fields import ALL_OPERATORS, OPERATORS, kind_of, problem_with_value
from userhero.kernel import clock
from userhero.kernel.errors import Invalid

MAX_DEPTH, MAX_RULES, MAX_BYTES = 3, 100, 16 * 1024


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question. ``value`` is None where the operator takes none."""

    field: str
    operator: str
    value: Any = None


class Group(msgspec.Struct, frozen=True):
    """Rules of which all (``and``) or any (``or``) must hold; none at all hold always."""

    combinator: Literal["and", "or"]
    rules: tuple["Rule | Group", ...]


EVERYTHING = Group("and", ())
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def read_conditions(given: Any) -> Group:
    """The tree that a caller sent. Raises Invalid that names the place, such as ``conditions.rules[2].value``."""
    tree = _Reader().group(given, "conditions", 1)
    if len(_encode(tree)) > MAX_BYTES:
        raise Invalid("conditions", f"must be {MAX_BYTES} bytes of JSON at the most")
    return tree


@lru_cache(maxsize=1024)
def stored_conditions(text: str) -> Group:
    """A tree that was read and stored before. The same ones are asked for over and over."""
    tree: Group = _trusted(_decode(text))
    return tree


def encoded(tree: Group) -> str:
    """The tree as it is stored and shown."""
    return _encode(tree).decode()


def fields_of(tree: Group) -> set[str]:
    """The fields that a tree asks for."""
    found: set[str] = set()
    for rule in tree.rules:
        found |= fields_of(rule) if isinstance(rule, Group) else {rule.field}
    return found


def matches(tree: Group, item: Mapping[str, Any], now: str) -> bool:
    """Whether an item meets the conditions. ``item`` gives a value, or None, for each of ``fields_of(tree)``."""
    if not tree.rules:
        return True
    answers = (matches(rule, item, now) if isinstance(rule, Group) else _holds(rule, item, now) for rule in tree.rules)
    return all(answers) if tree.combinator == "and" else any(answers)


class _Reader:
    def __init__(self) -> None:
        self._seen = 0

    def group(self, given: Any, where: str, depth: int) -> Group:
        if not isinstance(given, dict):
            raise Invalid(where, "must be an object with combinator and rules")
        _check_keys(given, where, {"combinator", "rules"})
        if depth > MAX_DEPTH:
            raise Invalid(where, f"is nested deeper than {MAX_DEPTH} groups")
        combinator = given.get("combinator", "and")
        if combinator not in ("and", "or"):
            raise Invalid(f"{where}.combinator", "must be and or or")
        rules = given.get("rules", [])
        if not isinstance(rules, list):
            raise Invalid(f"{where}.rules", "must be a list")
        found = [self._node(rule, f"{where}.rules[{number}]", depth) for number, rule in enumerate(rules)]
        return Group(combinator, tuple(found))

    def _node(self, given: Any, where: str, depth: int) -> Rule | Group:
        self._seen += 1
        if self._seen > MAX_RULES:
            raise Invalid("conditions", f"must hold {MAX_RULES} rules and groups at the most")
        if isinstance(given, dict) and ("rules" in given or "combinator" in given):
            return self.group(given, where, depth + 1)
        return _rule(given, where)


def _rule(given: Any, where: str) -> Rule:
    if not isinstance(given, dict):
        raise Invalid(where, "must be a rule or a group")
    _check_keys(given, where, {"field", "operator", "value"})
    field, operator, value = given.get("field"), given.get("operator"), given.get("value")
    kind = kind_of(field) if isinstance(field, str) else None
    if not isinstance(field, str) or kind is None:
        raise Invalid(f"{where}.field", "must be one of the fields in the reference")
    if not isinstance(operator, str) or operator not in ALL_OPERATORS:
        raise Invalid(f"{where}.operator", f"must be one of {', '.join(ALL_OPERATORS)}")
    if operator not in OPERATORS[kind]:
        raise Invalid(f"{where}.operator", f"does not go with {field}: use {', '.join(OPERATORS[kind])}")
    problem = problem_with_value(field, kind, operator, value)
    if problem is not None:
        raise Invalid(f"{where}.value", problem)
    return Rule(field, operator, value)


def _check_keys(given: dict[str, Any], where: str, known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise Invalid(f"{where}.{name}", "is not a field of this request")


def _trusted(node: dict[str, Any]) -> Any:
    if "rules" in node:
        return Group(node["combinator"], tuple(_trusted(each) for each in node["rules"]))
    return Rule(node["field"], node["operator"], node.get("value"))


def _holds(rule: Rule, item: Mapping[str, Any], now: str) -> bool:
    value, wanted = item[rule.field], rule.value
    if rule.field == "userEmail":
        value, wanted = _folded(value), _folded(wanted)
    if rule.operator == "is_set":
        return _is_set(value)
    if rule.operator == "is_not_set":
        return not _is_set(value)
    test, negated = rule.operator, False
    if test.startswith("not_"):
        test, negated = test.removeprefix("not_"), True
    return (value is not None and _TESTS[test](value, wanted, now)) is not negated


def _is_set(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _same(value: Any, wanted: Any) -> bool:
    """Equal and of one kind: ``true`` is not 1."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _equals(value: Any, wanted: Any, now: str) -> bool:
    del now
    return any(_same(each, wanted) for each in value) if isinstance(value, list) else _same(value, wanted)


def _in(value: Any, wanted: Any, now: str) -> bool:
    return any(_equals(value, each, now) for each in wanted)


def _contains(value: Any, wanted: Any, now: str) -> bool:
    """A keyword in a text; a whole tag in a list. Any of several is enough."""
    del now
    sought = _folded(wanted if isinstance(wanted, list) else [wanted])
    found = _folded(value)
    if isinstance(found, str):
        return any(each in found for each in sought)
    return isinstance(found, list) and any(_same(each, one) for each in sought for one in found)


def _starts_with(value: Any, wanted: Any, now: str) -> bool:
    del now
    return isinstance(value, str) and value.casefold().startswith(str(wanted).casefold())


def _greater_than(value: Any, wanted: Any, now: str) -> bool:
    del now
    pair = _ordered(value, wanted)
    return pair is not None and pair[0] > pair[1]


def _less_than(value: Any, wanted: Any, now: str) -> bool:
    del now
    pair = _ordered(value, wanted)
    return pair is not None and pair[0] < pair[1]


def _ordered(value: Any, wanted: Any) -> tuple[Any, Any] | None:
    """Two numbers, or two times."""
    if isinstance(wanted, str):
        return (value, clock.parse(wanted)) if isinstance(value, str) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (value, wanted) if is_number else None


def _older_than(value: Any, wanted: Any, now: str) -> bool:
    return bool(clock.unix(now) - clock.unix(value) >= wanted * 3600)


def _newer_than(value: Any, wanted: Any, now: str) -> bool:
    return not _older_than(value, wanted, now)


def _folded(value: Any) -> Any:
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return _fold(value) if isinstance(value, str) else value


@lru_cache(maxsize=512)
def _fold(text: str) -> str:
    """The same message is held against the rules of every automation."""
    return text.casefold()


_TESTS: dict[str, Callable[[Any, Any, str], bool]] = {
    "equals": _equals,
    "in": _in,
    "contains": _contains,
    "starts_with": _starts_with,
    "greater_than": _greater_than,
    "less_than": _less_than,
    "older_than": _older_than,
    "newer_than": _newer_than,
}
