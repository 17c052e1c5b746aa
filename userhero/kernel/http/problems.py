"""Errors as the caller sees them: one shape for JSON, everywhere."""

from typing import Any

import msgspec

from userhero.kernel.errors import Problem
from userhero.kernel.http.answers import Answer

_encode = msgspec.json.Encoder().encode


def render(problem: Problem, request_id: str) -> Answer:
    """``{"error": {"code", "message", "requestId", "details"?}}`` with the status and headers of ``problem``."""
    error: dict[str, Any] = {"code": problem.code, "message": problem.message, "requestId": request_id}
    if problem.details:
        error["details"] = [detail._asdict() for detail in problem.details]
    return Answer(problem.status, _encode({"error": error}), headers=problem.headers)
