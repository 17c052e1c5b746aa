"""Static files and fixed pages: kept forever by browsers, sent compressed, never mistaken for something else."""

import asyncio
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from userhero.ui import Assets, Content, interface_assets


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "a.css").write_text("a { color: red }\n" * 50)
    (tmp_path / "b.js").write_text("export {};")
    (tmp_path / "c.svg").write_text("<svg/>")
    return tmp_path


@dataclass
class Answer:
    """What came over the wire."""

    status: int
    headers: httpx.Headers
    raw: bytes


def ask(app: ASGIApp, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """Send one request; underscores in the names of headers are hyphens."""

    async def send() -> Answer:
        sent = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://test") as client,
            client.stream(method, path, headers=sent) as answer,
        ):
            return Answer(answer.status_code, answer.headers, b"".join([part async for part in answer.aiter_raw()]))

    return asyncio.run(send())


def site(assets: Assets) -> Starlette:
    return Starlette(routes=assets.routes())


def test_a_name_carries_the_hash_of_what_it_names(directory: Path) -> None:
    before = Assets(directory).url("a.css")
    assert re.fullmatch(r"/static/a\.[0-9a-f]{12}\.css", before)
    (directory / "a.css").write_text("changed")
    assert Assets(directory).url("a.css") != before
    with pytest.raises(LookupError):
        Assets(directory).url("missing.css")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.css", "text/css; charset=utf-8"), ("b.js", "text/javascript; charset=utf-8"), ("c.svg", "image/svg+xml")],
)
def test_files_are_kept_forever_and_typed(directory: Path, name: str, media_type: str) -> None:
    assets = Assets(directory)
    answer = ask(site(assets), assets.url(name))
    assert answer.raw == (directory / name).read_bytes()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_unknown_kind_of_file_stops_the_start(directory: Path) -> None:
    (directory / "d.exe").write_bytes(b"MZ")
    with pytest.raises(ValueError, match=r"d\.exe"):
        Assets(directory)


@pytest.mark.parametrize("path", ["/static/a.css", "/static/a.000000000000.css", "/static/..%2fassets.py", "/static/"])
def test_other_names_are_not_found(directory: Path, path: str) -> None:
    assert ask(site(Assets(directory)), path).status == 404


def test_only_reading_is_allowed(directory: Path) -> None:
    assets = Assets(directory)
    assert ask(site(assets), assets.url("a.css"), method="HEAD").status == 200
    assert ask(site(assets), assets.url("a.css"), method="POST").status == 405


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("", False),
        ("gzip;q=0", False),
        ("*, gzip;q=0", False),
        ("gzip;q=nonsense", False),
    ],
)
def test_only_who_accepts_it_gets_gzip(directory: Path, accepted: str, compressed: bool) -> None:
    assets = Assets(directory)
    answer = ask(site(assets), assets.url("a.css"), accept_encoding=accepted)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers.get("content-encoding") == "gzip") is compressed
    assert (gzip.decompress(answer.raw) if compressed else answer.raw) == (directory / "a.css").read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.raw)


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_a_known_version_is_not_sent_again(directory: Path, known: str) -> None:
    assets = Assets(directory)
    etag = ask(site(assets), assets.url("a.css")).headers["etag"]
    answer = ask(site(assets), assets.url("a.css"), if_none_match=known.format(etag))
    assert (answer.status, answer.raw) == (304, b"")
    assert answer.headers["etag"] == etag


def test_another_encoding_is_another_version(directory: Path) -> None:
    assets = Assets(directory)
    etag = ask(site(assets), assets.url("a.css"), accept_encoding="gzip").headers["etag"]
    assert ask(site(assets), assets.url("a.css"), if_none_match=etag).status == 200


def test_a_fixed_page_is_served_with_the_callers_caching() -> None:
    content = Content.of("<p>é</p>", "text/html; charset=utf-8")

    async def show(request: Request) -> Response:
        return content.answer(request, cache_control="no-cache")

    answer = ask(Starlette(routes=[Route("/", show)]), "/")
    assert answer.raw.decode() == "<p>é</p>"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_interface_has_its_files() -> None:
    for name in ("ui.css", "reference.css", "theme.js", "ui.js", "reference.js", "icon.svg"):
        assert interface_assets().url(name).startswith("/static/")
