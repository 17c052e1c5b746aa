"""Metadata and custom fields as the reference tells them: what is promoted from where, and which plan allows what."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero import workspaces
from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel.db import Database
from userhero.kernel.errors import BadRequest, Forbidden
from userhero.projects.actions import change_project
from userhero.projects.types import ProjectChange
from userhero.workspaces import act_as

# By field of the item: the keys of the metadata that look like it, the first match first.
PROMOTED = {
    "userName": [
        "name", "userName", "user_name", "fullName", "full_name", "displayName", "customer", "customerName",
        "customer_name",
    ],
    "userEmail": ["email", "userEmail", "user_email"],
    "userPhone": ["phone", "userPhone", "user_phone", "phoneNumber", "phone_number"],
}  # fmt: skip
DEFAULTS = {"userName": "df_name", "userEmail": "df_email", "userPhone": "df_phone"}
VALUES = {
    "userName": ("Alice", "Bob"),
    "userEmail": ("alice@example.com", "bob@example.com"),
    "userPhone": ("+12025550175", "+442071838750"),
}
KEYS = [(field, key) for field, keys in PROMOTED.items() for key in keys]
PAIRS = [(field, *pair) for field, keys in PROMOTED.items() for pair in pairwise(keys)]
PLAN = {"id": "cf_plan_abc12", "type": "select", "label": "Plan", "options": ["Free", "Enterprise"]}
ACCOUNT = {"id": "cf_account_xyz", "type": "text", "label": "Account"}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def define(caller: Tenant, *fields: Any) -> Any:
    return caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": list(fields)})


def sender(item: Any) -> dict[str, Any]:
    return {field: item[field] for field in PROMOTED}


@pytest.mark.parametrize(("field", "key"), KEYS)
def test_each_key_that_looks_like_it_says_who_sent_it(caller: Tenant, field: str, key: str) -> None:
    value = VALUES[field][0]
    item = caller.new_feedback(customMetadata={key: value, "plan": "enterprise"})
    assert sender(item) == {**dict.fromkeys(PROMOTED), field: value}
    assert item["customMetadata"] == {key: value, "plan": "enterprise"}, "what is promoted stays where it was, too"


@pytest.mark.parametrize(("field", "first", "second"), PAIRS)
def test_the_first_of_them_wins(caller: Tenant, field: str, first: str, second: str) -> None:
    one, other = VALUES[field]
    assert caller.new_feedback(customMetadata={second: other, first: one})[field] == one


@pytest.mark.parametrize(
    "metadata",
    [
        {"username": "Alice", "Name": "Alice", "mail": "a@example.com", "e-mail": "a@example.com", "tel": "112"},
        {"user": {"name": "Alice", "email": "a@example.com", "phone": "+12025550175"}},
        {"name": ["Alice"], "email": {"a": "a@example.com"}, "phone": 12025550175},
        {"name": "", "email": "no address", "phone": "call me"},
        {"customFields": {"df_company": "Acme Inc"}},
    ],
)
def test_nothing_else_does(caller: Tenant, metadata: Any) -> None:
    item = caller.new_feedback(customMetadata=metadata)
    assert sender(item) == dict.fromkeys(PROMOTED)
    assert item["customerId"] is None
    assert item["customMetadata"] == metadata


@pytest.mark.parametrize("field", PROMOTED)
def test_default_fields_are_promoted_before_what_looks_like_them(caller: Tenant, field: str) -> None:
    one, other = VALUES[field]
    item = caller.new_feedback(customMetadata={"customFields": {DEFAULTS[field]: one}})
    assert sender(item) == {**dict.fromkeys(PROMOTED), field: one}
    metadata = {PROMOTED[field][0]: other, "customFields": {DEFAULTS[field]: one}}
    item = caller.new_feedback(customMetadata=metadata)
    assert item[field] == one
    assert item["customMetadata"] == metadata


def test_an_explicit_address_comes_first_and_leaves_the_rest_to_the_metadata(caller: Tenant) -> None:
    metadata = {"name": "Alice", "email": "a@example.com", "customFields": {"df_email": "d@example.com"}}
    item = caller.new_feedback(userEmail="e@example.com", customMetadata=metadata)
    assert sender(item) == {"userName": "Alice", "userEmail": "e@example.com", "userPhone": None}


def test_a_promoted_address_is_found_by(caller: Tenant) -> None:
    item = caller.new_feedback(customMetadata={"customFields": {"df_email": "Alice@Example.com"}})
    assert [each["id"] for each in caller.get("/feedback", userEmail="alice@example.com").data] == [item["id"]]


@pytest.mark.parametrize(
    ("metadata", "contacts"),
    [
        ({"email": "alice@example.com", "name": "Alice"}, ("Alice", "alice@example.com", None)),
        ({"phone": "+1 202 555 0175"}, (None, None, "+12025550175")),
        ({"customFields": {"df_phone": "+12025550175", "df_name": "Al"}}, ("Al", None, "+12025550175")),
    ],
)
def test_who_sent_it_becomes_a_customer_once(caller: Tenant, metadata: Any, contacts: Any) -> None:
    items = [caller.new_feedback(customMetadata=metadata) for _ in range(2)]
    assert items[0]["customerId"] == items[1]["customerId"]
    found = caller.get(f"/customers/{items[0]['customerId']}").data
    assert (found["name"], found["primaryEmail"], found["primaryPhone"]) == contacts
    assert (found["feedbackCount"], found["channels"]) == (2, ["api"])
    assert caller.count("/customers") == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"userId": "usr_123", "plan": "enterprise"},
        {"customFields": {"df_name": "Alice", "df_company": "Acme Inc", "cf_plan_abc12": "Enterprise"}},
        {"userId": "usr_123", "customFields": {"cf_account_xyz": "acc_99887", "df_phone": "+12025550175"}},
    ],
)
def test_pairs_and_fields_are_kept_alone_and_together_and_read_everywhere(caller: Tenant, metadata: Any) -> None:
    assert define(caller, PLAN, ACCOUNT).status == 200
    item = caller.new_feedback(customMetadata=metadata)
    assert item["customMetadata"] == metadata
    for answer in (caller.get(f"/feedback/{item['id']}"), caller.get(f"/feedback/number/{item['ticketNumber']}")):
        assert answer.data["customMetadata"] == metadata
    assert caller.get("/feedback").data[0]["customMetadata"] == metadata


def test_pairs_at_the_top_are_checked_by_nobody_fields_are(caller: Tenant, database: Database) -> None:
    define(caller, PLAN)
    free = {"cf_plan_abc12": "Gold", "df_email": "nobody", "cf_unknown": [1]}
    assert caller.new_feedback(customMetadata=free)["customMetadata"] == free
    with unchanged(database, caller):
        for name, value in free.items():
            body = {"projectId": caller.project_id, "message": "x", "customMetadata": {"customFields": {name: value}}}
            where = f"customMetadata.customFields.{name}"
            check_problem(caller.post("/feedback", body), "bad_request", field=where)


def test_fields_belong_to_their_project(caller: Tenant, database: Database) -> None:
    define(caller, PLAN)
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    fields = {"customFields": {"cf_plan_abc12": "Free"}}
    assert caller.new_feedback(customMetadata=fields)["customMetadata"] == fields
    with unchanged(database, caller):
        answer = caller.post("/feedback", {"projectId": other, "message": "x", "customMetadata": fields})
        check_problem(answer, "bad_request", field="customMetadata.customFields.cf_plan_abc12")


def test_a_project_says_which_fields_it_has(caller: Tenant) -> None:
    define(caller, PLAN, {"type": "text", "label": "Account"})
    found = caller.get(f"/projects/{caller.project_id}").data["customFieldDefinitions"]
    assert [(field["label"], field["type"]) for field in found] == [("Plan", "select"), ("Account", "text")]
    assert found[0]["id"] == "cf_plan_abc12"
    values = {found[0]["id"]: "Free", found[1]["id"]: "acc_99887"}
    item = caller.new_feedback(customMetadata={"customFields": values})
    assert item["customMetadata"]["customFields"] == values


@pytest.mark.parametrize("plan", ["free", "starter", "growth", "pro", "pro_max"])
def test_every_plan_takes_default_fields_and_values_of_fields_that_exist(
    caller: Tenant, database: Database, plan: str
) -> None:
    """Plans without the API have them through forms, which come in by the same door."""
    define(caller, PLAN)
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, plan=plan))

    def submit(**fields: str) -> str:
        new = NewFeedback(
            workspace_id=caller.workspace_id,
            project_id=caller.project_id,
            message="x",
            custom_metadata={"customFields": fields},
        )
        return database.write(lambda tx: submit_feedback(tx, act_as(tx, caller.email), new, source="widget"))

    defaults = {
        "df_name": "Alice",
        "df_email": "alice@example.com",
        "df_phone": "+12025550175",
        "df_company": "Acme Inc",
    }
    submit(**defaults, cf_plan_abc12="Enterprise")
    with unchanged(database, caller), pytest.raises(BadRequest):
        submit(cf_plan_abc12="Gold")
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, plan="pro"))
    (item,) = caller.get("/feedback").data
    assert item["customMetadata"]["customFields"] == {**defaults, "cf_plan_abc12": "Enterprise"}


@pytest.mark.parametrize(
    ("plan", "allowed"), [("free", False), ("starter", False), ("growth", False), ("pro", True), ("pro_max", True)]
)
def test_only_the_larger_plans_may_make_fields(caller: Tenant, database: Database, plan: str, allowed: bool) -> None:
    define(caller, PLAN)
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, plan=plan))

    def save(*fields: Any) -> None:
        named = {"workspaceId": caller.workspace_id, "customFieldDefinitions": fields}
        change = msgspec.convert(named, ProjectChange)
        database.write(lambda tx: change_project(tx, act_as(tx, caller.email), caller.project_id, change))

    if allowed:
        save(PLAN, ACCOUNT)
    else:
        for fields in ([PLAN, ACCOUNT], [ACCOUNT]):
            with unchanged(database, caller), pytest.raises(Forbidden, match="custom fields"):
                save(*fields)
    save({**PLAN, "label": "Renamed"})
    save()
