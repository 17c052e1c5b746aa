"""What is accepted, what comes back, and that what is refused leaves nothing."""

import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from tests.media.conftest import Store
from tests.media.samples import (
    ACCEPTED,
    ID3,
    MIB,
    MP3,
    OGG,
    form,
    mp4,
    padded,
    path_of,
    picture,
    png_claiming,
    upload,
    wav,
    webm,
)
from tests.support.client import Client
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.db import Database

IMAGES = ("image/png", "image/jpeg", "image/webp")
OTHERS = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><a/>',
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(60),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(60),
    "script": b"#!/bin/sh\necho hello\n",
    "gif": b"GIF89a" + bytes(60),
    "avif": b"\0\0\0\x1cftypavif" + bytes(60),
    "mov": b"\0\0\0\x14ftypqt  " + bytes(60),
    "matroska": webm(doctype=b"matroska"),
    "aac": b"\xff\xf1\x50\x80" + bytes(60),
    "nothing": b"",
    "one byte": b"\x89",
}


@pytest.mark.case("UP-01")
@pytest.mark.parametrize("mime_type", ACCEPTED)
def test_each_type_is_stored_and_served(tenant: Tenants, client: Client, mime_type: str) -> None:
    """UP-01."""
    answer = upload(tenant(), ACCEPTED[mime_type], declared=mime_type)
    assert answer.status == 201
    assert answer.data.keys() == {"url", "contentType", "size"}
    assert answer.data["contentType"] == mime_type
    assert answer.data["url"].startswith("http://127.0.0.1:8000/media/")
    served = client.request("GET", path_of(answer.data["url"]))
    assert served.status == 200
    assert served.header("content-type") == mime_type
    assert len(served.body) == answer.data["size"]
    if mime_type not in IMAGES:
        assert served.body == ACCEPTED[mime_type]


@pytest.mark.parametrize("declared", [None, "application/octet-stream"])
@pytest.mark.parametrize("mime_type", ACCEPTED)
def test_without_a_declared_type_the_content_decides(tenant: Tenants, mime_type: str, declared: str | None) -> None:
    assert upload(tenant(), ACCEPTED[mime_type], declared=declared).data["contentType"] == mime_type


@pytest.mark.parametrize(
    ("content", "declared", "stored"),
    [
        (webm(), "audio/webm", "audio/webm"),
        (webm(b"A_OPUS"), "video/webm", "video/webm"),
        (mp4(), "audio/mp4", "audio/mp4"),
        (mp4(b"M4A "), "video/mp4", "video/mp4"),
        (wav(), "audio/x-wav", "audio/wav"),
        (ID3, "audio/mp3", "audio/mpeg"),
        (picture("JPEG"), "image/jpg", "image/jpeg"),
        (webm(), 'video/webm; codecs="vp9"', "video/webm"),
        (mp4(b"isom", b"soun"), None, "audio/mp4"),
    ],
)
def test_what_it_may_be_declared_as(tenant: Tenants, content: bytes, declared: str, stored: str) -> None:
    assert upload(tenant(), content, declared=declared).data["contentType"] == stored


@pytest.mark.case("UP-05")
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("declared", ["image/png", "application/octet-stream"])
def test_other_content_is_refused_whatever_it_is_called(
    tenant: Tenants, database: Database, store: Store, other: str, declared: str
) -> None:
    """UP-05."""
    someone, before = tenant(), store.files()
    with unchanged(database, someone):
        answer = upload(someone, OTHERS[other], name="screenshot.png", declared=declared)
    check_problem(answer, "bad_request", field="file")
    assert store.files() <= before


@pytest.mark.case("UP-06")
@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (picture("PNG"), "image/jpeg"),
        (mp4(), "image/webp"),
        (wav(), "audio/mpeg"),
        (OGG, "video/mp4"),
        (MP3, "image/png"),
        (picture("PNG"), "text/html"),
        (picture("PNG"), "image/svg+xml"),
        (picture("PNG"), "multipart/mixed"),
    ],
)
def test_content_and_declared_type_must_agree(tenant: Tenants, store: Store, content: bytes, declared: str) -> None:
    """UP-06."""
    before = store.files()
    check_problem(upload(tenant(), content, declared=declared), "bad_request", field="file")
    assert store.files() <= before


@pytest.mark.case("UP-02")
@pytest.mark.parametrize(
    ("declared", "sample", "limit"),
    [
        ("audio/mpeg", MP3, 10 * MIB),
        ("audio/webm", webm(), 10 * MIB),
        ("video/webm", webm(), 50 * MIB),
        ("video/mp4", mp4(), 50 * MIB),
    ],
)
def test_the_limit_passes_and_one_byte_more_does_not(
    tenant: Tenants, store: Store, declared: str, sample: bytes, limit: int
) -> None:
    """UP-02."""
    someone = tenant()
    assert upload(someone, padded(sample, limit), declared=declared).data["size"] == limit
    before = store.files()
    check_problem(upload(someone, padded(sample, limit + 1), declared=declared), "bad_request", field="file")
    assert store.files() <= before


def test_the_limit_of_images_is_on_what_was_sent(tenant: Tenants) -> None:
    """UP-02, UP-07: what stands after the picture is not stored."""
    someone, small = tenant(), picture("JPEG")
    assert upload(someone, padded(small, 5 * MIB), declared="image/jpeg").data["size"] < 2000
    check_problem(upload(someone, padded(small, 5 * MIB + 1), declared="image/jpeg"), "bad_request", field="file")


@pytest.mark.case("UP-07", "UP-10")
@pytest.mark.parametrize(("kind", "mime_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_pictures_keep_what_is_seen_and_nothing_else(
    tenant: Tenants, client: Client, kind: str, mime_type: str
) -> None:
    """UP-07, UP-10: a picture lying on its side stands up; places, comments and stowaways are gone."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "CANARY description"
    exif.get_ifd(0x8825)[29] = "CANARY:GPS"
    extra: dict[str, dict[str, Any]] = {
        "JPEG": {"comment": b"CANARY comment", "quality": 95},
        "WEBP": {"xmp": b"<x>CANARY</x>", "lossless": True},
    }
    options: dict[str, Any] = {"exif": exif, "icc_profile": b"CANARY profile", **extra.get(kind, {})}
    sent = picture(kind, **options) + b"CANARY PK\x03\x04 <script>"
    assert sent.count(b"CANARY") >= 3
    url = upload(tenant(), sent, declared=mime_type).data["url"]
    served = client.request("GET", path_of(url)).body
    assert b"CANARY" not in served
    with Image.open(io.BytesIO(served)) as shown:
        assert shown.format == kind
        assert shown.size == (10, 20)
        assert not shown.getexif()
        red, _, blue = shown.convert("RGB").split()
    assert min(red.crop((2, 2, 8, 8)).tobytes()) > 200, "red is on top"
    assert min(blue.crop((2, 12, 8, 18)).tobytes()) > 200, "blue is below"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_stays_what_it_looks_like(tenant: Tenants, client: Client, mode: str) -> None:
    sent = picture("PNG", mode=mode)
    url = upload(tenant(), sent, declared="image/png").data["url"]
    served = client.request("GET", path_of(url)).body
    with Image.open(io.BytesIO(served)) as shown, Image.open(io.BytesIO(sent)) as original:
        assert shown.convert("RGBA").tobytes() == original.convert("RGBA").tobytes()


def test_see_through_palettes_stay_see_through(tenant: Tenants, client: Client) -> None:
    drawn, stream = Image.new("P", (4, 4)), io.BytesIO()
    drawn.save(stream, "PNG", transparency=0)
    url = upload(tenant(), stream.getvalue()).data["url"]
    with Image.open(io.BytesIO(client.request("GET", path_of(url)).body)) as shown:
        assert shown.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def _animated(kind: str) -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 90, 180)]
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:])
    return stream.getvalue()


@pytest.mark.case("UP-08")
@pytest.mark.parametrize(
    "content",
    [
        png_claiming(50_000, 50_000),
        png_claiming(2**31 - 1, 1),
        png_claiming(0, 10),
        picture("JPEG").replace(b"\xff\xc0\x00\x11\x08\x00\x0a\x00\x14", b"\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc"),
        b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(30),
        b"RIFF\x1a\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f" + bytes(30),
        _animated("PNG"),
        _animated("WEBP"),
        picture("PNG")[:-30],
        picture("JPEG")[:200],
        picture("WEBP")[:-20],
        picture("WEBP")[:20],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + bytes(5000),
    ],
)
def test_bombs_and_ruins_are_refused(tenant: Tenants, database: Database, store: Store, content: bytes) -> None:
    """UP-08, UP-09."""
    someone, before = tenant(), store.files()
    with unchanged(database, someone):
        check_problem(upload(someone, content), "bad_request", field="file")
    assert store.files() <= before


@pytest.mark.case("UP-12")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("screenshot.png", "screenshot.png"),
        ("Photo of the day.PNG", "Photo of the day.PNG"),
        ("../../../etc/passwd", "passwd.png"),
        ("..%2f..%2fx.png", "2f.._2fx.png"),
        ("/etc/passwd.png", "passwd.png"),
        (r"C:\\Users\\jane\\a.png", "a.png"),
        ("a\u202egnp.exe", "agnp.exe.png"),
        ("-rf.png", "rf.png"),
        ("con.png", "file-con.png"),
        ("page.html", "page.html.png"),
        ("Übersicht — 画面.png", "Übersicht — 画面.png"),
        ("x" * 3000 + ".png", "x" * 92 + ".png"),
        ("", "file.png"),
        (None, "file.png"),
    ],
)
def test_names_are_cleaned(tenant: Tenants, store: Store, sent: str | None, shown: str) -> None:
    """UP-12: the name under which a file is stored is made here, whatever the sender's is."""
    someone, before = tenant(), store.files()
    item = someone.new_feedback()
    attachment = upload(someone, picture(), name=sent, feedbackId=item["id"]).data
    assert attachment["fileName"] == shown
    assert attachment["url"].endswith("/image.png")
    (added,) = store.files() - before
    assert added.isascii()
    assert added.startswith("files/")


def test_an_attachment_object_has_the_fields_of_the_reference(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    found = upload(someone, wav(), name="recording.wav", declared="audio/wav", feedbackId=item["id"]).data
    assert found.keys() == {"id", "url", "type", "fileName", "fileSize", "mimeType"}
    assert found["id"].startswith("att_")
    assert found["id"].split("_")[1].isdecimal()
    assert (found["type"], found["fileName"], found["mimeType"]) == ("audio", "recording.wav", "audio/wav")
    assert found["fileSize"] == len(wav())


@pytest.mark.case("UP-19")
def test_ids_of_others_are_not_found(tenant: Tenants, database: Database, store: Store) -> None:
    someone, stranger = tenant(), tenant()
    theirs, before = stranger.new_feedback(), store.files()
    with unchanged(database, someone, stranger):
        for fields in ({"feedbackId": theirs["id"]}, {"projectId": stranger.project_id}, {"projectId": "proj_none"}):
            check_problem(upload(someone, picture(), **fields), "not_found")
        given, body = form(picture())
        answer = someone.request(
            "POST", "/feedback/upload", headers=given, body=body, workspaceId=stranger.workspace_id
        )
        check_problem(answer, "not_found")
    assert store.files() <= before


def test_the_workspace_must_be_named(tenant: Tenants, store: Store) -> None:
    someone, before = tenant(), store.files()
    given, body = form(picture())
    check_problem(
        someone.request("POST", "/feedback/upload", headers=given, body=body), "bad_request", field="workspaceId"
    )
    assert store.files() <= before
    given, body = form(picture(), workspaceId=someone.workspace_id, projectId=someone.project_id)
    assert someone.request("POST", "/feedback/upload", headers=given, body=body).status == 201


@pytest.mark.case("IDM-21", "IDM-22")
def test_a_repetition_stores_nothing(tenant: Tenants, store: Store) -> None:
    """IDM-21: the boundary differs from try to try."""
    someone, key = tenant(), [("idempotency-key", "one")]
    first = upload(someone, picture(), headers=key, boundary="first")
    before = store.files()
    again = upload(someone, picture(), headers=key, boundary="second", name="other.png")
    assert again.body == first.body
    assert again.header("idempotent-replayed") == "true"
    check_problem(upload(someone, picture(size=(8, 8)), headers=key), "conflict")
    check_problem(upload(someone, b"no picture", headers=key), "conflict")
    check_problem(upload(someone, picture(), headers=key, projectId=someone.project_id), "conflict")
    assert store.files() <= before


def test_a_refusal_is_kept_with_its_key(tenant: Tenants, store: Store) -> None:
    someone, key, before = tenant(), [("idempotency-key", "two")], store.files()
    first = upload(someone, picture(), headers=key, projectId="proj_none")
    again = upload(someone, picture(), headers=key, projectId="proj_none")
    check_problem(first, "not_found")
    assert (again.status, again.header("idempotent-replayed")) == (404, "true")
    assert store.files() <= before


@pytest.mark.case("UP-28")
def test_storage_is_counted_and_limited(tenant: Tenants, database: Database, store: Store) -> None:
    """UP-28."""
    someone = tenant()
    size = upload(someone, padded(MP3, 3 * MIB)).data["size"]
    usage = someone.get(f"/workspace/{someone.workspace_id}/usage").data
    assert usage["usage"]["storageBytes"] == size == 3 * MIB


def test_what_is_stored_is_what_was_sent(tenant: Tenants, client: Client) -> None:
    content = padded(webm(), 3 * MIB)
    url = upload(tenant(), content).data["url"]
    served = client.request("GET", path_of(url)).body
    assert hashlib.sha256(served).digest() == hashlib.sha256(content).digest()
