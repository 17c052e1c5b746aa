"""What can go wrong in a way that a caller should hear about: a type, a status and a stable code each."""

from typing import ClassVar, NamedTuple


class Detail(NamedTuple):
    """One thing wrong with the input: where (``customMetadata.customFields.cf_plan``) and which rule it breaks."""

    field: str
    message: str


class Problem(Exception):
    """An answer other than success. ``message`` is written for the person who sent the request."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(
        self, message: str, *, details: tuple[Detail, ...] = (), headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.headers = headers


class BadRequest(Problem):
    """The request breaks a rule of the reference."""

    status = 400
    code = "bad_request"


class Invalid(BadRequest):
    """One field of the input breaks a rule."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", details=(Detail(field, message),))


class Unauthorized(Problem):
    """No valid credential came with the request."""

    status = 401
    code = "unauthorized"


class Forbidden(Problem):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"


class ScopeMissing(Forbidden):
    """The key lacks the scope that the operation needs."""


class NotFound(Problem):
    """There is no such thing, or none that the caller may know of."""

    status = 404
    code = "not_found"


class MethodNotAllowed(Problem):
    """The path exists; the method does not. Carries ``Allow``."""

    status = 405
    code = "method_not_allowed"


class Conflict(Problem):
    """What is stored stands against the request."""

    status = 409
    code = "conflict"


class PreconditionFailed(Problem):
    """The object changed since the caller read it (``If-Match``)."""

    status = 412
    code = "precondition_failed"


class RateLimited(Problem):
    """Too many requests. Carries ``Retry-After``."""

    status = 429
    code = "rate_limited"


class ServiceUnavailable(Problem):
    """The server can't answer now and a retry is safe. Carries ``Retry-After``."""

    status = 503
    code = "service_unavailable"

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message, headers=(("Retry-After", str(retry_after)),))


class InternalError(Problem):
    """A fault of ours. The message says nothing of its cause; the log does, under the request's id."""
