"""What the document says of requests is what the server holds them to: it allows what is done, and forbids the rest."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import msgspec.inspect
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
    ("update_project", "statuses", [], [[{"label": "a", "id": "a\n"}], [{"label": "a", "color": "#abc012\n"}]]),
    ("update_project", "publicPortal", [], [{"slug": "a\n"}, {"branding": {"textColor": "#abc012\n"}}]),
    ("update_project", "customFieldDefinitions", [], [[{"id": "cf_a\n", "label": "a", "type": "text"}]]),
    (
        "update_project",
        "embeddedPortal",
        [{"allowedOrigins": ["https://a.example", "https://a:1"]}],
        [{"allowedOrigins": [f"https://a{tail}"]} for tail in ("/", "\n", " ", "\x1c", "\ufeff")],
    ),
    (
        "update_project",
        "slaCalendar",
        [{"timeZone": "UTC", "days": {"mon": [["09:00", "24:00"]]}}],
        [{"timeZone": "UTC", "days": {"mon": [["09:00", end]]}} for end in ("17:00\n", "17:0\u0660", "24:01", "9:00")],
    ),
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
    ("set_notification_preferences", "kinds", [{}, {"status_changed": {"email": "off"}}], [{"any": {}}, []]),
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


def test_removals_that_something_may_stand_against_say_so(document: Any) -> None:
    removals = [name for name, route in ROUTES.items() if route.method == "DELETE"]
    assert [name for name in removals if "409" in operation_of(document, name)["responses"]] == ["delete_integration"]


def test_a_wrong_key_is_pinned_to_the_object_that_holds_it(tenant: Tenants) -> None:
    caller = tenant()
    call = CALLS["set_notification_preferences"](caller).having("body", "kinds", {"any": {}})
    error = check_problem(send(caller, ROUTES["set_notification_preferences"], call), "bad_request", field="kinds")
    assert error["message"] == "kinds: must be one of the values in the reference, not 'any'"


def test_a_pattern_means_the_same_to_everybody() -> None:
    """Python's ``$`` also stands before a last line break, and its ``\\d`` and ``\\w`` know more than ASCII."""
    enforced = {pattern for route in ROUTES.values() if route.body for pattern in _patterns(route.body)}
    assert len(enforced) > 5
    assert [pattern for pattern in enforced if not pattern.endswith(r"\Z") or re.search(r"\$|\\[dw]", pattern)] == []


def _patterns(shape: Any) -> Iterator[str]:
    """The patterns that the reader holds texts to, in a type and below."""
    seen, ahead = set(), [msgspec.inspect.type_info(shape)]
    while ahead:
        kind: Any = ahead.pop()
        if isinstance(kind, msgspec.inspect.StrType) and kind.pattern:
            yield kind.pattern
        if isinstance(kind, msgspec.inspect.StructType):
            ahead += [] if kind.cls in seen else [field.type for field in kind.fields]
            seen.add(kind.cls)
        ahead += [getattr(kind, name) for name in ("type", "item_type", "value_type") if hasattr(kind, name)]
        ahead += [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]


@pytest.mark.parametrize("name", sorted(CALLS.keys() & ROUTES.keys()))
def test_the_workspace_may_be_left_out_where_it_says_so(tenant: Tenants, document: Any, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    operation, call = operation_of(document, name), CALLS[name](caller)
    places = [
        {each["name"]: each.get("required", False) for each in operation["parameters"] if each.get("in") == "query"}
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = found_in(document, content["schema"]["$ref"]) if "$ref" in content["schema"] else content["schema"]
        places.append({name: name in schema["required"] for name in schema["properties"]})
    without = replace(call, query=_anywhere(call.query), body=None if call.body is None else _anywhere(call.body))
    answer = send(caller, route, without)
    needed = [place["workspaceId"] for place in places if "workspaceId" in place]
    if any(needed):
        check_problem(answer, "bad_request", field="workspaceId")
    elif answer.status != route.status:
        assert len(needed) == 2, answer  # no schema can say that it has to stand in one of two places
        check_problem(answer, "bad_request", field="workspaceId")


def _anywhere(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "workspaceId"}
