"""Whatever goes wrong ends in one shape, with the status and code that the reference names."""

import msgspec
import pytest
from sqlalchemy import text

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, migrate
from userhero.server.application import create_application

OTHER_METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "CONNECT", "BREW", "get", "PROPFIND")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/feedback/",
        "/feedback//",
        "//feedback",
        "/Feedback",
        "/feedback/a/b/c",
        "/feedback.json",
        "/feedback%00",
        "/%2e%2e/feedback",
        "/../metrics",
        "/",
        "",
    ],
)
def test_there_is_nothing_at_an_unknown_path(tenant: Tenants, client: Client, path: str) -> None:
    caller = tenant()
    check_problem(caller.request("GET", path), "not_found")
    check_problem(client.request("GET", f"/api/v1{path}"), "not_found")


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/v2/feedback", "/api/v1x", "/.env", "/api/v1/../../etc"])
def test_there_is_nothing_outside_the_api_either(client: Client, path: str) -> None:
    check_problem(client.request("GET", path), "not_found")


@pytest.mark.case("HTTP-06")
@pytest.mark.parametrize("method", OTHER_METHODS)
def test_other_methods_are_refused_with_those_that_work(tenant: Tenants, client: Client, method: str) -> None:
    caller = tenant()
    for path, allowed in (("/projects", "GET, POST"), (f"/projects/{caller.project_id}", "DELETE, GET, PATCH")):
        for answer in (caller.request(method, path), client.request(method, f"/api/v1{path}")):
            assert answer.header("allow") == allowed
            check_problem(answer, "method_not_allowed")


@pytest.mark.case("HTTP-06")
@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_a_header_does_not_change_the_method(tenant: Tenants, database: Database, header: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answer = caller.get(f"/projects/{caller.project_id}", headers=[(header, "DELETE")])
    assert answer.data["id"] == caller.project_id


def test_who_is_asking_comes_before_what(client: Client) -> None:
    """A caller with a wrong key learns nothing, not even which paths there are."""
    for method, path in (("GET", "/nothing"), ("PUT", "/feedback"), ("POST", "/feedback")):
        answer = client.request(
            method, f"/api/v1{path}", headers=[("authorization", "Bearer sk_live_wrong")], body=b"{"
        )
        check_problem(answer, "unauthorized")


@pytest.mark.case("JSON-14")
def test_a_crash_tells_nothing_of_its_cause(settings: Settings, instances: Instances) -> None:
    place = instances.make()
    own = msgspec.structs.replace(settings, data=place.data, database=place.url)
    application = create_application(own)
    server = Server(application)
    caller = Tenants(application.database, Client(server))()
    engine = migrate.engine_for(place.address)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE projects RENAME TO mislaid"))
    engine.dispose()
    try:
        error = check_problem(caller.get("/projects"), "internal_error")
        assert "projects" not in error["message"]
        assert "mislaid" not in error["message"]
        check_problem(caller.post("/projects", {"name": "x"}), "internal_error")
        # The server lives on.
        assert caller.get("/workspaces").status == 200
    finally:
        server.close()
