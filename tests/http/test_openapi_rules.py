"""What the document says of requests is what the server holds them to: it allows what is done, and forbids the rest."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.described import found_in, operation_of, validator
from tests.support.operations import CALLS, ROUTES, send
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import API, Tenants
from userhero.kernel.db import Database

TWENTY = [f"tag {number}" for number in range(20)]
# By operation: values of its body, good ones and bad ones.
ENFORCED: list[tuple[str, str, list[Any], list[Any]]] = [
    ("create_item", "message", ["a", " a ", "a" * 5000], ["", " \t\x1c", "a" * 5001, 1, None]),
    ("create_item", "tags", [[], TWENTY, ["a" * 50], None], [[*TWENTY, "one more"], [""], [" "], ["a" * 51]]),
    ("create_item", "rating", [0, 10, 7.5, None], [-0.1, 10.1, "7"]),
    ("create_item", "category", ["a" * 64, None], ["a" * 65]),
    ("create_item", "userEmail", ["jane@example.com", None], ["jane", "jane@", "@example.com", "a b@example.com"]),
    (
        "create_item",
        "screenshotUrl",
        ["http://a/b", f"https://a/{'b' * 2038}"],
        ["ftp://a/b", "a/b", "https://a b", ""],
    ),
    ("create_item", "screenshotUrl", ["https://a.example"], [f"https://a/{'b' * 2039}"]),
    ("create_item", "priority", ["low", None], ["Low", ""]),
    ("create_item", "context", [{}, {"any": ["thing"]}, None], [[], "text"]),
    ("create_item", "customMetadata", [{"customFields": None}], [{"customFields": []}, {"customFields": {"plan": 1}}]),
    (
        "create_item",
        "customMetadata",
        [{"customFields": {"df_name": "Jo"}}],
        [{"customFields": {"df_name": "a" * 201}}],
    ),
    ("update_item", "status", ["new", "resolved"], ["", "New", "a b", "-a", "a" * 65, None]),
    ("update_item", "dueDate", ["2026-05-30T10:00:00Z", "2026-05-30T10:00:00.5+02:00", None], ["soon", "", 1]),
    ("update_item", "watcherIds", [[]], [["user"] * 101, "user", None]),
    ("create_comment", "message", ["a", "a" * 2000], ["a" * 2001, 1]),
    ("create_note", "content", ["a" * 5000], ["a" * 5001]),
    ("create_customer", "name", ["a" * 200, "", None], ["a" * 201]),
    ("create_customer", "primaryPhone", ["+1 (415) 555-2671", "112", None], ["12", "1" * 21, "call me", "+", "1+23"]),
    ("create_customer", "emails", [[], None], [["jane"], [f"{number}@example.com" for number in range(51)]]),
    ("update_customer", "timezone", ["Europe/Berlin", "UTC", "Etc/GMT+1", None], ["", "a b", "../etc/passwd"]),
    (
        "update_customer",
        "language",
        ["en", "pt-BR", "zh-Hant-TW", "de-1996", None],
        ["", "e", "en_US", "en-", "english-"],
    ),
    ("update_customer", "socialHandles", [[]], [[{"platform": "", "handle": "a"}], [{"platform": "a"}]]),
    ("create_project", "name", ["a" * 200], ["", "  ", "a" * 201]),
    ("create_project", "type", ["web", "ios"], ["Web", "desktop"]),
    ("update_project", "reopenWindowDays", [1, 90], [0, 91, 1.5, "1"]),
    ("update_project", "disabledDefaultFields", [["df_name"], []], [["name"], ["df_name"] * 5]),
    ("update_project", "publicPortal", [{"slug": "a-1"}, None], [{"slug": "A"}, {"slug": "-a"}, {"slug": "a" * 65}]),
    ("update_project", "publicPortal", [{"branding": {"textColor": "#aBc012"}}], [{"branding": {"textColor": "#abc"}}]),
    ("update_project", "statuses", [[{"label": "a", "id": "a_1"}]], [[{"label": " "}], [{"label": "a", "id": "A"}]]),
    ("update_project", "slaRules", [[{"priority": "low", "hours": 0}]], [[{"priority": "low", "hours": 8761}]]),
    ("create_widget", "config", [{"type": "modal", "any": 1}, {"type": None}, None], [{"type": "popup"}, []]),
    ("create_widget", "styling", [{"primaryColor": "#6366f1"}, {"primaryColor": None}], [{"primaryColor": "red"}]),
    ("create_automation", "conditions", [{}, None], [{"rules": [{}]}, {"rules": [{"field": "age"}]}, {"any": []}]),
    (
        "create_automation",
        "conditions",
        [{"rules": [{"rules": [{"rules": []}]}]}, {"rules": [{"field": "metadata.a.b", "operator": "is_set"}]}],
        [{"rules": [{"field": "metadata.", "operator": "is_set"}]}, {"rules": [{"rules": {}}]}],
    ),
    ("create_automation", "actions", [], [[], [{"type": "add_tag", "params": {"tag": " "}}], [{"type": "shout"}]]),
    ("create_automation", "schedule", [None], [{"every": 1, "unit": "hours"}]),
    ("create_webhook", "name", ["a"], ["", " ", "a" * 201]),
]
# A custom field of each kind, and what it must not say.
_FIELDS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"type": "text", "validation": {"maxLength": 5}}, [{"options": ["a", "b"]}, {"validation": {"max": 1}}]),
    ({"type": "number", "validation": {"min": 1}}, [{"options": ["a", "b"]}, {"validation": {"minLength": 1}}]),
    (
        {"type": "checkbox"},
        [{"id": "plan"}, {"label": "\n"}, {"optionsByParent": {"parentFieldId": "cf_a", "map": {}}}],
    ),
    ({"type": "select", "options": ["a", "b"]}, [{"options": ["a"]}, {"options": ["a", "a"]}, {"options": None}]),
]
ENFORCED += [
    (
        "update_project",
        "customFieldDefinitions",
        [[{"label": "a", **field}]],
        [[{"label": "a", **field, **each}] for each in wrong],
    )
    for field, wrong in _FIELDS
]


@pytest.fixture(scope="module")
def document(client: Client) -> Any:
    return client.request("GET", f"{API}/openapi.json").json()


@pytest.mark.parametrize(("name", "field", "good", "bad"), ENFORCED)
def test_it_says_what_is_enforced(
    tenant: Tenants, database: Database, document: Any, name: str, field: str, good: list[Any], bad: list[Any]
) -> None:
    route = ROUTES[name]
    described = operation_of(document, name)["requestBody"]["content"]["application/json"]["schema"]
    schema = validator(document, described)
    for value in good:
        caller = tenant()
        request = CALLS[name](caller).having("body", field, value)
        assert schema.is_valid(request.body), f"the document forbids {value!r}"
        answer = send(caller, route, request)
        assert answer.status == route.status, f"{value!r}: {answer}"
    caller = tenant()
    for value in bad:
        request = CALLS[name](caller).having("body", field, value)
        assert not schema.is_valid(request.body), f"the document allows {value!r}"
        with unchanged(database, caller):
            check_problem(send(caller, route, request), "bad_request", echoes=True)


@pytest.mark.parametrize("name", sorted(CALLS.keys() & ROUTES.keys()))
def test_the_workspace_may_be_left_out_where_it_says_so(tenant: Tenants, document: Any, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    operation, call = operation_of(document, name), CALLS[name](caller)
    required = [each["name"] for each in operation["parameters"] if each.get("in") == "query" and each.get("required")]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        required += (found_in(document, schema["$ref"]) if "$ref" in schema else schema)["required"]
    without = replace(call, query=_anywhere(call.query), body=None if call.body is None else _anywhere(call.body))
    answer = send(caller, route, without)
    if "workspaceId" in required:
        check_problem(answer, "bad_request", field="workspaceId")
    else:
        assert answer.status == route.status, answer


def _anywhere(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "workspaceId"}
