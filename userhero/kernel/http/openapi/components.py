"""What every operation shares: response headers, request headers and errors, each described once and referred to."""

from typing import Any, NamedTuple

from userhero.kernel.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    Problem,
    RateLimited,
    ServiceUnavailable,
    Unauthorized,
)

Node = dict[str, Any]

_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}

QUOTA = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit")
"""On every answer to a request whose key was recognised."""

HEADERS: dict[str, Node] = {
    "X-Request-Id": {
        "description": "Names this request. Quote it when you ask about it.",
        "required": True,
        "schema": _TEXT,
    },
    "X-RateLimit-Limit": {
        "description": "Requests that the key may make in any 60 seconds.",
        "required": True,
        "schema": _COUNT,
    },
    "X-RateLimit-Remaining": {"description": "Requests that the key has left.", "required": True, "schema": _COUNT},
    "X-RateLimit-Reset": {
        "description": "Unix time at which `X-RateLimit-Remaining` next grows.",
        "required": True,
        "schema": _COUNT,
    },
    "RateLimit-Policy": {
        "description": 'The limit as the IETF draft writes it, such as `"default";q=100;w=60`.',
        "required": True,
        "schema": _TEXT,
    },
    "RateLimit": {
        "description": 'What is left as the IETF draft writes it, such as `"default";r=99;t=60`.',
        "required": True,
        "schema": _TEXT,
    },
    "ETag": {
        "description": "Changes whenever the object does. Send it back as `If-None-Match` or `If-Match`.",
        "schema": _TEXT,
    },
    "Idempotent-Replayed": {
        "description": "There when this is the stored answer to an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds after which another try makes sense.", "schema": _COUNT},
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": _TEXT},
}

PARAMETERS: dict[str, Node] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "1 to 255 printable ASCII characters of your choice, such as a UUID. The same request with the "
        "same key within 24 hours is done once; later ones get the first answer. Quotes around it are dropped.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of the version that you mean to change. When the object is another by now, nothing "
        "changes and the answer is `412`.",
        "schema": _TEXT,
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` that you have. While the object is the same, the answer is `304` without a body.",
        "schema": _TEXT,
    },
}


class _Error(NamedTuple):
    """An error as the document shows it. ``keyed`` says that the key was recognised before it came up."""

    problem: type[Problem]
    description: str
    message: str
    headers: tuple[str, ...] = ()
    keyed: bool = True


_ERRORS = {
    "BadRequest": _Error(
        BadRequest,
        "A parameter, a header or the body breaks a rule. `details` names each field and the rule.",
        "pageSize: must be a whole number <= 100",
    ),
    "Unauthorized": _Error(
        Unauthorized,
        "The API key is missing, malformed, unknown, expired or revoked.",
        "Missing or invalid API key.",
        ("WWW-Authenticate",),
        keyed=False,
    ),
    "Forbidden": _Error(
        Forbidden,
        "The key lacks the scope that the operation needs, or may not be used here.",
        "This API key lacks the scope projects:write.",
    ),
    "NotFound": _Error(NotFound, "There is no such thing, or none that this key may see.", "Project not found"),
    "Conflict": _Error(
        Conflict,
        "What is stored stands against the request, or the `Idempotency-Key` belongs to another one.",
        "Duplicate idempotency key: it was used for a different request.",
        ("Retry-After",),
    ),
    "PreconditionFailed": _Error(
        PreconditionFailed,
        "The object has changed since you read the version that `If-Match` names.",
        "The object has changed since you read it; read it again.",
    ),
    "RateLimited": _Error(
        RateLimited,
        "The key has made its requests of the last 60 seconds. Wait for `Retry-After`.",
        "Too many requests with this API key; wait a little.",
        ("Retry-After",),
    ),
    "InternalError": _Error(
        InternalError,
        "A fault on the server's side. Nothing was changed.",
        "Something went wrong on our side.",
        keyed=False,
    ),
    "ServiceUnavailable": _Error(
        ServiceUnavailable,
        "The server can't answer right now. Nothing was changed; try again after `Retry-After`.",
        "The server is busy; try again.",
        ("Retry-After",),
        keyed=False,
    ),
}
_ANYWHERE = ("BadRequest", "Unauthorized", "Forbidden", "RateLimited", "InternalError", "ServiceUnavailable")


def errors_of(*, missing: bool, conflicts: bool, conditional: bool) -> dict[str, Node]:
    """The error answers of an operation by status: whether what it names may be missing, whether it may conflict, and
    whether it heeds ``If-Match``.
    """
    some = {"NotFound": missing, "Conflict": conflicts, "PreconditionFailed": conditional}
    names = [*_ANYWHERE, *(name for name, possible in some.items() if possible)]
    return {
        str(error.problem.status): {"$ref": f"#/components/responses/{name}"}
        for name, error in _ERRORS.items()
        if name in names
    }


def error_responses() -> dict[str, Node]:
    """Every error answer that an operation may give, by name."""
    return {name: _response(error) for name, error in _ERRORS.items()}


def headers(*names: str, keyed: bool = True) -> dict[str, Node]:
    """References to what every answer carries, with ``names`` in addition; ``keyed`` as for errors."""
    carried = ("X-Request-Id", *(QUOTA if keyed else ()), *names)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in carried}


def error_schema() -> Node:
    """The one shape of every error."""
    codes = [MethodNotAllowed.code, *(error.problem.code for error in _ERRORS.values())]
    detail = {
        "type": "object",
        "properties": {
            "field": {"type": "string", "description": "Path of the field, such as `rules[0].hours`."},
            "message": {"type": "string", "description": "The rule that it breaks."},
        },
        "required": ["field", "message"],
    }
    error = {
        "type": "object",
        "description": "What went wrong.",
        "properties": {
            "code": {"type": "string", "enum": sorted(codes), "description": "Stable; decide by it, not by the text."},
            "message": {"type": "string", "description": "What went wrong, for people."},
            "requestId": {"type": "string", "description": "The value of `X-Request-Id`."},
            "details": {
                "type": "array",
                "items": detail,
                "description": "For `bad_request`: what is wrong with which field.",
            },
        },
        "required": ["code", "message", "requestId"],
    }
    return {
        "title": "Error",
        "description": "What every error looks like.",
        "type": "object",
        "properties": {"error": error},
        "required": ["error"],
    }


def _response(error: _Error) -> Node:
    shown: Node = {
        "code": error.problem.code,
        "message": error.message,
        "requestId": "req_06h0aqr23dqd95u8a1v5kpvp98",
    }
    if error.problem is BadRequest:
        field, _, rule = error.message.partition(": ")
        shown["details"] = [{"field": field, "message": rule}]
    return {
        "description": error.description,
        "headers": headers(*error.headers, keyed=error.keyed),
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": {"error": shown}}
        },
    }
