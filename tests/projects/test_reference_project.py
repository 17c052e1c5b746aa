"""The project as the reference draws it: every field, what makes one, what a change changes."""

from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

# As the reference has them.
REFERENCE = {
    "id": "string",
    "workspaceId": "string",
    "name": "string",
    "type": "string",
    "domain": "string?",
    "bundleId": "string?",
    "packageName": "string?",
    "publicKey": "string",
    "privacySettings": "object",
    "publicPortal": "object?",
    "customFieldDefinitions": "objects",
    "disabledDefaultFields": "strings",
    "createdAt": "time",
    "updatedAt": "time",
}
# What was added to it.
PROJECT = REFERENCE | {
    "embeddedPortal": "object?",
    "statuses": "objects",
    "slaRules": "objects",
    "slaCalendar": "object?",
    "slaWarningMinutes": "integer",
    "customerCommentsEnabled": "boolean",
    "reopenWindowDays": "integer",
}
PRIVACY = {
    "pageUrl": "string",
    "referrer": "boolean",
    "browserAndOs": "boolean",
    "deviceAndViewport": "boolean",
    "timezoneAndLocale": "boolean",
    "location": "string",
    "customMetadata": "boolean",
    "ip": "string",
}
PORTAL = {"enabled": "boolean", "slug": "string?", "requireModeration": "boolean", "branding": "object"}
BRANDING = {
    "logoUrl": "string?",
    "primaryColor": "string",
    "backgroundColor": "string",
    "textColor": "string",
    "welcomeMessage": "string?",
    "showBadge": "boolean",
}
STATUS = {
    "id": "string",
    "label": "string",
    "color": "string",
    "category": "string",
    "visibleToCustomers": "boolean",
}
# Everything that a change may set, but for statuses; it reads the same afterwards.
FILLED: dict[str, Any] = {
    "name": "Updated Name",
    "domain": "new.example.com",
    "bundleId": "com.example.new",
    "packageName": "com.example.android",
    "privacySettings": {
        "pageUrl": "path",
        "referrer": False,
        "browserAndOs": False,
        "deviceAndViewport": False,
        "timezoneAndLocale": False,
        "location": "off",
        "customMetadata": False,
        "ip": "none",
    },
    "publicPortal": {
        "enabled": True,
        "slug": "set by the test",
        "requireModeration": False,
        "branding": {
            "logoUrl": "https://example.com/logo.png",
            "primaryColor": "#123456",
            "backgroundColor": "#abcdef",
            "textColor": "#000000",
            "welcomeMessage": "Tell us",
            "showBadge": False,
        },
    },
    "embeddedPortal": {
        "enabled": True,
        "allowedOrigins": ["https://app.example.com"],
        "defaultLocale": "es",
        "theme": "dark",
        "showMetricCards": False,
    },
    "customFieldDefinitions": [
        {"id": "cf_plan_abc12", "type": "select", "label": "Plan", "required": True, "options": ["Free", "Pro"]},
        {
            "id": "cf_seats",
            "type": "number",
            "label": "Seats",
            "required": False,
            "validation": {"min": 0, "max": 10.5},
            "visibilityCondition": {"fieldId": "cf_plan_abc12", "value": "Pro"},
        },
        {
            "id": "cf_module",
            "type": "select",
            "label": "Module",
            "required": False,
            "placeholder": "Which one?",
            "options": ["Basic", "Reports"],
            "isDefault": True,
            "optionsByParent": {"parentFieldId": "cf_plan_abc12", "map": {"Free": ["Basic"], "Pro": ["Reports"]}},
        },
        {
            "id": "cf_notes_001",
            "type": "textarea",
            "label": "Notes",
            "required": False,
            "validation": {"minLength": 1, "maxLength": 500},
            "isDefault": False,
        },
    ],
    "disabledDefaultFields": ["df_phone", "df_company"],
    "slaRules": [{"priority": "urgent", "hours": 4}, {"priority": "high", "hours": 24, "firstResponseHours": 2}],
    "slaCalendar": {
        "timeZone": "Europe/Berlin",
        "days": {day: [["09:00", "12:00"], ["13:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        | {"sat": [], "sun": []},
        "holidays": ["2026-12-25", "2026-12-26"],
    },
    "slaWarningMinutes": 30,
    "customerCommentsEnabled": False,
    "reopenWindowDays": 30,
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def filled(caller: Tenant) -> dict[str, Any]:
    """A change with everything; a slug is taken once on a server."""
    portal = FILLED["publicPortal"] | {"slug": f"slug-{caller.project_id[-12:]}"}
    return FILLED | {"publicPortal": portal}


def everywhere(caller: Tenant, project: Any) -> Any:
    """The project as both reads show it, which is the same."""
    single = caller.get(f"/projects/{project['id']}").data
    (listed,) = [each for each in caller.get("/projects").data if each["id"] == project["id"]]
    assert single == listed
    return single


def test_a_project_with_nothing_but_a_name(caller: Tenant, clock: Clock) -> None:
    answer = caller.post("/projects", {"name": "New"})
    assert (answer.status, answer.json().keys()) == (201, {"data"})
    project = answer.data
    check_fields(project, PROJECT)
    check_fields(project["privacySettings"], PRIVACY)
    for status in project["statuses"]:
        check_fields(status, STATUS)
    own = ("id", "publicKey", "privacySettings", "statuses")
    assert {name: value for name, value in project.items() if name not in own} == {
        "workspaceId": caller.workspace_id,
        "name": "New",
        "type": "web",
        "domain": None,
        "bundleId": None,
        "packageName": None,
        "publicPortal": None,
        "embeddedPortal": None,
        "customFieldDefinitions": [],
        "disabledDefaultFields": [],
        "slaRules": [],
        "slaCalendar": None,
        "slaWarningMinutes": 60,
        "customerCommentsEnabled": True,
        "reopenWindowDays": 14,
        "createdAt": clock.now(),
        "updatedAt": clock.now(),
    }
    assert everywhere(caller, project) == project


def test_a_project_with_everything(caller: Tenant, clock: Clock) -> None:
    sent = {"name": " My App ", "domain": "app.example.com", "type": "ios", "bundleId": "a.b", "packageName": "c.d"}
    project = caller.post("/projects", sent).data
    assert {name: project[name] for name in sent} == sent | {"name": "My App"}
    clock.advance(60)
    change = filled(caller)
    answer = caller.patch(f"/projects/{project['id']}", change)
    assert (answer.status, answer.json().keys()) == (200, {"data"})
    after = answer.data
    check_fields(after, PROJECT, filled=True)
    check_fields(after["privacySettings"], PRIVACY)
    check_fields(after["publicPortal"], PORTAL, filled=True)
    check_fields(after["publicPortal"]["branding"], BRANDING, filled=True)
    assert {name: after[name] for name in change} == change
    assert (after["createdAt"], after["updatedAt"]) == (project["createdAt"], clock.now())
    untouched = ("id", "workspaceId", "type", "publicKey", "statuses")
    assert {name: after[name] for name in untouched} == {name: project[name] for name in untouched}
    assert everywhere(caller, project) == after


@pytest.mark.parametrize("name", FILLED)
def test_a_change_of_one_thing_leaves_the_others(caller: Tenant, name: str) -> None:
    path = f"/projects/{caller.project_id}"
    before = caller.get(path).data
    change = {name: filled(caller)[name]}
    after = caller.patch(path, change).data
    assert after == before | change | {"updatedAt": after["updatedAt"]}
    assert caller.get(path).data == after


@pytest.mark.parametrize("name", ["domain", "bundleId", "packageName", "publicPortal", "embeddedPortal"])
def test_null_clears_what_may_be_null(caller: Tenant, name: str) -> None:
    path = f"/projects/{caller.project_id}"
    caller.patch(path, {name: filled(caller)[name]})
    assert caller.patch(path, {name: None}).data[name] is None


@pytest.mark.parametrize("name", [name for name in FILLED if not PROJECT[name].endswith("?")])
def test_what_is_never_null_can_not_be_cleared(caller: Tenant, database: Database, name: str) -> None:
    with unchanged(database, caller):
        answer = caller.patch(f"/projects/{caller.project_id}", {name: None})
        check_problem(answer, "bad_request", field=name)


@pytest.mark.parametrize("kind", ["web", "ios", "android"])
def test_each_type(caller: Tenant, kind: str) -> None:
    project = caller.post("/projects", {"name": "App", "type": kind}).data
    assert everywhere(caller, project)["type"] == kind


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"name": "x", "type": "windows"}, "type"),
        ({"name": "x", "domain": 5}, "domain"),
        ({"name": "x", "domain": "d" * 254}, "domain"),
        ({"name": "x", "bundleId": "b" * 156}, "bundleId"),
        ({"name": "x", "packageName": "p" * 256}, "packageName"),
        ({"name": "x", "slaRules": []}, "slaRules"),
    ],
)
def test_what_can_not_be_made(caller: Tenant, database: Database, body: dict[str, Any], field: str) -> None:
    with unchanged(database, caller):
        check_problem(caller.post("/projects", body), "bad_request", field=field)


def test_what_may_be_left_out_may_be_null(caller: Tenant) -> None:
    nullable = ("domain", "bundleId", "packageName")
    project = caller.post("/projects", {"name": "x", **dict.fromkeys(nullable)}).data
    assert [project[name] for name in nullable] == [None] * 3


def test_a_new_project_has_one_widget_of_its_own(caller: Tenant) -> None:
    project = caller.post("/projects", {"name": "New"}).data["id"]
    (widget,) = caller.get("/widgets", projectId=project).data
    assert (widget["projectId"], widget["enabled"], widget["config"]) == (project, True, {"type": "modal"})
    assert caller.post("/feedback", {"projectId": project, "message": "x", "widgetId": widget["id"]}).status == 201
