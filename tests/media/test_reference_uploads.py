"""Uploads as the reference draws them: ten types in three categories, two answers, and where each can be used."""

import re
from typing import Any

import pytest

from tests.media.conftest import Store
from tests.media.samples import (
    ACCEPTED,
    BOUNDARY,
    MIB,
    OGG,
    form,
    mp4,
    padded,
    path_of,
    picture,
    upload,
    wav,
)
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

CATEGORIES = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/webp": "image",
    "audio/webm": "audio",
    "audio/mp4": "audio",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "audio/wav": "audio",
    "video/webm": "video",
    "video/mp4": "video",
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def test_these_types_and_no_others_are_tested() -> None:
    assert ACCEPTED.keys() == CATEGORIES.keys()


@pytest.mark.parametrize("mime_type", CATEGORIES)
def test_without_an_item_the_answer_is_an_address(caller: Tenant, client: Client, mime_type: str) -> None:
    answer = upload(caller, ACCEPTED[mime_type], declared=mime_type)
    assert (answer.status, answer.json().keys()) == (201, {"data"})
    found = answer.data
    assert found.keys() == {"url", "contentType", "size"}
    assert found["contentType"] == mime_type
    assert found["url"].startswith("http")
    served = client.request("GET", path_of(found["url"]))
    assert (served.status, len(served.body)) == (200, found["size"])


@pytest.mark.parametrize("mime_type", CATEGORIES)
def test_with_an_item_the_answer_is_an_attachment(caller: Tenant, clock: Clock, mime_type: str) -> None:
    item = caller.new_feedback()
    extension = {"mpeg": "mp3", "jpeg": "jpg"}.get(mime_type.partition("/")[2], mime_type.partition("/")[2])
    name = f"screenshot.{extension}"
    answer = upload(caller, ACCEPTED[mime_type], declared=mime_type, name=name, feedbackId=item["id"])
    assert (answer.status, answer.json().keys()) == (201, {"data"})
    found = answer.data
    size = upload(caller, ACCEPTED[mime_type], declared=mime_type).data["size"]
    assert {name: value for name, value in found.items() if name not in ("id", "url")} == {
        "type": CATEGORIES[mime_type],
        "fileName": name,
        "fileSize": size,
        "mimeType": mime_type,
    }
    assert re.fullmatch(rf"att_{int(clock.seconds)}_[0-9A-Za-z]+", found["id"])
    assert found["url"].startswith("http")
    for path, text in (("comments", "message"), ("notes", "content")):
        again = upload(caller, ACCEPTED[mime_type], declared=mime_type, name=name, feedbackId=item["id"]).data
        said = caller.post(f"/feedback/{item['id']}/{path}", {text: "See this", "attachments": [again]})
        assert said.data["attachments"] == [again]


def test_a_file_is_required(caller: Tenant, database: Database, store: Store) -> None:
    before = store.files()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="projectId"\r\n\r\n{caller.project_id}\r\n'
    body = f"{head}--{BOUNDARY}--\r\n".encode()
    kind = [("content-type", f"multipart/form-data; boundary={BOUNDARY}")]
    with unchanged(database, caller):
        answer = caller.request("POST", "/feedback/upload", headers=kind, body=body, workspaceId=caller.workspace_id)
        check_problem(answer, "bad_request", field="file")
    assert store.files() <= before


def test_neither_project_nor_item_is_required(caller: Tenant) -> None:
    item = caller.new_feedback()
    plain, attachment = {"url", "contentType", "size"}, {"id", "url", "type", "fileName", "fileSize", "mimeType"}
    for fields, keys in (
        ({}, plain),
        ({"projectId": caller.project_id}, plain),
        ({"feedbackId": item["id"]}, attachment),
        ({"feedbackId": item["id"], "projectId": caller.project_id}, attachment),
        ({"feedbackId": "", "projectId": ""}, plain),
    ):
        assert upload(caller, picture(), **fields).data.keys() == keys, fields


@pytest.mark.case("UP-02")
@pytest.mark.parametrize(
    ("declared", "sample", "limit"),
    [
        ("image/png", picture("PNG"), 5 * MIB),
        ("image/webp", picture("WEBP"), 5 * MIB),
        ("audio/mp4", mp4(b"M4A ", b"soun"), 10 * MIB),
        ("audio/ogg", OGG, 10 * MIB),
        ("audio/wav", wav(), 10 * MIB),
    ],
)
def test_the_limits_of_the_other_types(caller: Tenant, store: Store, declared: str, sample: bytes, limit: int) -> None:
    """Those that ``test_uploads`` leaves out; what follows a picture is sent, and counted, but not stored."""
    assert upload(caller, padded(sample, limit), declared=declared).data["contentType"] == declared
    before = store.files()
    answer = upload(caller, padded(sample, limit + 1), declared=declared)
    check_problem(answer, "bad_request", field="file")
    assert store.files() <= before


@pytest.mark.parametrize(
    "declared",
    ["image/gif", "image/svg+xml", "image/avif", "image/heic", "audio/aac", "audio/flac", "video/quicktime",
     "video/x-matroska", "application/pdf", "text/plain", "text/html"],
)  # fmt: skip
def test_a_type_that_the_table_does_not_have_is_refused(
    caller: Tenant, database: Database, store: Store, declared: str
) -> None:
    before = store.files()
    with unchanged(database, caller):
        check_problem(upload(caller, picture(), declared=declared), "bad_request", field="file")
    assert store.files() <= before


@pytest.mark.case("UP-21")
def test_an_attachment_is_good_for_its_item_only(caller: Tenant, database: Database) -> None:
    item, other = caller.new_feedback(), caller.new_feedback()
    attachment = upload(caller, picture(), feedbackId=item["id"]).data
    bodies: list[tuple[str, dict[str, Any]]] = [("comments", {"message": "x"}), ("notes", {"content": "x"})]
    with unchanged(database, caller):
        for path, body in bodies:
            answer = caller.post(f"/feedback/{other['id']}/{path}", {**body, "attachments": [attachment]})
            check_problem(answer, "bad_request", field="attachments[0].id")


def test_a_body_that_is_json_is_refused(caller: Tenant) -> None:
    answer = caller.request("POST", "/feedback/upload", json={"file": "x"}, workspaceId=caller.workspace_id)
    check_problem(answer, "bad_request", naming="multipart/form-data")


def test_the_fields_may_come_after_the_file(caller: Tenant) -> None:
    item = caller.new_feedback()
    headers, body = form(picture(), name="a.png")
    field = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="feedbackId"\r\n\r\n{item["id"]}'
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    body = body.removesuffix(end) + field.encode() + end
    answer = caller.request("POST", "/feedback/upload", headers=headers, body=body, workspaceId=caller.workspace_id)
    assert answer.data["fileName"] == "a.png"
