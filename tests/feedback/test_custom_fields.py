"""Values of custom fields: what an item keeps of them, and what is refused, by an independent reading of the rules."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel.db import Database
from userhero.kernel.errors import BadRequest
from userhero.workspaces import act_as

KINDS = ("text", "textarea", "number", "email", "checkbox", "date", "url", "phone")
FIELDS: list[dict[str, Any]] = [
    *({"id": f"cf_{kind}", "type": kind, "label": kind.title()} for kind in KINDS),
    {"id": "cf_plan", "type": "select", "label": "Plan", "options": ["Free", "Pro"]},
    {"id": "cf_score", "type": "number", "label": "Score", "validation": {"min": 0, "max": 10}},
    {"id": "cf_code", "type": "text", "label": "Code", "validation": {"minLength": 2, "maxLength": 4}},
]


def define(caller: Tenant, fields: list[dict[str, Any]], **more: Any) -> None:
    answer = caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": fields, **more})
    assert answer.status == 200, answer


def send(caller: Tenant, values: Any, **metadata: Any) -> Any:
    body = {"projectId": caller.project_id, "message": "x", "customMetadata": {"customFields": values, **metadata}}
    return caller.post("/feedback", body)


def test_the_reference_example_is_kept_and_promoted(tenant: Tenants) -> None:
    caller = tenant()
    plan = {"id": "cf_plan_abc12", "type": "select", "label": "Plan", "options": ["Free", "Enterprise"]}
    define(caller, [plan, {"id": "cf_account_xyz", "type": "text", "label": "Account"}])
    metadata = {
        "userId": "usr_123",
        "plan": "enterprise",
        "company": "Acme Inc",
        "customFields": {
            "df_name": "Alice",
            "df_email": "alice@example.com",
            "cf_plan_abc12": "Enterprise",
            "cf_account_xyz": "acc_99887",
        },
    }
    item = caller.new_feedback(customMetadata=metadata)
    assert item["customMetadata"] == metadata
    assert (item["userName"], item["userEmail"]) == ("Alice", "alice@example.com")
    assert caller.get("/feedback").data[0]["customMetadata"] == metadata


GOOD: dict[str, list[Any]] = {
    "cf_text": ["", "any", "ü" * 5000],
    "cf_textarea": ["two\nlines"],
    "cf_number": [0, -1, 1.5, 2**53, 1e300],
    "cf_email": ["a@example.com"],
    "cf_checkbox": [True, False],
    "cf_date": ["2024-02-29"],
    "cf_url": ["https://example.com/a?b#c"],
    "cf_phone": ["+1 (202) 555-0175", "112"],
    "cf_plan": ["Free", "Pro"],
    "cf_score": [0, 10, 9.5],
    "cf_code": ["ab", "abcd"],
    "df_name": ["Alice"],
    "df_email": ["alice@example.com"],
    "df_phone": ["+12025550175"],
    "df_company": ["Acme"],
}
BAD: dict[str, list[Any]] = {
    "cf_text": [1, True, ["a"], {"a": 1}],
    "cf_number": ["1", True, 2**53 + 1, -(2**63), [1]],
    "cf_email": ["nobody", "a@b@c", 1, ""],
    "cf_checkbox": ["true", 1, 0],
    "cf_date": ["2023-02-29", "20240101", "2024-W01-1", "2024-1-1", "2024-01-01T00:00:00Z", 20240101, "٢٠٢٤-01-01"],
    "cf_url": ["example.com", "ftp://example.com", "javascript:alert(1)", "https://exa mple.com", "https://"],
    "cf_phone": ["call me", "", 112],
    "cf_plan": ["free", "", "Gold", 1, None.__class__.__name__],
    "cf_score": [-1, 10.5, "5"],
    "cf_code": ["a", "abcde"],
    "cf_unknown": ["x"],
    "df_unknown": ["x"],
    "other": ["x"],
    "df_email": ["nobody"],
    "df_phone": ["nothing"],
    "df_name": ["n" * 201, 1],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in GOOD.items() for value in values])
def test_a_value_that_fits_is_kept(tenant: Tenants, field: str, value: Any) -> None:
    caller = tenant()
    define(caller, FIELDS)
    assert send(caller, {field: value}).data["customMetadata"] == {"customFields": {field: value}}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_a_value_that_does_not_fit_is_refused(tenant: Tenants, database: Database, field: str, value: Any) -> None:
    caller = tenant()
    define(caller, FIELDS)
    where = f"customMetadata.customFields.{field}"
    item = caller.new_feedback()
    with unchanged(database, caller):
        check_problem(send(caller, {field: value}), "bad_request", field=where)
        change = {"customMetadata": {"customFields": {field: value}}}
        check_problem(caller.patch(f"/feedback/{item['id']}", change), "bad_request", field=where)


def test_everything_that_is_wrong_is_named_at_once(tenant: Tenants) -> None:
    caller = tenant()
    define(caller, FIELDS)
    answer = send(caller, {"cf_score": 11, "cf_text": "fine", "cf_plan": "Gold", "cf_none": 1})
    found = check_problem(answer, "bad_request")["details"]
    assert [detail["field"].rpartition(".")[2] for detail in found] == ["cf_score", "cf_plan", "cf_none"]


@pytest.mark.parametrize("values", ["text", 1, ["cf_text"], True])
def test_custom_fields_that_are_no_object_are_refused(tenant: Tenants, values: Any) -> None:
    check_problem(send(tenant(), values), "bad_request", field="customMetadata.customFields")


def test_null_is_no_value(tenant: Tenants) -> None:
    caller = tenant()
    define(caller, FIELDS)
    assert send(caller, {"cf_plan": None, "cf_nothing": None}).data["customMetadata"] is None
    assert send(caller, None).data["customMetadata"] is None
    assert send(caller, {"cf_text": None}, plan="x").data["customMetadata"] == {"plan": "x"}


def test_switched_off_default_fields_are_refused(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    define(caller, [], disabledDefaultFields=["df_phone"])
    with unchanged(database, caller):
        check_problem(
            send(caller, {"df_phone": "+12025550175"}),
            "bad_request",
            field="customMetadata.customFields.df_phone",
            naming="switched off",
        )
    assert send(caller, {"df_name": "Alice"}).data["userName"] == "Alice"


def test_a_change_keeps_values_whose_field_is_gone(tenant: Tenants) -> None:
    """Read, change one thing, write back: that must work after the project has dropped a field."""
    caller = tenant()
    define(caller, FIELDS)
    item = send(caller, {"cf_text": "old", "cf_plan": "Pro"}).data
    define(caller, [field for field in FIELDS if field["id"] != "cf_text"])
    kept = {"customFields": {"cf_text": "old", "cf_plan": "Free"}, "more": 1}
    answer = caller.patch(f"/feedback/{item['id']}", {"customMetadata": kept})
    assert answer.data["customMetadata"] == kept
    kept["customFields"] = {"cf_text": "new"}
    check_problem(caller.patch(f"/feedback/{item['id']}", {"customMetadata": kept}), "bad_request")


COUNTRY = {"id": "cf_country", "type": "select", "label": "Country", "options": ["DE", "US"]}
CITY = {
    "id": "cf_city",
    "type": "select",
    "label": "City",
    "options": ["Berlin", "Austin", "Bonn"],
    "optionsByParent": {"parentFieldId": "cf_country", "map": {"DE": ["Berlin", "Bonn"], "US": ["Austin"]}},
}


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({"cf_country": "DE", "cf_city": "Berlin"}, True),
        ({"cf_city": "Berlin", "cf_country": "DE"}, True),
        ({"cf_country": "US", "cf_city": "Berlin"}, False),
        ({"cf_city": "Berlin"}, False),
        ({"cf_country": None, "cf_city": "Berlin"}, False),
        ({"cf_country": "DE"}, True),
    ],
)
def test_options_follow_their_parent(tenant: Tenants, values: Any, fits: bool) -> None:
    caller = tenant()
    define(caller, [COUNTRY, CITY])
    answer = send(caller, values)
    assert answer.status == (201 if fits else 400)
    if not fits:
        check_problem(answer, "bad_request", field="customMetadata.customFields.cf_city")


def test_required_fields_are_for_forms_not_for_the_api(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    hidden = {"fieldId": "cf_plan", "value": "Pro"}
    define(
        caller,
        [
            {"id": "cf_must", "type": "text", "label": "Must", "required": True},
            {"id": "cf_agree", "type": "checkbox", "label": "Agree", "required": True},
            FIELDS[8],
            {"id": "cf_why", "type": "text", "label": "Why", "required": True, "visibilityCondition": hidden},
            {**COUNTRY, "required": False},
            {**CITY, "required": True},
        ],
    )
    assert send(caller, {}).status == 201

    def form(values: dict[str, Any]) -> set[str]:
        new = NewFeedback(
            workspace_id=caller.workspace_id,
            project_id=caller.project_id,
            message="x",
            custom_metadata={"customFields": values},
        )
        try:
            database.write(lambda tx: submit_feedback(tx, act_as(tx, caller.email), new, source="widget"))
        except BadRequest as problem:
            return {detail.field.rpartition(".")[2] for detail in problem.details}
        return set()

    assert form({}) == {"cf_must", "cf_agree"}
    assert form({"cf_must": "", "cf_agree": False}) == {"cf_must", "cf_agree"}
    assert form({"cf_must": "a", "cf_agree": True}) == set()
    assert form({"cf_must": "a", "cf_agree": True, "cf_plan": "Pro"}) == {"cf_why"}
    assert form({"cf_must": "a", "cf_agree": True, "cf_country": "DE"}) == {"cf_city"}


# Three fields that show each other, and one that shows by itself.
CHAIN: list[dict[str, Any]] = [
    {"id": "cf_a", "type": "select", "label": "A", "options": ["x", "y"]},
    {
        "id": "cf_b",
        "type": "select",
        "label": "B",
        "options": ["x", "y"],
        "visibilityCondition": {"fieldId": "cf_a", "value": "x"},
    },
    {
        "id": "cf_c",
        "type": "number",
        "label": "C",
        "validation": {"min": 1},
        "visibilityCondition": {"fieldId": "cf_b", "value": "y"},
    },
    {"id": "cf_d", "type": "text", "label": "D", "validation": {"maxLength": 2}},
]
ANY = st.sampled_from(["x", "y", "z", "xyz", 0, 1, 2.5, True, None])


def expected(values: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """What is kept of the values, and which of them are refused, written out field by field."""
    values = {name: value for name, value in values.items() if value is not None}
    seen = ["cf_a", "cf_d"]
    if values.get("cf_a") == "x":
        seen.append("cf_b")
        if values.get("cf_b") == "y":
            seen.append("cf_c")
    fits = {
        "cf_a": lambda value: value in ("x", "y"),
        "cf_b": lambda value: value in ("x", "y"),
        "cf_c": lambda value: value is not True and isinstance(value, int | float) and value >= 1,
        "cf_d": lambda value: isinstance(value, str) and len(value) <= 2,
    }
    kept = {name: value for name, value in values.items() if name in seen}
    wrong = {name for name, value in values.items() if name in seen and not fits[name](value)}
    return kept, wrong | {name for name in values if name not in fits}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.sampled_from(["cf_a", "cf_b", "cf_c", "cf_d", "cf_e"]), ANY))
def test_hidden_fields_are_dropped_however_deep(chained: Tenant, values: dict[str, Any]) -> None:
    kept, wrong = expected(values)
    answer = send(chained, values)
    if wrong:
        details = check_problem(answer, "bad_request")["details"]
        assert {detail["field"].rpartition(".")[2] for detail in details} == wrong
    else:
        assert answer.data["customMetadata"] == ({"customFields": kept} if kept else None)


@pytest.fixture
def chained(tenant: Tenants) -> Tenant:
    """A tenant whose project has the chain."""
    caller = tenant()
    define(caller, CHAIN)
    return caller
