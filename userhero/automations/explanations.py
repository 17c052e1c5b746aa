"""Why an item meets a tree of conditions, or does not: rule by rule."""

from collections.abc import Mapping
from typing import Any

from userhero.automations.conditions import Group, Rule, matches

Explanation = dict[str, Any]


def explain(tree: Group, item: Mapping[str, Any], now: str) -> Explanation:
    """The tree with ``holds`` for each group and rule, and the item's own value (``actual``) for each rule."""
    return {
        "combinator": tree.combinator,
        "holds": matches(tree, item, now),
        "rules": [
            explain(rule, item, now) if isinstance(rule, Group) else _one(rule, item, now) for rule in tree.rules
        ],
    }


def _one(rule: Rule, item: Mapping[str, Any], now: str) -> Explanation:
    return {
        "field": rule.field,
        "operator": rule.operator,
        "value": rule.value,
        "actual": item[rule.field],
        "holds": matches(Group("and", (rule,)), item, now),
    }
