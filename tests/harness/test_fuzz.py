"""``make fuzz`` says what it tried, and fails where a server does what its document does not say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from schemathesis.openapi.checks import RejectedPositiveData, UndefinedStatusCode

from tests.fuzz.__main__ import fuzz
from tests.support.described import is_a_fault
from tests.support.live import Wire
from tests.support.tenants import API, Tenant

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Liar", "version": "1"},
    "servers": [{"url": API}],
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/truth": {
            "get": {
                "operationId": "tell_truth",
                "security": [{"key": []}],
                "responses": {"200": {"description": "The truth."}, "401": {"description": "Who asks?"}},
            }
        }
    },
}


class Liar(BaseHTTPRequestHandler):
    """Shows a document, and answers what the server has been told to answer."""

    protocol_version = "HTTP/1.1"
    status = 200

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Bearer key"
        status, content = (200, DOCUMENT) if self.path.endswith("openapi.json") else (self.status if known else 401, {})
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Refusing(Liar):
    status = 418


@contextmanager
def served(handler: type[Liar]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("handler", "code", "outcome"), [(Liar, 0, "passed"), (Refusing, 1, "Received: 418")])
def test_the_exit_code_says_whether_something_was_found(
    capfd: pytest.CaptureFixture[str], handler: type[Liar], code: int, outcome: str
) -> None:
    with served(handler) as port:
        tenant = Tenant(Wire(port), "", "", "", "", "", "", "key")
        found = fuzz(f"http://127.0.0.1:{port}", tenant, ["--max-examples", "2", "--checks", "status_code_conformance"])
    said = capfd.readouterr().out
    assert found.code == code, said
    assert found.operations == 1
    assert found.requests >= 2
    assert "Tested: 1" in said
    assert outcome in said


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        (["must be a member of the workspace"], False),
        (["must be a member of the workspace", "must have 1 to 50 characters"], True),
        (["must have 1 to 5000 characters"], True),
        ([], True),
    ],
)
def test_only_rules_that_no_schema_can_say_are_excused(rules: list[str], fault: bool) -> None:
    details = [{"field": "any", "message": rule} for rule in rules]
    content = json.dumps({"error": {"message": "Something is wrong.", "details": details}}).encode()
    refused = RejectedPositiveData(operation="", message="", status_code=400, allowed_statuses=[])
    assert is_a_fault(refused, content) is fault


def test_nothing_else_is_excused() -> None:
    content = json.dumps({"error": {"message": "must be a member of the workspace"}}).encode()
    other = UndefinedStatusCode(
        operation="", status_code=418, defined_status_codes=[], allowed_status_codes=[], message=""
    )
    assert is_a_fault(other, content)
