"""Definitions of custom fields: what is stored of them, and which ones are refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.client import Response
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

PLAN = {"id": "cf_plan", "type": "select", "label": "Plan", "options": ["Free", "Pro"]}
REGION = {"id": "cf_region", "type": "select", "label": "Region", "options": ["EU", "US"]}


def save(caller: Tenant, *fields: dict[str, Any]) -> Response:
    return caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": list(fields)})


def shown(caller: Tenant) -> Any:
    return caller.get(f"/projects/{caller.project_id}").data["customFieldDefinitions"]


def test_the_reference_example_comes_back_as_it_went_in(tenant: Tenants) -> None:
    caller = tenant()
    fields: list[dict[str, Any]] = [
        {
            "id": "cf_plan_abc12",
            "label": "Plan",
            "type": "select",
            "required": False,
            "options": ["Free", "Starter", "Pro"],
        },
        {
            "id": "cf_score_xyz",
            "label": "NPS Score",
            "type": "number",
            "required": False,
            "validation": {"min": 0, "max": 10},
        },
        {
            "id": "cf_notes_001",
            "label": "Notes",
            "type": "textarea",
            "required": False,
            "placeholder": "Any additional context",
        },
    ]
    assert save(caller, *fields).data["customFieldDefinitions"] == fields
    assert shown(caller) == fields
    assert b'"max":10}' in caller.get(f"/projects/{caller.project_id}").body


def test_ids_are_made_where_absent_and_differ(tenant: Tenants) -> None:
    caller = tenant()
    made = save(caller, *({"type": "text", "label": "Same"} for _ in range(5))).data["customFieldDefinitions"]
    ids = [field["id"] for field in made]
    assert len(set(ids)) == 5
    assert all(field_id.startswith("cf_") for field_id in ids)
    assert all(field["required"] is False for field in made)


def test_members_given_as_null_are_absent(tenant: Tenants) -> None:
    caller = tenant()
    optional = ("placeholder", "options", "validation", "isDefault", "visibilityCondition", "optionsByParent")
    field = {"id": "cf_a", "type": "text", "label": "A", **dict.fromkeys(optional)}
    assert save(caller, field).data["customFieldDefinitions"] == [
        {"id": "cf_a", "type": "text", "label": "A", "required": False}
    ]


def test_every_type_of_field_can_be_defined_and_fifty_of_them(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    kinds = ["text", "textarea", "number", "email", "checkbox", "date", "url", "phone"]
    many: list[dict[str, Any]] = [{"type": kinds[n % 8], "label": f"Field {n}"} for n in range(50)]
    assert len(save(caller, *many).data["customFieldDefinitions"]) == 50
    with unchanged(database, caller):
        check_problem(save(caller, *many, many[0]), "bad_request", field="customFieldDefinitions")


def test_an_empty_list_removes_all(tenant: Tenants) -> None:
    caller = tenant()
    save(caller, PLAN)
    assert save(caller).data["customFieldDefinitions"] == []


def depending(field_id: str, on: str, value: str = "Free", **more: Any) -> dict[str, Any]:
    return {**PLAN, "id": field_id, "visibilityCondition": {"fieldId": on, "value": value}, **more}


REFUSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "an id of a default field": ([{"id": "df_name", "type": "text", "label": "A"}], "customFieldDefinitions[0].id"),
    "the same id twice": ([PLAN, PLAN], "customFieldDefinitions[1].id"),
    "an unknown type": ([{"type": "color", "label": "A"}], "customFieldDefinitions[0].type"),
    "a blank label": ([{"type": "text", "label": "  "}], "customFieldDefinitions[0].label"),
    "a select with one option": ([{**PLAN, "options": ["Free"]}], "customFieldDefinitions[0].options"),
    "a select without options": ([{"type": "select", "label": "A"}], "customFieldDefinitions[0].options"),
    "the same option twice": ([{**PLAN, "options": ["Free", "Free"]}], "customFieldDefinitions[0].options"),
    "a blank option": ([{**PLAN, "options": ["Free", " "]}], "customFieldDefinitions[0].options"),
    "options of a text": ([{"type": "text", "label": "A", "options": ["a", "b"]}], "customFieldDefinitions[0].options"),
    "min above max": (
        [{"type": "number", "label": "A", "validation": {"min": 2, "max": 1}}],
        "customFieldDefinitions[0].validation",
    ),
    "minLength above maxLength": (
        [{"type": "text", "label": "A", "validation": {"minLength": 2, "maxLength": 1}}],
        "customFieldDefinitions[0].validation",
    ),
    "min of a text": (
        [{"type": "text", "label": "A", "validation": {"min": 2}}],
        "customFieldDefinitions[0].validation",
    ),
    "maxLength of a number": (
        [{"type": "number", "label": "A", "validation": {"maxLength": 2}}],
        "customFieldDefinitions[0].validation",
    ),
    "a trigger that does not exist": (
        [depending("cf_a", "cf_nothing")],
        "customFieldDefinitions[0].visibilityCondition.fieldId",
    ),
    "a trigger that is no select": (
        [{"id": "cf_t", "type": "text", "label": "T"}, depending("cf_a", "cf_t")],
        "customFieldDefinitions[1].visibilityCondition.fieldId",
    ),
    "a value that is no option of the trigger": (
        [PLAN, depending("cf_a", "cf_plan", "Gold")],
        "customFieldDefinitions[1].visibilityCondition.value",
    ),
    "a field that shows itself": ([depending("cf_a", "cf_a")], "customFieldDefinitions[0]"),
    "two fields that show each other": (
        [depending("cf_a", "cf_b"), depending("cf_b", "cf_a")],
        "customFieldDefinitions[0]",
    ),
    "a chain of four fields": (
        [PLAN, depending("cf_a", "cf_plan"), depending("cf_b", "cf_a"), depending("cf_c", "cf_b")],
        "customFieldDefinitions[3].visibilityCondition",
    ),
    "a parent that does not exist": (
        [{**PLAN, "optionsByParent": {"parentFieldId": "cf_nothing", "map": {}}}],
        "customFieldDefinitions[0].optionsByParent.parentFieldId",
    ),
    "a parent that is the field itself": (
        [{**PLAN, "optionsByParent": {"parentFieldId": "cf_plan", "map": {}}}],
        "customFieldDefinitions[0]",
    ),
    "options by parent of a text": (
        [REGION, {"type": "text", "label": "A", "optionsByParent": {"parentFieldId": "cf_region", "map": {}}}],
        "customFieldDefinitions[1].optionsByParent",
    ),
    "a map from what the parent does not offer": (
        [REGION, {**PLAN, "optionsByParent": {"parentFieldId": "cf_region", "map": {"Mars": ["Free"]}}}],
        "customFieldDefinitions[1].optionsByParent.map",
    ),
    "a map to what the field does not offer": (
        [REGION, {**PLAN, "optionsByParent": {"parentFieldId": "cf_region", "map": {"EU": ["Gold"]}}}],
        "customFieldDefinitions[1].optionsByParent.map",
    ),
    "a map to the same option twice": (
        [REGION, {**PLAN, "optionsByParent": {"parentFieldId": "cf_region", "map": {"EU": ["Free", "Free"]}}}],
        "customFieldDefinitions[1].optionsByParent.map",
    ),
    "a circle of a condition and a cascade": (
        [
            depending("cf_a", "cf_b"),
            {**PLAN, "id": "cf_b", "optionsByParent": {"parentFieldId": "cf_a", "map": {"Free": ["Pro"]}}},
        ],
        "customFieldDefinitions[0]",
    ),
    "an unknown member": ([{"type": "text", "label": "A", "colour": "red"}], "customFieldDefinitions[0].colour"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused(tenant: Tenants, database: Database, case: str) -> None:
    caller = tenant()
    save(caller, REGION)
    fields, where = REFUSED[case]
    with unchanged(database, caller):
        check_problem(save(caller, *fields), "bad_request", field=where)


def test_a_chain_of_three_fields_is_allowed(tenant: Tenants) -> None:
    caller = tenant()
    assert save(caller, PLAN, depending("cf_a", "cf_plan"), depending("cf_b", "cf_a")).status == 200


def test_all_that_is_wrong_is_named_at_once(tenant: Tenants) -> None:
    caller = tenant()
    answer = save(caller, {**PLAN, "options": ["Free"]}, PLAN, {"type": "text", "label": " "})
    fields = [detail["field"] for detail in check_problem(answer, "bad_request")["details"]]
    assert fields == [
        "customFieldDefinitions[1].id",
        "customFieldDefinitions[0].options",
        "customFieldDefinitions[2].label",
    ]


def chain_length(depends: dict[int, int], start: int) -> int | None:
    """How many fields a chain of conditions has from ``start`` up; None for a circle."""
    seen = [start]
    while (following := depends.get(seen[-1])) is not None:
        if following in seen:
            return None
        seen.append(following)
    return len(seen)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(depends=st.dictionaries(st.integers(0, 6), st.integers(0, 6), max_size=7))
def test_any_web_of_conditions_is_judged_as_by_hand(tenant: Tenants, depends: dict[int, int]) -> None:
    """Accepted exactly where no chain runs in a circle or past three fields."""
    caller = tenant()
    fields = [depending(f"cf_{n}", f"cf_{depends[n]}") if n in depends else {**PLAN, "id": f"cf_{n}"} for n in range(7)]
    lengths = [chain_length(depends, n) for n in range(7)]
    sound = all(length is not None and length <= 3 for length in lengths)
    assert (save(caller, *fields).status == 200) is sound
