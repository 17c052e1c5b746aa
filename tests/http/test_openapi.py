"""The OpenAPI document is public, valid and complete, and what it says is what the API does."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.support.client import Client, Response
from tests.support.described import CONFIG, RealIds, found_in, is_a_fault, operation_of, validator
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
# Requests that follow the document are done, those that break it are refused.
JUDGED: Any = CHECKS.get_by_names(["positive_data_acceptance", "negative_data_rejection"])


@pytest.fixture(scope="module")
def document(client: Client) -> Any:
    """The document as anybody gets it."""
    answer = client.request("GET", DOCUMENT)
    assert answer.status == 200, answer
    return answer.json()


@pytest.fixture(scope="module")
def schema(document: Any) -> OpenApiSchema:
    """The document, loaded by a tool that generates requests from it."""
    config = SchemathesisConfig.from_path(CONFIG)
    config.projects.default.update(base_url=f"http://127.0.0.1{API}")
    loaded: OpenApiSchema = schemathesis.openapi.from_dict(document, config=config)

    @loaded.hook
    def filter_failure(
        context: HookContext, failure: Failure, case: Case[Any], response: schemathesis.Response
    ) -> bool:
        return is_a_fault(failure, response.content)

    return loaded


def test_it_is_valid(document: Any, schema: OpenApiSchema) -> None:
    assert document["openapi"].startswith("3.1.")
    schema.validate()
    for where, reference in _references(document):
        assert reference.startswith("#/"), f"{where}: {reference}"
        assert found_in(document, reference)


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


def test_everything_in_it_is_described(document: Any) -> None:
    silent = [
        where
        for where, node in _values(document["components"]["schemas"], "schemas")
        if not _says_what_it_is(document, node)
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            described = [*operation["parameters"], *operation["responses"].values()]
            silent += [f"{method} {path}: {node}" for node in described if not _says_what_it_is(document, node)]
    assert not silent


def _values(schemas: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    """Every named schema, and every property in it and below."""
    for name, node in schemas.items():
        yield f"{where}.{name}", node
        for below in (node, *node.get("anyOf", ()), node.get("items", {})):
            yield from _values(below.get("properties", {}), f"{where}.{name}")


def _says_what_it_is(document: Any, node: Any) -> bool:
    """Whether a schema, a parameter or an answer has a description, or whatever it may be has one."""
    if "$ref" in node:
        node = {**found_in(document, node["$ref"]), **node}
    kinds = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    return bool(node.get("description")) or (bool(kinds) and all(_says_what_it_is(document, each) for each in kinds))


@pytest.mark.parametrize("name", OPERATIONS)
def test_its_examples_are_what_it_describes(document: Any, name: str) -> None:
    route, operation = ROUTES[name], operation_of(document, name)
    success = operation["responses"][str(route.status)]["content"]["application/json"]
    shown = [success["example"]] if "example" in success else [each["value"] for each in success["examples"].values()]
    for example in shown:
        validator(document, success["schema"]).validate(example)
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if asked is not None:
        validator(document, asked["schema"]).validate(asked["example"])


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


@pytest.mark.case("JSON-15")
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_any_request_is_answered_as_described(
    tenant: Tenants, schema: OpenApiSchema, name: str, mode: GenerationMode
) -> None:
    """Generated from the document: requests that follow it, and requests that break it."""
    caller = tenant()
    operation = schema.find_operation_by_id(name)
    if mode is GenerationMode.NEGATIVE and not (list(operation.query) or list(operation.body)):
        return  # nothing but ids in the path, and any text could be one
    real = RealIds(caller)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(examples(EXAMPLES), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def run(case: Case[Any]) -> None:
        real.put_into(case)
        case.validate_response(perform(caller, case), checks=[*CONFORMS, *JUDGED])

    run()
