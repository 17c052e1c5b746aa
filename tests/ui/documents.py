"""OpenAPI documents to show: one like the product's own, built from structs as that is, and a large one."""

import copy
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Text = Annotated[str, Meta(min_length=1, max_length=5000, description="What the person said.")]
Tags = Annotated[
    list[Annotated[str, Meta(max_length=50)]],
    Meta(max_length=20, description="Free words to sort by.", examples=[["ui"]]),
]
Priority = Literal["low", "medium", "high", "urgent"]
WorkspaceId = Annotated[str, Meta(description="The workspace it belongs to.", examples=["ws_123"])]
ProjectId = Annotated[str, Meta(description="The project it is about.", examples=["proj_456"])]
Instant = Annotated[str, Meta(description="ISO 8601, UTC.", examples=["2026-04-06T10:30:00.000Z"])]
Email = Annotated[str, Meta(description="Who sent it.", examples=["user@example.com"])]


class Attachment(msgspec.Struct, rename="camel"):
    """A file that goes with a message."""

    id: Annotated[str, Meta(examples=["att_1712345678_abc123"])]
    url: Annotated[str, Meta(description="Where to fetch it.", examples=["https://files.example.com/att_1712345678"])]
    type: Literal["image", "audio", "video"]
    file_name: Annotated[str, Meta(examples=["screenshot.png"])]
    file_size: Annotated[int, Meta(ge=0, description="In bytes.", examples=[102400])]
    mime_type: Annotated[str, Meta(examples=["image/png"])]


class Comment(msgspec.Struct, rename="camel"):
    """One message of the conversation with the customer."""

    id: Annotated[str, Meta(examples=["cc_1712345678_abc123"])]
    message: Annotated[str, Meta(examples=["We're looking into this issue."])]
    author_type: Literal["agent", "customer"]
    author_name: Annotated[str, Meta(examples=["Jane Smith"])]
    attachments: list[Attachment]
    created_at: Instant


class Validation(msgspec.Struct, rename="camel"):
    """What a custom field's value must keep to."""

    min: float | None = None
    max: float | None = None


class FieldDefinition(msgspec.Struct, rename="camel"):
    """A field that a project adds to its feedback."""

    id: Annotated[str, Meta(examples=["cf_plan_abc12"])]
    type: Literal["text", "number", "select"]
    label: Annotated[str, Meta(max_length=100, examples=["Plan"])]
    required: bool = False
    options: Annotated[list[str], Meta(examples=[["Free", "Starter", "Pro"]])] = []
    validation: Validation | None = None


class Feedback(msgspec.Struct, rename="camel"):
    """One thing that somebody said about a product, with all that happened to it since."""

    id: Annotated[str, Meta(description="Feedback ID.", examples=["fb_abc123"])]
    ticket_number: Annotated[
        int | None,
        Meta(description="Human-facing number, unique per workspace. Shown as `#245`.", examples=[245]),
    ]
    workspace_id: WorkspaceId
    project_id: ProjectId
    widget_id: Annotated[str, Meta(description='Widget ID or `"api"`.', examples=["api"])]
    message: Annotated[str, Meta(description="What the person said.", examples=["Something is broken"])]
    category: Annotated[str, Meta(examples=["bug"])] | None
    rating: Annotated[float, Meta(ge=0, le=10, examples=[4])] | None
    status: Annotated[str, Meta(description="Current status ID.", examples=["new"])]
    status_category: Literal["open", "pending", "resolved", "closed"]
    tags: Tags
    priority: Priority | None
    assignee_id: Annotated[str, Meta(description="User ID of the assigned agent.", examples=["user_abc"])] | None
    watcher_ids: Annotated[list[str], Meta(description="User IDs subscribed to updates.", examples=[["user_abc"]])]
    due_date: Instant | None
    sla_breached: Annotated[bool, Meta(description="Whether the deadline has passed.", examples=[False])]
    user_email: Email | None
    context: Annotated[dict[str, Any], Meta(examples=[{"page": "/settings", "browser": "Chrome"}])]
    custom_metadata: dict[str, Any] | None
    votes: Annotated[int, Meta(ge=0, examples=[3])]
    is_public: bool
    created_at: Instant
    updated_at: Instant


class FeedbackDetail(Feedback):
    """A feedback item with its conversation."""

    customer_comments: list[Comment] = []


class NewFeedback(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Feedback to record."""

    workspace_id: WorkspaceId
    project_id: ProjectId
    message: Annotated[Text, Meta(examples=["Something is broken"])]
    category: Annotated[str, Meta(max_length=64, examples=["bug"])] | None = None
    rating: Annotated[float, Meta(ge=0, le=10, description="Any scale up to ten.")] | None = None
    tags: Tags = []
    user_email: Email | None = None
    priority: Priority | None = None
    attachments: Annotated[list[Attachment], Meta(max_length=3)] = []
    context: Annotated[
        dict[str, Any],
        Meta(description="Where it happened.", examples=[{"page": "/settings", "browser": "Chrome"}]),
    ] = {}
    widget_id: str = "api"


class FeedbackChange(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What to change. A field left out stays as it is; `null` clears it."""

    workspace_id: WorkspaceId
    status: Annotated[str, Meta(examples=["resolved"])] | UnsetType = UNSET
    priority: Annotated[Priority, Meta(examples=["high"])] | UnsetType | None = UNSET
    is_public: bool | UnsetType = UNSET


class Project(msgspec.Struct, rename="camel"):
    """A product area: a site or an app that collects feedback."""

    id: Annotated[str, Meta(examples=["proj_456"])]
    workspace_id: WorkspaceId
    name: Annotated[str, Meta(examples=["My App"])]
    domain: Annotated[str, Meta(examples=["app.example.com"])] | None
    public_key: Annotated[str, Meta(examples=["pk_live_abc123"])]
    custom_field_definitions: list[FieldDefinition]
    created_at: Instant


class NewProject(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A project to add."""

    workspace_id: WorkspaceId
    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["My App"])]
    domain: Annotated[str, Meta(examples=["app.example.com"])] | None = None


class Rule(msgspec.Struct, tag_field="kind", tag="rule", rename="camel"):
    """One comparison."""

    field: Annotated[str, Meta(examples=["category"])]
    value: str | int | bool | list[str] | None


class Conditions(msgspec.Struct, tag_field="kind", tag="group", rename="camel"):
    """Rules and further groups of rules."""

    combinator: Literal["and", "or"]
    rules: "list[Rule | Conditions]"


class NewMacro(msgspec.Struct, rename="camel"):
    """A macro to add."""

    name: Annotated[str, Meta(examples=["Close as done"])]
    conditions: Conditions


class Pagination(msgspec.Struct, rename="camel"):
    """Where a page stands."""

    page: Annotated[int, Meta(ge=1)]
    page_size: Annotated[int, Meta(ge=1, le=100, examples=[20])]
    has_more: Annotated[bool, Meta(examples=[False])]
    next_cursor: str | None


STRUCTS = (
    Feedback, FeedbackDetail, NewFeedback, FeedbackChange, Comment, Project, NewProject, Pagination, NewMacro,
)  # fmt: skip

INTRODUCTION = """
Record, sort and answer feedback from your own code. Everything is JSON over HTTPS, in UTF-8.

## Authentication

Every call carries a key: `Authorization: Bearer sk_live_…`. Create one under **Account > API keys**.
A key acts for its owner, who must be an *owner* or *admin* of the workspace.

## Errors

Every error has one shape:

```json
{"error": {"code": "not_found", "message": "Feedback item not found", "requestId": "req_1"}}
```

| Code | Status | Meaning |
| --- | ---: | --- |
| `unauthorized` | 401 | Missing or invalid API key |
| `forbidden` | 403 | Insufficient permissions |
| `not_found` | 404 | Resource not found |
| `rate_limited` | 429 | Too many requests |

## Rate limit

100 requests in any 60 seconds per key.
Watch `X-RateLimit-Remaining`, and wait `Retry-After` seconds after a `429`.

## Idempotency

Send `Idempotency-Key` with a write, and a retry within 24 hours gets the first answer again
instead of a second item.

## Pagination

Lists take `page` and `pageSize`, or the `nextCursor` of the answer before as `cursor`:

1. ask without a cursor,
2. go on while `hasMore` is true.
"""


def feedback_api() -> dict[str, Any]:
    """A fresh document with feedback, projects and a macro, as a server of ours would publish it."""
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "UserHero API", "version": "1.0", "description": INTRODUCTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [
            {"name": "Feedback", "description": "What people say, from the first word to the answer."},
            {"name": "Projects", "description": "The products that collect feedback."},
        ],
        "paths": copy.deepcopy(_PATHS),
        "components": {
            "schemas": schemas,
            "parameters": {"Workspace": _query("workspaceId", WorkspaceId, required=True)},
            "responses": {
                "BadRequest": _error("bad_request", "A parameter or field breaks a rule; `details` names it."),
                "Unauthorized": _error("unauthorized", "The key is missing or not valid."),
                "NotFound": _error("not_found", "There is no such item in this workspace."),
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "x-example": "sk_live_your_key"},
            },
        },
    }


def enlarged(document: dict[str, Any], operations: int) -> dict[str, Any]:
    """The document with its paths repeated under further tags until it has at least so many operations."""
    large = copy.deepcopy(document)
    originals = copy.deepcopy(document["paths"])
    copies = 1
    while sum(len(item) for item in large["paths"].values()) < operations:
        copies += 1
        for path, item in copy.deepcopy(originals).items():
            for operation in (each for each in item.values() if isinstance(each, dict)):
                operation["operationId"] += str(copies)
                operation["tags"] = [f"{operation['tags'][0]} {copies}"]
            large["paths"][f"/area{copies}{path}"] = item
    return large


def _schema(kind: Any) -> dict[str, Any]:
    return msgspec.json.schema(kind)


def _query(name: str, kind: Any, *, required: bool = False) -> dict[str, Any]:
    schema = _schema(kind)
    parameter = {"name": name, "in": "query", "required": required, "schema": schema}
    return parameter | {"description": schema.pop("description")} if "description" in schema else parameter


def _json(schema: dict[str, Any], **beside: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **beside}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _one(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"data": _ref(name)}, "required": ["data"]}
    return {"description": description, **_json(schema)}


def _page(name: str, description: str) -> dict[str, Any]:
    properties = {"data": {"type": "array", "items": _ref(name)}, "pagination": _ref("Pagination")}
    return {"description": description, **_json({"type": "object", "properties": properties})}


def _error(code: str, description: str) -> dict[str, Any]:
    return {
        "description": description,
        **_json(
            {"type": "object"},
            example={"error": {"code": code, "message": description, "requestId": "req_1"}},
        ),
    }


def _errors(*names: str) -> dict[str, Any]:
    statuses = {"BadRequest": "400", "Unauthorized": "401", "NotFound": "404"}
    return {statuses[name]: {"$ref": f"#/components/responses/{name}"} for name in names}


_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": _schema(Annotated[str, Meta(examples=["fb_abc123"])]),
}
_PROJECT_ID = {**_ID, "schema": {"type": "string", "examples": ["proj_456"]}}
_WORKSPACE = {"$ref": "#/components/parameters/Workspace"}

_PATHS: dict[str, Any] = {
    "/feedback": {
        "get": {
            "operationId": "listFeedback",
            "summary": "List feedback",
            "description": "A page of items, newest first.\n\nFilters may be combined; all must hold.",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:read"]}],
            "parameters": [
                _WORKSPACE,
                _query(
                    "status",
                    Annotated[str, Meta(description="A status ID. System values: `new`, `resolved`.")],
                ),
                _query("priority", Priority),
                _query("userEmail", Annotated[str, Meta(description="Exact match.")]),
                _query("page", Annotated[int, Meta(ge=1)]),
                {
                    "name": "pageSize",
                    "in": "query",
                    "description": "Results per page.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                },
            ],
            "responses": {
                "200": _page("Feedback", "A page of items."),
                **_errors("BadRequest", "Unauthorized"),
            },
        },
        "post": {
            "operationId": "createFeedback",
            "summary": "Create feedback",
            "description": "Records one item, numbers it, and links it to the customer who sent it.",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:write"]}],
            "parameters": [
                {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "description": "Makes a retry safe for 24 hours.",
                    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                }
            ],
            "requestBody": {"required": True, **_json(_ref("NewFeedback"))},
            "responses": {
                "201": _one("Feedback", "The item as stored."),
                **_errors("BadRequest", "Unauthorized"),
            },
        },
    },
    "/feedback/upload": {
        "post": {
            "operationId": "uploadMedia",
            "summary": "Upload media",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:write"]}],
            "parameters": [_WORKSPACE],
            "requestBody": {
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "properties": {
                                "file": {
                                    "type": "string",
                                    "format": "binary",
                                    "description": "Image, audio or video.",
                                    "examples": ["screenshot.png"],
                                },
                                "feedbackId": {"type": "string", "description": "Makes it an attachment."},
                            },
                            "required": ["file"],
                        }
                    }
                }
            },
            "responses": {"201": _one("Attachment", "The file as stored."), **_errors("BadRequest")},
        }
    },
    "/feedback/{id}": {
        "get": {
            "operationId": "getFeedback",
            "summary": "Get feedback",
            "description": "One item with its conversation.",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:read"]}],
            "parameters": [_ID, _WORKSPACE],
            "responses": {"200": _one("FeedbackDetail", "The item."), **_errors("Unauthorized", "NotFound")},
        },
        "patch": {
            "operationId": "updateFeedback",
            "summary": "Update feedback",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:write"]}],
            "parameters": [_ID],
            "requestBody": _json(
                _ref("FeedbackChange"),
                examples={
                    "resolve": {
                        "summary": "Resolve it",
                        "value": {"workspaceId": "ws_123", "status": "resolved"},
                    },
                    "publish": {
                        "summary": "Show it to everyone",
                        "value": {"workspaceId": "ws_123", "isPublic": True},
                    },
                },
            ),
            "responses": {
                "200": _one("Feedback", "The item as it is now."),
                **_errors("BadRequest", "NotFound"),
            },
        },
        "delete": {
            "operationId": "deleteFeedback",
            "summary": "Delete feedback",
            "tags": ["Feedback"],
            "security": [{"key": ["feedback:delete"]}],
            "parameters": [_ID, _WORKSPACE],
            "responses": {
                "200": {
                    "description": "It is gone, with its comments, notes and files.",
                    **_json(
                        {
                            "type": "object",
                            "properties": {
                                "data": {
                                    "type": "object",
                                    "properties": {"id": {"type": "string"}, "deleted": {"const": True}},
                                }
                            },
                        },
                        example={"data": {"id": "fb_abc123", "deleted": True}},
                    ),
                },
                **_errors("NotFound"),
            },
        },
    },
    "/projects": {
        "get": {
            "operationId": "listProjects",
            "summary": "List projects",
            "tags": ["Projects"],
            "security": [{"key": ["projects:read"]}],
            "parameters": [_WORKSPACE],
            "responses": {"200": _page("Project", "Every project."), **_errors("Unauthorized")},
        },
        "post": {
            "operationId": "createProject",
            "summary": "Create a project",
            "tags": ["Projects"],
            "security": [{"key": ["projects:write"]}],
            "requestBody": _json(_ref("NewProject")),
            "responses": {
                "201": _one("Project", "The project with its default widget."),
                **_errors("BadRequest"),
            },
        },
    },
    "/projects/{id}": {
        "parameters": [_PROJECT_ID],
        "get": {
            "operationId": "getProject",
            "summary": "Get a project",
            "tags": ["Projects"],
            "security": [{"key": ["projects:read"]}],
            "parameters": [_WORKSPACE],
            "responses": {"200": _one("Project", "The project."), **_errors("NotFound")},
        },
    },
    "/macros": {
        "post": {
            "operationId": "createMacro",
            "summary": "Create a macro",
            "tags": ["Automations"],
            "deprecated": True,
            "requestBody": _json(_ref("NewMacro")),
            "responses": {"204": {"description": "Nothing to say."}},
        }
    },
}
