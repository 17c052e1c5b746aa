"""Files on their way out: for whoever has the address, whole or in parts, and harmless."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.media.samples import MP3, padded, path_of, picture, upload
from tests.support.client import Client, Response, Server
from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from userhero.kernel.config import Settings
from userhero.server.application import create_application

CONTENT = padded(MP3, 1000)


@pytest.fixture
def path(tenant: Tenants) -> str:
    """Where a file of 1,000 bytes is served."""
    return path_of(upload(tenant(), CONTENT).data["url"])


@pytest.mark.case("UP-13", "UP-14")
def test_headers_make_it_harmless(client: Client, path: str) -> None:
    """UP-13, UP-14."""
    answer = client.request("GET", path)
    assert answer.status == 200
    assert answer.header("content-type") == "audio/mpeg"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-security-policy") == "sandbox; default-src 'none'"
    assert answer.header("cross-origin-resource-policy") == "cross-origin"
    assert answer.header("content-disposition") == 'inline; filename="audio.mp3"'
    assert answer.header("accept-ranges") == "bytes"
    assert answer.header("cache-control") == "private, max-age=60"
    assert answer.header("set-cookie") is None
    assert answer.header("x-request-id")


@pytest.mark.case("UP-12", "UP-13")
@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        'a".html',
        "a\r\nset-cookie: x=1",
        "\u202egpj.exe",
        "%0d%0a",
        "a;b=c",
        "é.mp3",
        "con",
    ],
)
def test_an_odd_name_is_not_in_a_header(tenant: Tenants, client: Client, name: str) -> None:
    """Whatever a file was called, a download has the server's name for it."""
    answer = upload(tenant(), CONTENT, name=name)
    found = client.request("GET", path_of(answer.data["url"]))
    assert found.header("content-disposition") == 'inline; filename="audio.mp3"'
    assert found.header("set-cookie") is None


@pytest.mark.case("UP-18")
def test_head_says_the_same_without_the_file(client: Client, path: str) -> None:
    """UP-18."""
    whole, head = client.request("GET", path), client.request("HEAD", path)
    assert head.body == b""
    assert head.status == 200
    unlike = {"x-request-id"}
    assert [pair for pair in head.headers if pair[0] not in unlike] == [
        pair for pair in whole.headers if pair[0] not in unlike
    ]


@pytest.mark.case("UP-16")
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=0-", 0, 1000),
        ("bytes=500-", 500, 1000),
        ("bytes=-500", 500, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=999-999", 999, 1000),
        ("bytes=0-999", 0, 1000),
        ("bytes=10-99999999999", 10, 1000),
        ("Bytes=0-0", 0, 1),
    ],
)
def test_a_range_is_a_slice(client: Client, path: str, asked: str, start: int, end: int) -> None:
    """UP-16."""
    answer = client.request("GET", path, headers=[("range", asked)])
    assert answer.status == 206
    assert answer.header("content-range") == f"bytes {start}-{end - 1}/1000"
    assert answer.body == CONTENT[start:end]


@pytest.mark.case("UP-16")
@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999-"])
def test_a_range_outside_is_416(client: Client, path: str, asked: str) -> None:
    answer = client.request("GET", path, headers=[("range", asked)])
    assert answer.status == 416
    assert answer.header("content-range") == "bytes */1000"
    assert answer.body == b""


@pytest.mark.case("UP-17")
@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + ",".join(f"{number}-{number}" for number in range(10_000)),
        "bytes=0-1,2-3",
        "bytes=5-2",
        "bytes=1" * 30,
        "bytes=" + "9" * 50 + "-",
        "bytes = 0-1",
        "bytes=0 - 1",
        "lines=0-1",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=\u0660-\u0661",
        "0-1",
        "",
    ],
)
def test_other_ranges_get_the_whole_file(client: Client, path: str, asked: str) -> None:
    """UP-17."""
    answer = client.request("GET", path, headers=[(b"range", asked.encode())])
    assert (answer.status, answer.body) == (200, CONTENT)


@pytest.mark.case("UP-17")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.text(alphabet="bytes=-, 0123456789", max_size=30)
    | st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}", fullmatch=True)
)
@example("bytes=0-0")
def test_any_range_gets_bytes_of_the_file(client: Client, tenant: Tenants, asked: str) -> None:
    answer = client.request("GET", _shared(tenant), headers=[("range", asked)])
    if answer.status == 206:
        first, _, last = str(answer.header("content-range")).removeprefix("bytes ").removesuffix("/1000").partition("-")
        assert answer.body == CONTENT[int(first) : int(last) + 1] != b""
    elif answer.status == 416:
        assert answer.header("content-range") == "bytes */1000"
    else:
        assert (answer.status, answer.body) == (200, CONTENT)


_paths: list[str] = []


def _shared(tenant: Tenants) -> str:
    """One file for all examples of a property."""
    if not _paths:
        _paths.append(path_of(upload(tenant(), CONTENT).data["url"]))
    return _paths[0]


def _asked(client: Client, path: str, **headers: str) -> Response:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return client.request("GET", path, headers=named)


@pytest.mark.case("UP-18")
def test_conditions(client: Client, path: str) -> None:
    """UP-18."""
    tag = str(client.request("GET", path).header("etag"))
    assert (_asked(client, path, if_none_match=tag).status, _asked(client, path, if_none_match=tag).body) == (304, b"")
    assert _asked(client, path, if_none_match=f'"a", W/{tag}').status == 304
    assert _asked(client, path, if_none_match='"a"').status == 200
    assert _asked(client, path, if_none_match=tag, range="bytes=9999-").status == 304
    assert _asked(client, path, if_range=tag, range="bytes=0-1").status == 206
    assert _asked(client, path, if_range='"old"', range="bytes=0-1").status == 200
    assert _asked(client, path, if_range="Sat, 01 Jan 2028 00:00:00 GMT", range="bytes=0-1").status == 200


@pytest.mark.case("UP-22")
def test_only_the_exact_address_finds_it(client: Client, path: str) -> None:
    """UP-22."""
    _, _, token, name = path.split("/")
    other = ("b" if token[0] == "a" else "a") + token[1:]
    for wrong in (
        f"/media/{other}/{name}",
        f"/media/{token[:-1]}/{name}",
        f"/media/{token}/{name}x",
        f"/media/{token}/image.png",
        f"/media/{token}/",
        f"/media/{token}",
        f"/media/{token}/%2e%2e/{name}",
        f"/media/../media/{token}",
        "/media/",
        f"/media/{token[:2]}/{token}",
    ):
        answer = client.request("GET", wrong)
        check_problem(answer, "not_found")
        assert answer.header("content-security-policy") == "sandbox; default-src 'none'"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_can_only_be_read(client: Client, path: str, method: str) -> None:
    answer = client.request(method, path)
    check_problem(answer, "method_not_allowed")
    assert answer.header("allow") == "GET, HEAD"


@pytest.mark.case("UP-22")
def test_it_goes_with_its_item(tenant: Tenants, client: Client) -> None:
    """UP-22."""
    someone = tenant()
    screenshot = upload(someone, picture()).data["url"]
    item = someone.new_feedback(screenshotUrl=screenshot)
    attachment = upload(someone, picture(), feedbackId=item["id"]).data
    someone.post(f"/feedback/{item['id']}/notes", {"attachments": [attachment]})
    paths = [path_of(screenshot), path_of(attachment["url"])]
    assert [client.request("GET", path).status for path in paths] == [200, 200]
    someone.delete(f"/feedback/{item['id']}")
    assert [client.request("GET", path).status for path in paths] == [404, 404]


def test_it_goes_with_its_project(tenant: Tenants, client: Client) -> None:
    someone = tenant()
    item = someone.new_feedback()
    urls = [
        upload(someone, picture(), projectId=someone.project_id).data["url"],
        upload(someone, picture(), feedbackId=item["id"]).data["url"],
    ]
    assert someone.delete(f"/projects/{someone.project_id}").status == 200
    assert [client.request("GET", path_of(url)).status for url in urls] == [404, 404]


@pytest.mark.case("UP-19")
def test_files_of_others_can_not_be_named(tenant: Tenants) -> None:
    """UP-19."""
    someone, stranger = tenant(), tenant()
    theirs = upload(stranger, picture()).data["url"]
    body = {"projectId": someone.project_id, "message": "Mine", "screenshotUrl": theirs}
    check_problem(someone.post("/feedback", body), "bad_request", field="screenshotUrl")
    assert someone.count() == 0


@pytest.fixture
def apart(settings: Settings) -> Iterator[Client]:
    """An application that serves media under a host of their own."""
    changed = msgspec.structs.replace(settings, media_origin="https://media.example.com")
    server = Server(create_application(changed))
    yield Client(server)
    server.close()


@pytest.mark.case("UP-15")
def test_media_may_have_a_host_of_their_own(tenant: Tenants, apart: Client) -> None:
    """UP-15."""
    url = upload(tenant(client=apart), CONTENT).data["url"]
    assert url.startswith("https://media.example.com/media/")
    there = apart.request("GET", path_of(url), headers=[("host", "media.example.com")])
    assert (there.status, there.body) == (200, CONTENT)
    for headers in ([("host", "app.example.com")], []):
        check_problem(apart.request("GET", path_of(url), headers=headers), "not_found")
