"""What stands beside the API: it says who it is, that it lives, and fails in the API's shape."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.faults import run
from tests.support.postgres import Cluster, command
from userhero.kernel.config import Settings
from userhero.server.application import create_application

PAGES = ["/", "/docs", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_with_its_headers(client: Client, path: str) -> None:
    answer = client.request("GET", path)
    assert answer.status == 200
    assert str(answer.header("x-request-id")).startswith("req_")
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"
    policy = answer.header("content-security-policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/nothing", "/docs/", "/static/nothing.css", "/setup/x", "/app/", "/api", "/api/v2/feedback"]
)
def test_what_is_not_there(client: Client, path: str) -> None:
    answer = client.request("GET", path)
    assert answer.status == 404
    assert answer.error["code"] == "not_found"
    assert answer.error["requestId"] == answer.header("x-request-id")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods(client: Client, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status == 405
    assert answer.error["code"] == "method_not_allowed"
    assert set(str(answer.header("allow")).split(", ")) == {"GET", "HEAD"}


def test_head_is_get_without_a_body(client: Client) -> None:
    assert client.request("HEAD", "/docs").status == 200
    assert client.request("HEAD", "/api/v1/feedback").status == 405


def test_health(client: Client) -> None:
    assert client.request("GET", "/healthz").json() == {"status": "ok"}
    assert client.request("GET", "/readyz").json() == {"status": "ready"}


def test_the_document_names_the_server_as_it_was_told(client: Client, instances: Instances) -> None:
    assert client.request("GET", "/api/v1/openapi.json").json()["servers"] == [{"url": "/api/v1"}]
    instance = instances.make()
    settings = Settings(data=instance.data, database=instance.url, public_url="https://feedback.example.com/")
    server = Server(create_application(settings))
    document = Client(server).request("GET", "/api/v1/openapi.json").json()
    assert document["servers"] == [{"url": "https://feedback.example.com/api/v1"}]
    assert "https://feedback.example.com/api/v1/feedback" in Client(server).request("GET", "/docs").body.decode()
    server.close()


def test_pages_are_not_sent_twice_to_who_has_them(client: Client) -> None:
    first = client.request("GET", "/docs", headers=[("accept-encoding", "gzip")])
    assert first.header("content-encoding") == "gzip"
    again = client.request(
        "GET", "/docs", headers=[("accept-encoding", "gzip"), ("if-none-match", str(first.header("etag")))]
    )
    assert (again.status, again.body) == (304, b"")


def test_the_landing_page_loads_what_it_names(client: Client) -> None:
    page = client.request("GET", "/").body.decode()
    assets = [part.split('"')[0] for part in page.split('"/static/')[1:]]
    assert assets
    for name in assets:
        assert client.request("GET", f"/static/{name}").status == 200


def test_answers_are_counted(client: Client) -> None:
    client.request("GET", "/api/v1/workspaces")
    text = client.request("GET", "/metrics").body.decode()
    assert 'userhero_answers_total{operation="list_workspaces",status="401"}' in text


@pytest.fixture
def broken(instances: Instances) -> Iterator[Client]:
    """An application whose database lacks a table."""
    instance = instances.make()
    server = Server(create_application(Settings(data=instance.data, database=instance.url)))
    run(instance.address, "ALTER TABLE instance_facts RENAME TO instance_facts_gone")
    yield Client(server)
    server.close()


def test_a_fault_of_ours_tells_nothing_but_its_id(broken: Client) -> None:
    answer = broken.request("GET", "/setup?token=x")
    assert answer.status == 500
    assert answer.error == {
        "code": "internal_error",
        "message": "Something went wrong on our side.",
        "requestId": answer.header("x-request-id"),
    }
    assert broken.request("GET", "/healthz").status == 200


@pytest.mark.case("DUR-17")
def test_without_its_database_a_server_lives_but_is_not_ready(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if engine != "postgresql":
        pytest.skip("a SQLite file does not go away by itself")
    cluster: Cluster = request.getfixturevalue("durable_cluster")
    command(cluster.url("postgres"), "CREATE DATABASE lost")
    server = Server(create_application(Settings(data=tmp_path, database=cluster.url("lost"))))
    client = Client(server)
    assert client.request("GET", "/readyz").status == 200
    cluster.process.kill()
    answer = client.request("GET", "/readyz")
    assert answer.status == 503
    assert answer.error["code"] == "service_unavailable"
    assert answer.number("retry-after") >= 1
    assert client.request("GET", "/healthz").status == 200
    server.close()
