"""The reference page says everything that its document says, and can be read by everybody."""

import re
from importlib.resources import files
from typing import Any

import pytest

from tests.ui.documents import enlarged, feedback_api
from tests.ui.pages import Page, field, text
from userhero.ui import Content, interface_assets, render_reference

BASE_URL = "https://feedback.example.com"
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> \"'>&{{ 7 * 7 }} [x](javascript:alert(1))"


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_reference(feedback_api(), base_url=BASE_URL, document_url="/api/v1/openapi.json"))


def document_with(operation: dict[str, Any], **components: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small"},
        "paths": {"/things": {"post": {"operationId": "makeThing", **operation}}},
        "components": components,
    }


def body_page(schema: dict[str, Any], **schemas: Any) -> Page:
    body = {"content": {"application/json": {"schema": schema}}}
    return Page(render_reference(document_with({"requestBody": body}, schemas=schemas), base_url=BASE_URL))


def operations_of(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (method.upper(), path, operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_every_operation_stands_under_its_own_anchor_and_in_the_contents(page: Page) -> None:
    linked = [link.get("href") for link in page.by_id("contents").iter("a")]
    shown = operations_of(feedback_api())
    assert len(shown) == 10
    for method, path, name in shown:
        anchor = re.sub(r"([a-z])([A-Z])", r"\1-\2", name).lower()
        endpoint = page.by_id(anchor).find(".//p[@class='endpoint']")
        assert endpoint is not None
        assert text(endpoint) == f"{method} {path}"
        assert f"#{anchor}" in linked


def test_every_link_inside_the_page_leads_somewhere_and_no_id_is_given_twice(page: Page) -> None:
    ids = page.ids
    assert len(ids) == len(set(ids))
    targets = [link.attrib["href"] for link in page.all("a")]
    assert len(targets) > 50
    assert [t for t in targets if t.startswith("#") and t[1:] not in ids] == []
    assert {t for t in targets if not t.startswith("#")} == {"/", "/api/v1/openapi.json"}


def test_labels_and_descriptions_point_at_what_they_label(page: Page) -> None:
    referenced = [label.attrib["for"] for label in page.all("label")]
    referenced += [button.attrib["popovertarget"] for button in page.all("button") if "popovertarget" in button.attrib]
    assert len(referenced) > 20
    assert set(referenced) <= set(page.ids)


@pytest.mark.case("HTML-10")
def test_the_page_obeys_a_policy_without_inline_code(page: Page) -> None:
    assert list(page.all("style")) == []
    assert [s for s in page.all("script") if "src" not in s.attrib or text(s)] == []
    assert [e.tag for e in page.all() if any(name == "style" or name.startswith("on") for name in e.attrib)] == []
    loaded = [e.get("src") or e.get("href") for e in page.all() if e.tag in ("script", "img", "link")]
    assert all(address.startswith("/static/") for address in loaded if address)


def test_the_introduction_becomes_linked_sections(page: Page) -> None:
    overview = [text(link) for link in page.by_id("contents").iter("a")][:6]
    assert overview == ["Introduction", "Authentication", "Errors", "Rate limit", "Idempotency", "Pagination"]
    introduction = page.by_id("introduction")
    assert text(page.by_id("rate-limit")) == "Rate limit"
    assert "https://feedback.example.com/api/v1" in text(introduction)
    assert [text(cell) for cell in introduction.iter("td")][:3] == ["unauthorized", "401", "Missing or invalid API key"]


def test_an_operation_says_scope_parameters_limits_and_errors(page: Page) -> None:
    operation = page.by_id("list-feedback")
    assert "Scope feedback:read" in text(operation)
    assert text(field(operation, "workspaceId")) == "workspaceId string required The workspace it belongs to."
    assert text(field(operation, "pageSize")) == "pageSize integer Results per page. 1 to 100 default 20"
    assert text(field(operation, "priority")) == "priority string high low medium urgent"
    assert [text(cell) for cell in operation.iter("td")] == [
        *("400", "bad_request", "A parameter or field breaks a rule; details names it."),
        *("401", "unauthorized", "The key is missing or not valid."),
    ]


def test_an_answer_links_to_the_object_it_holds(page: Page) -> None:
    data = field(page.by_id("list-feedback"), "data")
    assert text(data).startswith("data array of Feedback")
    link = data.find(".//a")
    assert link is not None
    assert link.get("href") == "#feedback-object"
    item = page.by_id("feedback-object")
    assert text(field(item, "ticketNumber")).startswith("ticketNumber integer or null Human-facing number")
    assert text(field(item, "watcherIds")).startswith("watcherIds array of string")
    assert "required" not in text(field(item, "id"))


def test_what_only_one_answer_holds_is_explained_in_place(page: Page) -> None:
    definitions = field(page.by_id("project-object"), "customFieldDefinitions")
    details = definitions.find(".//details")
    assert details is not None
    summary = details.find("summary")
    assert summary is not None
    assert text(summary) == "FieldDefinition 6 fields"
    assert text(field(details, "validation")).startswith("validation Validation or null What a custom field's value")


def test_an_object_that_holds_itself_ends(page: Page) -> None:
    rules = field(page.by_id("create-macro"), "rules")
    assert text(rules).startswith("rules array of (Rule or Conditions) required Rule 3 fields")
    assert len(list(rules.iter("details"))) == 1


def test_hostile_text_stays_text_everywhere() -> None:
    schema = {
        "title": HOSTILE,
        "description": HOSTILE,
        "properties": {
            HOSTILE: {"description": HOSTILE, "enum": [HOSTILE], "default": HOSTILE, "pattern": HOSTILE},
            "inner": {"title": HOSTILE, "type": "object", "properties": {HOSTILE: {"format": HOSTILE}}},
        },
    }
    content = {"application/json": {"schema": schema, "examples": {HOSTILE: {"value": HOSTILE}, "b": {"value": 1}}}}
    document = document_with(
        {
            "summary": HOSTILE,
            "description": HOSTILE,
            "tags": [HOSTILE],
            "security": [{"key": [HOSTILE]}],
            "parameters": [{"name": HOSTILE, "in": "query", "required": True, "description": HOSTILE}],
            "requestBody": {"content": content},
            "responses": {
                "200": {"description": HOSTILE, "content": content},
                "400": {"description": HOSTILE, "content": {"application/json": {"example": {"code": HOSTILE}}}},
            },
        },
        securitySchemes={"key": {"type": "http", "scheme": "bearer", "x-example": HOSTILE}},
    )
    document["info"] = {"title": HOSTILE, "version": HOSTILE, "description": f"# {HOSTILE}\n\n{HOSTILE}"}
    document["tags"] = [{"name": HOSTILE, "description": HOSTILE}]
    page = Page(render_reference(document, base_url=BASE_URL))
    assert all("src" in script.attrib and not text(script) for script in page.all("script"))
    assert {image.attrib["src"] for image in page.all("img")} == {interface_assets().url("icon.svg")}
    assert [name for e in page.all() for name in e.attrib if name.startswith("on")] == []
    assert not any("javascript:" in link.attrib["href"] for link in page.all("a"))
    assert "49" not in text(page.root)
    assert page.html.count("&lt;script&gt;") > 10


def test_types_are_said_in_words() -> None:
    page = body_page(
        {
            "type": "object",
            "properties": {
                "either": {"type": ["string", "null"]},
                "many": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
                "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                "only": {"const": 3},
                "mixed": {"enum": ["a", 1, None]},
                "anything": {},
                "file": {"type": "string", "format": "binary"},
                "joined": {"allOf": [{"$ref": "#/components/schemas/Part"}, {"properties": {"own": {}}}]},
            },
        },
        Part={"type": "object", "properties": {"given": {"type": "boolean"}}},
    )
    operation = page.by_id("make-thing")
    expected = {
        "either": "string or null",
        "many": "array of (integer or null)",
        "map": "object of array of string",
        "only": "integer 3",
        "mixed": "integer or null or string a 1",
        "anything": "any",
        "file": "file",
    }
    for name, words in expected.items():
        assert text(field(operation, name)) == f"{name} {words}"
    assert text(field(operation, "given")) == "given boolean"
    assert text(field(operation, "own")) == "own any"


def test_an_object_that_asks_for_one_of_its_properties_shows_them_all() -> None:
    either = [{"required": ["ids"]}, {"required": ["all"], "properties": {"all": {"const": True}}}]
    page = body_page(
        {
            "type": "object",
            "properties": {"ids": {"type": "array"}, "all": {"type": "boolean"}},
            "oneOf": either,
        }
    )
    operation = page.by_id("make-thing")
    assert text(field(operation, "ids")) == "ids array"
    assert text(field(operation, "all")) == "all boolean"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "minLength": 1}, "at least 1 character"),
        ({"type": "string", "maxLength": 5000}, "at most 5,000 characters"),
        ({"type": "string", "minLength": 8, "maxLength": 8}, "exactly 8 characters"),
        ({"type": "array", "minItems": 0, "maxItems": 1, "uniqueItems": True}, "at most 1 item no duplicates"),
        ({"type": "object", "minProperties": 2}, "at least 2 properties"),
        ({"type": "integer", "minimum": 0}, "at least 0"),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10}, "more than 0 less than 10"),
        ({"type": "integer", "multipleOf": 5}, "a multiple of 5"),
        ({"type": "string", "format": "date-time", "pattern": "Z$"}, "date-time matches Z$"),
        ({"type": "array", "items": {"type": "string", "maxLength": 50}}, "each at most 50 characters"),
        ({"anyOf": [{"type": "number", "minimum": 0, "maximum": 10}, {"type": "null"}]}, "0 to 10"),
        ({"type": "boolean", "default": False}, "default false"),
    ],
)
def test_limits_are_said_in_words(schema: dict[str, Any], words: str) -> None:
    page = body_page({"type": "object", "properties": {"it": schema}})
    limits = field(page.by_id("make-thing"), "it").find(".//p[@class='limits']")
    assert limits is not None
    assert text(limits) == words


@pytest.mark.parametrize("default", [None, [], {}, ""])
def test_a_default_that_says_nothing_is_not_shown(default: object) -> None:
    page = body_page({"type": "object", "properties": {"it": {"type": "string", "default": default}}})
    assert text(field(page.by_id("make-thing"), "it")) == "it string"


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ("#/components/schemas/Missing", "named but not there"),
        ("other.json#/Thing", "not a place in this document"),
        ("#/components/schemas/Circle", "refers to itself"),
        ("#/info/title", "is not an object"),
    ],
)
def test_a_reference_that_leads_nowhere_stops_the_rendering(reference: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        body_page({"$ref": reference}, Circle={"$ref": "#/components/schemas/Circle"})


def test_anchors_stay_unique_when_names_repeat() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "description": "# Objects\n\n# Things"},
        "paths": {"/a": {"get": {"tags": ["Things"], "operationId": "things"}, "put": {"tags": ["Things"]}}},
    }
    page = Page(render_reference(document, base_url=BASE_URL))
    assert len(page.ids) == len(set(page.ids))
    assert {"things", "things-2", "things-3", "objects-2", "put-a"} <= set(page.ids)


def test_a_document_without_operations_says_so() -> None:
    page = Page(render_reference({"openapi": "3.1.0", "info": {"title": "Bare"}}, base_url=BASE_URL))
    assert "No operations yet" in text(page.by_id("main"))


def test_a_large_reference_stays_light() -> None:
    html = render_reference(enlarged(feedback_api(), 80), base_url=BASE_URL)
    static = [Content.of(file.read_bytes(), "") for file in (files("userhero.ui") / "static").iterdir()]
    assert len(static) >= 6
    whole = [Content.of(html, "text/html"), *static]
    assert sum(len(part.gzipped) for part in whole) < 60 * 1024
