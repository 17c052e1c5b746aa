"""Forms on the wire: who asks comes first, every part has a limit, and what breaks off leaves nothing."""

import asyncio
from collections.abc import MutableMapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.media.conftest import Store
from tests.media.samples import BOUNDARY, MIB, MP3, form, padded, picture, upload, webm
from tests.support.client import Application, Client, Headers, Response
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

KIND = [("content-type", f"multipart/form-data; boundary={BOUNDARY}")]


def send(tenant: Tenant, *chunks: bytes, headers: Headers = KIND) -> Response:
    """A body in pieces of our own."""
    return tenant.request(
        "POST", "/feedback/upload", headers=headers, body=list(chunks), workspaceId=tenant.workspace_id
    )


def part(disposition: str, content: bytes = b"x", *headers: str) -> bytes:
    """One part of a form."""
    lines = [f"--{BOUNDARY}", f"Content-Disposition: {disposition}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
FILE = part('form-data; name="file"; filename="a.png"', picture())

HOSTILE = {
    "empty": [b""],
    "no boundary in the body": [b"hello"],
    "another boundary": [form(picture(), boundary="other")[1]],
    "no last boundary": [FILE],
    "no file": [part('form-data; name="projectId"'), END],
    "eleven parts": [b"".join(part(f'form-data; name="f{number}"') for number in range(11)), FILE, END],
    "a thousand parts": [*(part(f'form-data; name="f{number}"') for number in range(1001)), END],
    "a large field": [part('form-data; name="projectId"', b"x" * MIB), FILE, END],
    "a long preamble": [b"x" * MIB, b"\r\n", FILE, END],
    "a long preamble of line ends": [b"\r\n" * (MIB // 2), FILE, END],
    "a long epilogue": [FILE, END, *[b"x" * 8192] * 64],
    "headers without an end": [f"--{BOUNDARY}\r\n".encode(), *[b"X-A: b\r\n"] * 5000],
    "a header without an end": [f"--{BOUNDARY}\r\nX-A: ".encode(), *[b"x" * 8192] * 64],
    "padding without an end": [f"--{BOUNDARY}".encode(), *[b" " * 8192] * 64],
    "two files": [FILE, FILE, END],
    "a second file by another name": [FILE, part('form-data; name="other"; filename="b.png"', picture()), END],
    "a field twice": [part('form-data; name="projectId"'), part('form-data; name="projectId"'), FILE, END],
    "an unknown field": [part('form-data; name="colour"'), FILE, END],
    "a nested form": [part('form-data; name="file"', b"--x\r\n", "Content-Type: multipart/mixed; boundary=x"), END],
    "no name": [part("form-data"), FILE, END],
    "no disposition": [f"--{BOUNDARY}\r\n\r\nx\r\n".encode(), FILE, END],
    "an attachment": [part('attachment; name="file"', picture()), END],
    "an encoding": [part('form-data; name="file"', b"aGk=", "Content-Transfer-Encoding: base64"), END],
    "NUL in a field": [part('form-data; name="projectId"', b"a\0b"), FILE, END],
    "bad UTF-8 in a field": [part('form-data; name="projectId"', b"\xff"), FILE, END],
}


@pytest.mark.case("UP-27")
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_forms_are_refused(tenant: Tenants, database: Database, store: Store, body: list[bytes]) -> None:
    """UP-27."""
    someone, before = tenant(), store.files()
    with unchanged(database, someone):
        check_problem(send(someone, *body), "bad_request")
    assert store.files() <= before


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "application/json")],
        [("content-type", "multipart/form-data")],
        [("content-type", "multipart/form-data; boundary=")],
        [("content-type", f"multipart/form-data; boundary={'x' * 71}")],
        [("content-type", f"multipart/mixed; boundary={BOUNDARY}")],
        [*KIND, *KIND],
        [*KIND, ("content-encoding", "gzip")],
        [*KIND, ("content-length", str(50 * MIB + 64 * 1024 + 1))],
        [*KIND, ("content-length", "-1")],
    ],
)
def test_headers_must_announce_a_plain_form(tenant: Tenants, store: Store, headers: Headers) -> None:
    before = store.files()
    check_problem(send(tenant(), FILE, END, headers=headers), "bad_request")
    assert store.files() <= before


@pytest.mark.case("UP-03", "UP-04")
@pytest.mark.figure(no="H11")
@pytest.mark.parametrize(
    ("sample", "declared", "limit"),
    [
        (MP3, "audio/mpeg", 10),
        (webm(), "audio/webm", 10),
        (webm(), "video/webm", 50),
        (b"\xff\xd8\xff", "image/jpeg", 5),
    ],
    ids=["mp3", "sound", "film", "picture"],
)
def test_reading_stops_at_the_limit(
    tenant: Tenants, app: Application, client: Client, store: Store, sample: bytes, declared: str, limit: int
) -> None:
    """UP-03, UP-04, H11: a body that goes on for ever and says nothing of its length."""
    before = store.files()
    head = form(sample, declared=declared)[1].partition(f"\r\n--{BOUNDARY}--".encode())[0]
    status, taken = asyncio.run(_send_for_ever(app, client, tenant(), head))
    assert status == 400
    assert taken <= limit * MIB + 64 * 1024 + 4096
    assert store.files() <= before


async def _send_for_ever(app: Application, client: Client, someone: Tenant, head: bytes) -> tuple[int, int]:
    """Status of the answer, and how many bytes were taken until then."""
    taken = 0
    statuses: list[int] = []
    piece = bytes(32_768)

    async def receive() -> dict[str, Any]:
        nonlocal taken
        body = head if taken == 0 else piece
        taken += len(body)
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    target = f"/api/v1/feedback/upload?workspaceId={someone.workspace_id}"
    scope, _ = client.prepared("POST", target, headers=[*KIND, someone.authorization])
    await app(scope, receive, send)
    return statuses[0], taken


@pytest.mark.parametrize(
    ("headers", "code"),
    [([], "unauthorized"), ([("authorization", "Bearer sk_live_nobody")], "unauthorized")],
)
def test_strangers_send_nothing(client: Client, store: Store, headers: Headers, code: str) -> None:
    """Who asks is looked at before the body: this one has no end, and is not waited for."""
    before = store.files()
    answer = client.request("POST", "/api/v1/feedback/upload", headers=[*KIND, *headers], body=[b"", b""])
    check_problem(answer, code)
    assert store.files() <= before


def test_the_scope_is_looked_at_before_the_body(tenant: Tenants) -> None:
    someone = tenant(scopes=frozenset({"feedback:read"}))
    check_problem(send(someone, b"no form"), "forbidden", naming="feedback:write")


def test_the_rate_limit_counts_before_the_body(tenant: Tenants, limited_client: Client) -> None:
    someone = tenant(client=limited_client)
    statuses = {send(someone, b"no form").status for _ in range(100)}
    assert statuses == {400}
    check_problem(send(someone, b"no form"), "rate_limited")


def test_a_connection_that_breaks_off_leaves_nothing(tenant: Tenants, client: Client, store: Store) -> None:
    someone, before = tenant(), store.files()
    answer = client.request(
        "POST",
        f"/api/v1/feedback/upload?workspaceId={someone.workspace_id}",
        headers=[*KIND, someone.authorization],
        body=[FILE[:200]],
        breaks_off=True,
    )
    check_problem(answer, "bad_request")
    assert store.files() <= before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 400), max_size=30), content=st.binary(max_size=300))
def test_however_a_form_is_cut_it_reads_the_same(tenant: Tenants, cuts: list[int], content: bytes) -> None:
    someone = _someone(tenant)
    sound = MP3 + content.replace(BOUNDARY.encode(), b"")
    _, body = form(sound, declared="audio/mpeg", projectId=someone.project_id)
    places = sorted({0, len(body), *(min(cut, len(body)) for cut in cuts)})
    pieces = [body[start:end] for start, end in pairwise(places)]
    assert send(someone, *pieces).data["size"] == len(sound)


@pytest.mark.case("UP-09")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_forms_never_break_the_server(tenant: Tenants, store: Store, data: st.DataObject) -> None:
    someone, before = _someone(tenant), store.files()
    body = bytearray(part('form-data; name="projectId"', someone.project_id.encode()) + FILE + END)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    answer = send(someone, bytes(body))
    assert answer.status in (201, 400, 404), answer
    if answer.status != 201:
        assert store.files() <= before


@pytest.mark.case("UP-09")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_damaged_pictures_never_break_the_server(tenant: Tenants, store: Store, data: st.DataObject, kind: str) -> None:
    """UP-09."""
    someone, before = _someone(tenant), store.files()
    content = bytearray(picture(kind, size=(64, 48)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    answer = upload(someone, bytes(content[: data.draw(st.integers(1, len(content)))]))
    assert answer.status in (201, 400), answer
    if answer.status != 201:
        assert store.files() <= before


_tenants: list[Tenant] = []


def _someone(tenant: Tenants) -> Tenant:
    """One tenant for all examples of a property."""
    if not _tenants:
        _tenants.append(tenant())
    return _tenants[0]


def test_a_sound_of_ten_mebibytes_passes_in_small_pieces(tenant: Tenants) -> None:
    _, body = form(padded(MP3, 10 * MIB), declared="audio/mpeg")
    pieces = [body[place : place + 300_000] for place in range(0, len(body), 300_000)]
    assert send(tenant(), *pieces).data["size"] == 10 * MIB
