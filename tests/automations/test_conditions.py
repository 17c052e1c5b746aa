"""Condition trees against a model of their own: what is accepted, where a mistake is, and what matches."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userhero.automations.conditions import EVERYTHING, encoded, fields_of, matches, read_conditions, stored_conditions
from userhero.automations.fields import ALL_OPERATORS, FIELDS, OPERATORS, kind_of
from userhero.kernel import clock
from userhero.kernel.errors import Invalid

NOW = "2026-05-30T10:00:00.000Z"
WORDS = ["bug", "Bug", "idea", "big bug", "", "ä", "b"]
texts = st.sampled_from(WORDS)
filled = st.sampled_from([word for word in WORDS if word])
numbers = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, 2.5]))
hours = st.sampled_from([0, 1, 24, 24.5, 1000])
moments = st.sampled_from(
    ["2026-05-30T10:00:00.000Z", "2026-05-29T10:00:00.000Z", "2026-05-29T09:30:00.000Z", "2026-04-01T00:00:00.000Z"]
)
# For each field under test: what an item may have there, and what a rule may ask for.
SAMPLES: dict[str, tuple[Any, Any]] = {
    "category": (st.none() | texts, filled),
    "message": (texts, filled),
    "tags": (st.lists(filled, max_size=3), filled),
    "rating": (st.none() | numbers, numbers),
    "votes": (numbers, numbers),
    "isPublic": (st.booleans(), st.booleans()),
    "createdAt": (moments, moments),
    "lastCustomerReplyAt": (st.none() | moments, moments),
    "customField.cf_plan": (st.none() | texts | numbers | st.booleans(), filled | numbers | st.booleans()),
    "metadata.a.b": (st.none() | texts | numbers | st.just({"c": 1}), filled | numbers),
}


def asked(field: str, operator: str) -> Any:
    if operator in ("is_set", "is_not_set"):
        return st.just(None)
    if operator in ("older_than", "newer_than"):
        return hours
    wanted = SAMPLES[field][1]
    if operator in ("contains", "not_contains"):
        return filled | st.lists(filled, min_size=1, max_size=3)
    if operator == "starts_with":
        return filled
    if operator in ("greater_than", "less_than") and field not in ("createdAt", "lastCustomerReplyAt"):
        return numbers
    return st.lists(wanted, min_size=1, max_size=3) if operator in ("in", "not_in") else wanted


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(sorted(SAMPLES)))
    kind = kind_of(field)
    assert kind is not None
    operator = draw(st.sampled_from(OPERATORS[kind]))
    value = draw(asked(field, operator))
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


def groups(inner: Any) -> Any:
    return st.fixed_dictionaries({"combinator": st.sampled_from(["and", "or"]), "rules": st.lists(inner, max_size=4)})


trees = groups(rules() | groups(rules() | groups(rules())))
items = st.fixed_dictionaries({field: sample[0] for field, sample in SAMPLES.items()})


def model(node: dict[str, Any], item: dict[str, Any]) -> bool:
    """What a tree means, said a second time and in another way."""
    if "rules" in node:
        found = [model(rule, item) for rule in node["rules"]]
        return not found or (False not in found if node["combinator"] == "and" else True in found)
    value, operator = item[node["field"]], node["operator"]
    if operator.startswith(("not_", "is_not_")):
        return not model({**node, "operator": operator.replace("not_", "", 1)}, item)
    if operator == "is_set":
        return value is not None and value not in ("", [])
    return value is not None and MEANINGS[operator](value, node["value"])


def among(value: Any, wanted: Any) -> bool:
    def same(one: Any, other: Any) -> bool:
        return one is other if bool in (type(one), type(other)) else bool(one == other)

    have = value if isinstance(value, list) else [value]
    return any(same(one, other) for one in have for other in (wanted if isinstance(wanted, list) else [wanted]))


def contains(value: Any, wanted: Any) -> bool:
    want = [word.lower() for word in (wanted if isinstance(wanted, list) else [wanted])]
    if isinstance(value, list):
        return bool({tag.lower() for tag in value} & set(want))
    return isinstance(value, str) and any(value.lower().find(word) >= 0 for word in want)


def comparable(value: Any, wanted: Any) -> bool:
    return type(value) in ({str} if isinstance(wanted, str) else {int, float})


def age(value: str) -> float:
    return (clock.unix(NOW) - clock.unix(value)) / 3600


MEANINGS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": among,
    "in": among,
    "contains": contains,
    "starts_with": lambda value, wanted: isinstance(value, str) and value.lower()[: len(wanted)] == wanted.lower(),
    "greater_than": lambda value, wanted: comparable(value, wanted) and value > wanted,
    "less_than": lambda value, wanted: comparable(value, wanted) and value < wanted,
    "older_than": lambda value, wanted: age(value) >= wanted,
    "newer_than": lambda value, wanted: age(value) < wanted,
}


@given(trees, items)
def test_a_tree_matches_as_the_model_says(tree: dict[str, Any], item: dict[str, Any]) -> None:
    read = read_conditions(tree)
    assert matches(read, item, NOW) is model(tree, item)
    assert stored_conditions(encoded(read)) == read
    assert fields_of(read) <= item.keys()


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["combinator", "rules", "field", "operator", "value", "x"]),
            inner | st.sampled_from(["and", *FIELDS, *ALL_OPERATORS]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(junk)
def test_junk_is_refused_by_name_or_can_be_evaluated(given_: Any) -> None:
    try:
        tree = read_conditions(given_)
    except Invalid as problem:
        tree, named = EVERYTHING, problem.details[0].field
    else:
        named = "conditions"
    assert named.startswith("conditions")
    item = dict.fromkeys(fields_of(tree))
    assert matches(tree, item, NOW) in (True, False)


@pytest.mark.parametrize("field", [*sorted(FIELDS), "customField.cf_plan", "metadata.a"])
@pytest.mark.parametrize("operator", ALL_OPERATORS)
def test_every_field_takes_its_operators_and_no_others(field: str, operator: str) -> None:
    """Each operator with a value of each type: accepted as the table of the reference says."""
    kind = kind_of(field)
    assert kind is not None
    known: dict[str, Any] = {"priority": "high", "statusCategory": "open", "source": "api"}
    good: dict[str, Any] = {"text": known.get(field, "bug"), "tags": "bug", "number": 1, "flag": True, "time": NOW}
    value: Any = {
        "in": [good.get(kind, "bug")], "not_in": [good.get(kind, "bug")], "contains": "bug", "not_contains": ["bug"],
        "starts_with": "b", "older_than": 1, "newer_than": 1.5, "is_set": None, "is_not_set": None,
    }.get(operator, 1 if kind == "any" and operator.endswith("_than") else good.get(kind, "bug"))  # fmt: skip
    tree = {"rules": [{"rules": []}, {"field": field, "operator": operator, "value": value}]}
    if operator in OPERATORS[kind]:
        read_conditions(tree)
        wrong = {"text": {}} if operator not in ("is_set", "is_not_set") else "x"
        tree["rules"][1]["value"] = wrong
        where = "conditions.rules[1].value"
    else:
        where = "conditions.rules[1].operator"
    with pytest.raises(Invalid) as refused:
        read_conditions(tree)
    assert refused.value.details[0].field == where


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ({"field": "colour", "operator": "is_set"}, "field"),
        ({"field": "customField.", "operator": "is_set"}, "field"),
        ({"field": "customField.a.b", "operator": "is_set"}, "field"),
        ({"field": "metadata..a", "operator": "is_set"}, "field"),
        ({"field": "metadata." + "a" * 200, "operator": "is_set"}, "field"),
        ({"field": ["category"], "operator": "is_set"}, "field"),
        ({"field": "message", "operator": "matches", "value": "(a+)+"}, "operator"),
        ({"field": "message", "operator": {}, "value": "x"}, "operator"),
        ({"field": "priority", "operator": "equals", "value": "huge"}, "value"),
        ({"field": "priority", "operator": "in", "value": ["high", "huge"]}, "value"),
        ({"field": "message", "operator": "contains", "value": ""}, "value"),
        ({"field": "message", "operator": "contains", "value": "x" * 501}, "value"),
        ({"field": "message", "operator": "contains", "value": ["x"] * 101}, "value"),
        ({"field": "message", "operator": "in", "value": []}, "value"),
        ({"field": "rating", "operator": "equals", "value": True}, "value"),
        ({"field": "rating", "operator": "greater_than", "value": "5"}, "value"),
        ({"field": "isPublic", "operator": "equals", "value": 1}, "value"),
        ({"field": "createdAt", "operator": "less_than", "value": "yesterday"}, "value"),
        ({"field": "createdAt", "operator": "older_than", "value": -1}, "value"),
        ({"field": "createdAt", "operator": "older_than", "value": True}, "value"),
        ({"field": "category", "operator": "equals", "value": "x", "flags": "i"}, "flags"),
        ("category", ""),
    ],
)
def test_a_mistake_is_named(rule: Any, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_conditions({"combinator": "and", "rules": [rule]})
    assert refused.value.details[0].field == "conditions.rules[0]" + (where and f".{where}")
