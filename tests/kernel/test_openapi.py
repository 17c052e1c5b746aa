"""The OpenAPI document says of declared routes what they do, and nothing else."""

import json
from typing import Annotated, Any, ClassVar, Generic, Literal, NoReturn, TypeVar

import msgspec
import openapi_spec_validator
import pytest
import schemathesis
from msgspec import UNSET, Meta, UnsetType
from schemathesis.core.result import Ok

from userhero.kernel import errors
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Bare, Deleted, Everything, Json, Page, PageOrOne, Whole
from userhero.kernel.http.inputs import Input, Paging
from userhero.kernel.http.openapi import build
from userhero.kernel.http.routing import Handler, Routes, RouteTable
from userhero.kernel.http.uploads import Prepared, Upload

T = TypeVar("T")
Document = dict[str, Any]


class Step(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A step of a plan, which may hold others."""

    title: str
    is_done: bool = False
    steps: "list[Step]" = []


class NewPlan(Input):
    """A plan
    to make."""

    title: Annotated[str, Meta(min_length=1, max_length=80, description="What it is called.")]
    level: Annotated[Literal["low", "high"], Meta(description="How urgent.", examples=["high"])] | None = None
    owner_id: Annotated[str, Meta(description="Who has it.")] | None | UnsetType = UNSET
    notes: dict[str, Any] | None = None
    hours: Annotated[Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)], Meta(description="How long.")] = 8
    steps: Annotated[list[Step], Meta(max_length=9)] = msgspec.field(default_factory=list)


class Plan(msgspec.Struct, rename="camel"):
    """A plan."""

    id: str
    level: Annotated[Literal["low", "high"] | None, Meta(description="How urgent.")]
    steps: list[Step]
    state: Literal["open", "closed"] = "open"
    archived_at: str | UnsetType = UNSET


class Mail(msgspec.Struct, tag_field="kind", tag="mail"):
    """Tell somebody by mail."""

    to: Annotated[str, Meta(description="Whom.", examples=["jane@example.com"])]


class Call(msgspec.Struct, tag_field="kind", tag="call"):
    """Tell somebody on the phone."""

    number: str


class Notice(Input, kw_only=True):
    """Whom to tell of a plan, and how."""

    json_schema: ClassVar[Document] = {
        "if": {"properties": {"urgent": {"const": True}}, "required": ["urgent"]},
        "then": {"required": ["reason"]},
    }

    by: Mail | Call
    urgent: Annotated[bool, Meta(description="Whether at once.", examples=[True])] = False
    reason: Annotated[str, Meta(description="Why.", examples=["It rains"])] | None = None
    notes: Annotated[str, Meta(description="What else.")] | None = None


class Brief(msgspec.Struct, omit_defaults=True):
    """A plan that leaves out what goes without saying."""

    id: str
    state: str = "open"


class Change(msgspec.Struct, Generic[T]):
    """A value before and after."""

    before: T
    after: T


class PlanFields(Input, kw_only=True):
    """What comes with a drawing."""

    plan_id: Annotated[str, Meta(description="What it is of.")] | UnsetType = UNSET


class Drawing(msgspec.Struct):
    """A drawing."""

    url: str


class PlanList(Paging, kw_only=True):
    """Which plans to list."""

    workspace_id: Annotated[str, Meta(description="The workspace.")]
    level: Annotated[Literal["low", "high"], Meta(description="How urgent.")] | None = None
    done: Annotated[bool, Meta(description="Whether done.")] | UnsetType = UNSET
    field: Annotated[dict[str, str], Meta(description="`field.<id>=value`: plans whose field has it.")] = msgspec.field(
        default_factory=dict
    )


EXAMPLE = {"workspaceId": "ws_1", "title": "Move house"}
Number = Annotated[str, Meta(pattern="^[0-9]+$", description="Its number.")]


def refuse(*_: object) -> NoReturn:
    raise NotImplementedError


ACCEPTED = Upload(most=5_000, limit=refuse, prepare=refuse)


def routes() -> Routes:
    declared = Routes("Plans")

    @declared.get("/plans", scope="projects:read")
    def list_plans(tx: Transaction, actor: Actor, query: PlanList) -> Page[Plan]:
        """List plans.

        Newest first.
        """
        raise NotImplementedError

    @declared.post("/plans", scope="projects:write", example=EXAMPLE)
    def create_plan(tx: Transaction, actor: Actor, body: NewPlan) -> Json[Plan]:
        """Create a plan."""
        raise NotImplementedError

    @declared.get("/plans/{plan_id}", scope="projects:read")
    def get_plan(tx: Transaction, actor: Actor, plan_id: str, query: Input) -> Json[Plan]:
        """Get a plan."""
        raise NotImplementedError

    @declared.patch("/plans/{plan_id}", scope="projects:write")
    def change_plan(tx: Transaction, actor: Actor, plan_id: str, body: NewPlan) -> Json[Plan]:
        """Change a plan."""
        raise NotImplementedError

    @declared.delete("/plans/{plan_id}", scope="projects:write")
    def delete_plan(tx: Transaction, actor: Actor, plan_id: str, query: Input) -> Deleted:
        """Delete a plan. Its steps go with it."""
        raise NotImplementedError

    return declared


def other_routes() -> Routes:
    declared = Routes("Others")

    @declared.post("/plans/{plan_id}/close", scope="feedback:delete", status=200)
    def close_plan(tx: Transaction, actor: Actor, plan_id: str) -> Bare[Change[Plan]]:
        """Close a plan."""
        raise NotImplementedError

    @declared.post("/plans/{plan_id}/notice", scope="feedback:write")
    def tell(tx: Transaction, actor: Actor, plan_id: str, body: Notice) -> Json[Plan]:
        """Tell somebody."""
        raise NotImplementedError

    @declared.get("/numbers/{plan_number}", scope="projects:read")
    def find_plan(tx: Transaction, actor: Actor, plan_number: Number) -> Everything[Brief]:
        """Find plans by number."""
        raise NotImplementedError

    @declared.upload("/drawings", scope="feedback:write", accept=ACCEPTED)
    def upload_drawing(
        tx: Transaction, actor: Actor, query: Input, body: PlanFields, upload: Prepared
    ) -> Json[Drawing | Brief]:
        """Upload a drawing."""
        raise NotImplementedError

    @declared.get("/owners", scope="customers:read")
    def list_owners(tx: Transaction, actor: Actor, query: Paging) -> PageOrOne[Brief]:
        """List owners, or look one up."""
        raise NotImplementedError

    @declared.delete("/owners/{owner_id}", scope="customers:delete", conflicts=True)
    def delete_owner(tx: Transaction, actor: Actor, owner_id: str, query: Input) -> Deleted:
        """Delete an owner who has no plans."""
        raise NotImplementedError

    @declared.get("/levels", scope="projects:read")
    def list_levels(tx: Transaction, actor: Actor) -> Everything[Brief]:
        """List levels."""
        raise NotImplementedError

    @declared.get("/plans/{plan_id}/steps", scope="projects:read")
    def list_steps(tx: Transaction, actor: Actor, plan_id: str, query: Paging) -> Whole[Step]:
        """List the steps of a plan."""
        raise NotImplementedError

    return declared


def document(*tables: Routes, **options: Any) -> Document:
    given = {"title": "Plans", "version": "1.2.3", "description": "How to plan.\n", "server_url": "/api/v1"}
    return build(RouteTable(list(tables or (routes(), other_routes()))), **{**given, **options})


def operation(method: str, path: str) -> Document:
    return document()["paths"][path][method]  # type: ignore[no-any-return]


def declaring(handler: Handler) -> Routes:
    declared = Routes("Declared")
    declared.get("/declared", scope="projects:read")(handler)
    return declared


def parameters(node: Document) -> dict[str, Document]:
    return {each["name"]: each for each in node["parameters"] if "name" in each}


def referred(node: Document) -> list[str]:
    return [each["$ref"].rpartition("/")[2] for each in node["parameters"] if "$ref" in each]


def content(node: Document, status: str) -> Any:
    return node["responses"][status]["content"]["application/json"]["schema"]


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def test_is_valid_openapi() -> None:
    openapi_spec_validator.validate(document())


def test_schemathesis_reads_every_operation() -> None:
    schema = schemathesis.openapi.from_dict(document())
    assert [found.ok().label for found in schema.get_all_operations() if isinstance(found, Ok)] == [
        "GET /plans",
        "POST /plans",
        "GET /plans/{planId}",
        "PATCH /plans/{planId}",
        "DELETE /plans/{planId}",
        "POST /plans/{planId}/close",
        "POST /plans/{planId}/notice",
        "GET /numbers/{planNumber}",
        "POST /drawings",
        "GET /owners",
        "DELETE /owners/{ownerId}",
        "GET /levels",
        "GET /plans/{planId}/steps",
    ]


def test_same_routes_give_the_same_bytes() -> None:
    assert json.dumps(document()) == json.dumps(document())


def test_tells_whose_document_it_is() -> None:
    found = document()
    assert found["openapi"].startswith("3.1")
    assert found["info"] == {"title": "Plans", "version": "1.2.3", "description": "How to plan."}
    assert found["servers"] == [{"url": "/api/v1"}]


def test_headings_come_in_the_order_asked_for() -> None:
    assert document(tags={"Others": "The rest.", "Nothing": "Not there."})["tags"] == [
        {"name": "Others", "description": "The rest."},
        {"name": "Plans"},
    ]


def test_operation_is_named_and_described() -> None:
    found = operation("get", "/plans")
    assert found["operationId"] == "list_plans"
    assert found["tags"] == ["Plans"]
    assert found["summary"] == "List plans"
    assert found["description"].startswith("Newest first.\n\n")


def test_summary_is_one_sentence() -> None:
    found = operation("delete", "/plans/{planId}")
    assert found["summary"] == "Delete a plan"
    assert found["description"].startswith("Its steps go with it.\n\n")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("get", "/plans", "projects:read"), ("post", "/plans/{planId}/close", "feedback:delete")],
)
def test_scope_is_told_to_people_and_programs(method: str, path: str, scope: str) -> None:
    found = operation(method, path)
    assert found["security"] == [{"apiKey": [scope]}]
    assert found["x-required-scope"] == scope
    assert f"`{scope}`" in found["description"]
    assert document()["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_query_parameters_come_from_the_struct() -> None:
    found = parameters(operation("get", "/plans"))
    assert found["workspaceId"]["required"] is True
    assert "required" not in found["page"]
    assert found["pageSize"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert found["done"] == {
        "name": "done",
        "in": "query",
        "description": "Whether done.",
        "schema": {"type": "boolean"},
    }


def test_query_parameter_is_never_null() -> None:
    level = parameters(operation("get", "/plans"))["level"]
    assert level["schema"] == {"type": "string", "enum": ["high", "low"]}
    assert level["description"] == "How urgent."


def test_family_of_parameters_is_described_in_words() -> None:
    found = operation("get", "/plans")
    assert "field" not in parameters(found)
    assert "`field.<id>=value`: plans whose field has it." in found["description"]


def test_query_that_the_handler_does_not_read_is_left_out() -> None:
    assert list(parameters(operation("post", "/plans"))) == []


def test_path_parameters_are_described() -> None:
    plan_id = parameters(operation("get", "/plans/{planId}"))["planId"]
    assert plan_id["in"] == "path"
    assert plan_id["required"] is True
    assert plan_id["description"] == "Plan ID."
    assert plan_id["schema"] == {"minLength": 1, "type": "string"}


def test_path_parameter_tells_its_own_rules() -> None:
    number = parameters(operation("get", "/numbers/{planNumber}"))["planNumber"]
    assert number["description"] == "Its number."
    assert number["schema"]["pattern"] == "^[0-9]+$"


def test_body_has_schema_and_example() -> None:
    assert operation("post", "/plans")["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": ref("NewPlan"), "example": EXAMPLE}},
    }


def test_form_has_the_file_and_its_fields() -> None:
    body = operation("post", "/drawings")["requestBody"]
    schema = body["content"]["multipart/form-data"]["schema"]
    assert body["required"] is True
    assert schema["required"] == ["file"]
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == ["file", "workspaceId", "planId"]
    assert schema["properties"]["file"]["format"] == "binary"
    assert "5,000 bytes" in schema["properties"]["file"]["description"]
    assert "PlanFields" not in document()["components"]["schemas"]


def test_answer_of_two_kinds() -> None:
    data = content(operation("post", "/drawings"), "201")["properties"]["data"]
    assert data == {"anyOf": [ref("Drawing"), ref("Brief")]}


def test_operation_without_a_body_asks_for_none() -> None:
    assert "requestBody" not in operation("post", "/plans/{planId}/close")


def test_input_schema_refuses_what_the_edge_refuses() -> None:
    schema = document()["components"]["schemas"]["NewPlan"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["title"]
    assert schema["description"] == "A plan\nto make."
    assert schema["properties"]["title"] == {
        "description": "What it is called.",
        "type": "string",
        "minLength": 1,
        "maxLength": 80,
    }
    assert schema["properties"]["steps"]["maxItems"] == 9
    assert "workspaceId" in schema["properties"]


def test_nullable_field_is_described_outside_its_alternatives() -> None:
    properties = document()["components"]["schemas"]["NewPlan"]["properties"]
    assert properties["level"] == {
        "anyOf": [{"type": "string", "enum": ["high", "low"]}, {"type": "null"}],
        "default": None,
        "description": "How urgent.",
        "examples": ["high"],
    }
    assert properties["hours"] == {"description": "How long.", "type": "number", "minimum": 0, "default": 8}
    assert properties["ownerId"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Who has it."}


def test_answer_has_every_field_that_is_always_there() -> None:
    schemas = document()["components"]["schemas"]
    assert schemas["Plan"]["required"] == ["id", "level", "steps", "state"]
    assert "default" not in schemas["Plan"]["properties"]["state"]
    assert schemas["Brief"]["required"] == ["id"]
    assert schemas["Deleted"]["required"] == ["id", "deleted"]


def test_type_that_goes_both_ways_tells_what_may_be_left_out() -> None:
    step = document()["components"]["schemas"]["Step"]
    assert step["required"] == ["title"]
    assert step["properties"]["isDone"] == {"type": "boolean", "default": False}
    assert step["properties"]["steps"]["items"] == ref("Step")


def test_generic_types_have_plain_names() -> None:
    schemas = document()["components"]["schemas"]
    assert all(name.isalnum() for name in schemas)
    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}
    assert "ChangePlan" in schemas


def test_envelopes() -> None:
    def enveloped(data: Document, **more: Document) -> Document:
        properties = {"data": data, **more}
        return {"type": "object", "properties": properties, "required": list(properties)}

    said = {"description": "The entries, in the order asked for."}
    plans = {"type": "array", "items": ref("Plan"), **said}
    assert content(operation("get", "/plans/{planId}"), "200") == enveloped(ref("Plan"))
    assert content(operation("post", "/plans"), "201") == enveloped(ref("Plan"))
    assert content(operation("delete", "/plans/{planId}"), "200") == enveloped(ref("Deleted"))
    assert content(operation("get", "/plans"), "200") == enveloped(plans, pagination=ref("Pagination"))
    assert content(operation("post", "/plans/{planId}/close"), "200") == ref("ChangePlan")
    briefs = {"type": "array", "items": ref("Brief"), **said}
    assert content(operation("get", "/numbers/{planNumber}"), "200") == enveloped(briefs)
    steps = {"type": "array", "items": ref("Step"), **said}
    whole = content(operation("get", "/plans/{planId}/steps"), "200")
    one, several = enveloped(ref("Brief")), enveloped(briefs, pagination=ref("Pagination"))
    assert content(operation("get", "/owners"), "200") == {"oneOf": [several, one]}
    assert whole == {**enveloped(steps, pagination=ref("Pagination")), "required": ["data"]}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/plans", {"200", "400", "401", "403", "404", "429", "500", "503"}),
        ("get", "/owners", {"200", "400", "401", "403", "404", "409", "429", "500", "503"}),
        ("get", "/levels", {"200", "400", "401", "403", "429", "500", "503"}),
        ("get", "/plans/{planId}", {"200", "304", "400", "401", "403", "404", "429", "500", "503"}),
        ("post", "/plans", {"201", "400", "401", "403", "404", "409", "429", "500", "503"}),
        ("patch", "/plans/{planId}", {"200", "400", "401", "403", "404", "409", "412", "429", "500", "503"}),
        ("delete", "/owners/{ownerId}", {"200", "400", "401", "403", "404", "409", "429", "500", "503"}),
        ("delete", "/plans/{planId}", {"200", "400", "401", "403", "404", "412", "429", "500", "503"}),
        ("post", "/plans/{planId}/close", {"200", "400", "401", "403", "404", "409", "429", "500", "503"}),
    ],
)
def test_every_answer_that_the_edge_can_give(method: str, path: str, expected: set[str]) -> None:
    assert operation(method, path)["responses"].keys() == expected


def test_request_headers_stand_where_they_are_heeded() -> None:
    assert referred(operation("get", "/plans")) == []
    assert referred(operation("get", "/plans/{planId}")) == ["IfNoneMatch"]
    assert referred(operation("post", "/plans")) == ["IdempotencyKey"]
    assert referred(operation("patch", "/plans/{planId}")) == ["IdempotencyKey", "IfMatch"]
    assert referred(operation("delete", "/plans/{planId}")) == ["IfMatch"]
    assert referred(operation("post", "/plans/{planId}/close")) == ["IdempotencyKey"]


def test_etag_is_on_single_objects() -> None:
    assert "ETag" in operation("get", "/plans/{planId}")["responses"]["200"]["headers"]
    assert "ETag" in operation("get", "/plans/{planId}")["responses"]["304"]["headers"]
    assert "ETag" in operation("patch", "/plans/{planId}")["responses"]["200"]["headers"]
    assert "ETag" not in operation("get", "/plans")["responses"]["200"]["headers"]
    assert "ETag" not in operation("delete", "/plans/{planId}")["responses"]["200"]["headers"]


def test_quota_is_on_every_answer_to_a_known_key() -> None:
    found = document()
    quota = {"X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
    for node in (*found["paths"]["/plans"]["get"]["responses"].values(), *found["components"]["responses"].values()):
        if "$ref" in node:
            continue
        anonymous = node.get("content", {}).get("application/json", {}).get("example", {}).get("error", {}).get("code")
        expected = {"X-Request-Id"} if anonymous in ANONYMOUS else quota
        assert expected <= node["headers"].keys()
        assert anonymous not in ANONYMOUS or not quota - expected & node["headers"].keys()
    assert all(found["components"]["headers"][name]["required"] for name in quota)


ANONYMOUS = ("unauthorized", "internal_error", "service_unavailable")


def test_every_error_has_its_status_its_code_and_an_example() -> None:
    shown = document()["components"]
    problems = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.Problem) and each not in (errors.Problem, errors.Invalid)
    ]
    codes = shown["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    assert set(codes) == {problem.code for problem in problems}
    statuses = {problem.code: str(problem.status) for problem in problems}
    for status, node in operation("patch", "/plans/{planId}")["responses"].items():
        if "$ref" in node:
            error = shown["responses"][node["$ref"].rpartition("/")[2]]["content"]["application/json"]["example"]
            assert statuses[error["error"]["code"]] == status


def test_rules_between_fields_stand_beside_them() -> None:
    schema = document()["components"]["schemas"]["Notice"]
    assert schema["then"] == {"required": ["reason"]}
    assert schema["required"] == ["by"]
    assert schema["properties"]["by"]["discriminator"]["propertyName"] == "kind"


def test_what_tells_kinds_apart_is_described() -> None:
    kind = document()["components"]["schemas"]["Mail"]["properties"]["kind"]
    assert kind == {"type": "string", "enum": ["mail"], "description": "Says which of the kinds this is."}


def test_answers_say_what_they_hold() -> None:
    def said(method: str, path: str, status: str) -> str:
        return str(operation(method, path)["responses"][status]["description"])

    assert said("get", "/plans/{planId}", "200") == "Found: a plan."
    assert said("post", "/plans", "201") == "Created: a plan."
    assert said("patch", "/plans/{planId}", "200") == "Changed: a plan."
    assert said("delete", "/plans/{planId}", "200") == "Deleted. The answer says what is gone."
    assert said("post", "/plans/{planId}/close", "200") == "Done: a value before and after."
    assert said("get", "/plans", "200") == "A page of the list. Each entry is a plan."
    assert said("get", "/levels", "200").startswith("The whole list. Each entry is a plan that leaves out")
    assert said("get", "/plans/{planId}/steps", "200").startswith("The list, or the page of it that was asked for.")
    assert said("get", "/owners", "200").startswith("A page of the list, or the one that was looked up: a plan that")
    assert said("post", "/drawings", "201").startswith("Created: a drawing, or a plan that")


def shown(node: Document) -> Document:
    return node["content"]["application/json"]  # type: ignore[no-any-return]


def test_answers_are_shown_by_example() -> None:
    plan = {"id": "text", "level": "high", "steps": [{"title": "text"}], "state": "closed"}
    page = {"page": 1, "pageSize": 20, "hasMore": False, "nextCursor": None}
    brief = {"id": "text"}
    assert shown(operation("get", "/plans/{planId}")["responses"]["200"])["example"] == {"data": plan}
    assert shown(operation("get", "/plans")["responses"]["200"])["example"] == {"data": [plan], "pagination": page}
    assert shown(operation("get", "/levels")["responses"]["200"])["example"] == {"data": [brief]}
    owners = shown(operation("get", "/owners")["responses"]["200"])["examples"]
    assert owners == {"page": {"value": {"data": [brief], "pagination": page}}, "one": {"value": {"data": brief}}}
    drawings = shown(operation("post", "/drawings")["responses"]["201"])["examples"]
    assert drawings == {"Drawing": {"value": {"data": {"url": "text"}}}, "Brief": {"value": {"data": brief}}}


def test_body_without_an_example_of_its_own_is_shown_by_its_fields() -> None:
    told = shown(operation("post", "/plans/{planId}/notice")["requestBody"])["example"]
    assert told == {"by": {"kind": "mail", "to": "jane@example.com"}, "urgent": True, "reason": "It rains"}


def test_two_operations_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one operation is called list_plans"):
        document(routes(), declaring(routes().all[0].handler))


def test_two_types_of_one_name_are_refused() -> None:
    class Plan(msgspec.Struct):
        id: str

    def list_theirs(tx: Transaction, actor: Actor) -> Page[Plan]:
        """List theirs."""
        raise NotImplementedError

    with pytest.raises(ValueError, match="more than one type is called Plan"):
        document(routes(), declaring(list_theirs))
