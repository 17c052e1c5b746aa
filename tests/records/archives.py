"""Exports as those get them who asked: the archive's files, and what their lines say."""

import csv
import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

from tests.support.client import Client, Response
from tests.support.tenants import Tenant
from tests.support.work import finish
from userhero.kernel.db import Database
from userhero.records.actions.export import WRITE


def exported(caller: Tenant, database: Database, **wanted: Any) -> Any:
    """An export, done."""
    made = caller.post("/exports", wanted).data
    assert (made["status"], made["url"]) == ("waiting", None)
    finish(database, WRITE)
    found = caller.get(f"/exports/{made['id']}").data
    assert found["status"] == "done", found
    return found


def download(client: Client, url: str, *, headers: list[tuple[str | bytes, str | bytes]] | None = None) -> Response:
    """What lies at an export's address."""
    return client.request("GET", "/" + url.split("/", 3)[3] if "://" in url else url, headers=headers or [])


def unpacked(client: Client, found: Any) -> dict[str, bytes]:
    """The files of a finished export, by name."""
    answer = download(client, found["url"])
    assert answer.status == 200, answer
    assert len(answer.body) == found["bytes"]
    files = {}
    with tarfile.open(fileobj=io.BytesIO(answer.body), mode="r:gz") as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            assert content is not None, "there are only files"
            assert entry.name not in files, f"{entry.name} comes twice"
            files[entry.name] = content.read()
    return files


def lines(files: dict[str, bytes], name: str) -> list[Any]:
    """The objects of one kind, from however many files."""
    return [json.loads(line) for content in _of(files, name, "ndjson") for line in content.decode().splitlines()]


def cells(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    """The same from CSV, read strictly."""
    rows: list[dict[str, str]] = []
    for content in _of(files, name, "csv"):
        reader = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        rows += [dict(row) for row in reader]
    return rows


def _of(files: dict[str, bytes], name: str, kind: str) -> Iterator[bytes]:
    for file in sorted(files):
        if file == f"{name}.{kind}" or (file.startswith(f"{name}-") and file.endswith(kind)):
            yield files[file]
