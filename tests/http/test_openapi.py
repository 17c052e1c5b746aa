"""The OpenAPI document is public, valid and complete, and what it says is what the API does."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.support.client import Client, Response
from tests.support.examples import examples
from tests.support.operations import CALLS, ROUTES, send
from tests.support.problems import check_problem
from tests.support.tenants import API, Tenant, Tenants

DOCUMENT = f"{API}/openapi.json"
OPERATIONS = sorted(CALLS.keys() & ROUTES.keys())
EXAMPLES = 6

load_all_checks()
CONFORMS: Any = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
REFUSED: Any = CHECKS.get_by_names(["negative_data_rejection"])


@pytest.fixture(scope="module")
def document(client: Client) -> Any:
    """The document as anybody gets it."""
    answer = client.request("GET", DOCUMENT)
    assert answer.status == 200, answer
    return answer.json()


@pytest.fixture(scope="module")
def schema(document: Any) -> OpenApiSchema:
    """The document, loaded by a tool that generates requests from it."""
    config = SchemathesisConfig()
    # The key is ours to send: what happens without a good one is tested elsewhere.
    config.projects.default.generation.with_security_parameters = False
    config.projects.default.update(base_url=f"http://127.0.0.1{API}")
    return schemathesis.openapi.from_dict(document, config=config)


def test_it_is_valid(document: Any, schema: OpenApiSchema) -> None:
    assert document["openapi"].startswith("3.1.")
    schema.validate()
    for where, reference in _references(document):
        assert reference.startswith("#/"), f"{where}: {reference}"
        found = document
        for part in reference[2:].split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]


def _references(value: Any, where: str = "#") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield where, value["$ref"]
        for name, entry in value.items():
            yield from _references(entry, f"{where}/{name}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _references(entry, f"{where}/{number}")


def test_it_names_every_operation_and_its_scope(document: Any) -> None:
    described = {
        (method.upper(), re.sub(r"{.*?}", "{}", path), operation["x-required-scope"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "patch", "delete", "put")
    }
    declared = {(route.method, re.sub(r"{.*?}", "{}", route.path), route.scope) for route in ROUTES.values()}
    assert described == declared


def test_it_needs_no_key_and_is_read_only(client: Client, tenant: Tenants) -> None:
    with_key = client.request("GET", DOCUMENT, headers=[tenant().authorization])
    assert with_key.status == 200
    for method in ("POST", "DELETE", "PUT"):
        check_problem(client.request(method, DOCUMENT), "method_not_allowed")


def as_schemathesis(sent: requests.PreparedRequest, answer: Response) -> schemathesis.Response:
    """An answer of the application as the checks want it."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    return schemathesis.Response(answer.status, headers, answer.body, sent, elapsed=0.0, verify=True)


def perform(caller: Tenant, case: Case[Any]) -> schemathesis.Response:
    """Send a generated request with the tenant's key."""
    described = case.as_transport_kwargs(base_url=f"http://127.0.0.1{API}")
    wanted = {name: described.get(name) for name in ("method", "url", "headers", "params", "json", "data", "files")}
    sent = requests.Request(**wanted).prepare()
    headers = [(name, value) for name, value in sent.headers.items() if name.lower() != "content-length"]
    target = str(sent.url).partition("127.0.0.1")[2]
    body = sent.body if isinstance(sent.body, bytes) else (sent.body or "").encode()
    answer = caller.client.request(
        str(sent.method), target, headers=[caller.authorization, *_as_bytes(headers)], body=body
    )
    return as_schemathesis(sent, answer)


def _as_bytes(headers: Sequence[tuple[str, str | bytes]]) -> list[tuple[str, bytes]]:
    return [(name, value if isinstance(value, bytes) else value.encode("latin-1")) for name, value in headers]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_good_request_is_answered_as_described(tenant: Tenants, schema: OpenApiSchema, name: str) -> None:
    caller = tenant()
    operation = schema.find_operation_by_id(name)
    answer = send(caller, ROUTES[name], CALLS[name](caller))
    assert answer.status == ROUTES[name].status, answer
    sent = requests.Request(operation.method.upper(), f"http://127.0.0.1{API}{operation.path}").prepare()
    operation.Case().validate_response(as_schemathesis(sent, answer), checks=CONFORMS)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_any_request_is_answered_as_described(
    tenant: Tenants, schema: OpenApiSchema, name: str, mode: GenerationMode
) -> None:
    """Generated from the document: requests that follow it, and requests that break it, which must be refused."""
    caller = tenant()
    operation = schema.find_operation_by_id(name)
    if mode is GenerationMode.NEGATIVE and not (list(operation.query) or list(operation.body)):
        return  # nothing but ids in the path, and any text could be one
    expected = CONFORMS if mode is GenerationMode.POSITIVE else [*CONFORMS, *REFUSED]
    real = {
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "widgetId": caller.widget_id,
        "feedbackId": caller.new_feedback()["id"],
        "ticketNumber": "1",
    }

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(examples(EXAMPLES), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def run(case: Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE:
            _make_real(case, real)
        case.validate_response(perform(caller, case), checks=expected)

    run()


def _make_real(case: Case[Any], real: dict[str, str]) -> None:
    """Let most ids name something: a made-up one gets no further than 404."""
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name in place.keys() & real.keys():
                place[name] = real[name]
