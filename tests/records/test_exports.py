"""Exports: all that a workspace has, or one customer of it, in an archive that can be had for a week."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.media.samples import picture, upload
from tests.records.archives import cells, download, exported, lines, unpacked
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.measuring import Measured
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero.kernel import storage as stores
from userhero.kernel.db import Database
from userhero.kernel.http.routing import SCOPES
from userhero.kernel.jobs import Runner
from userhero.records import writing
from userhero.records.actions import export as actions
from userhero.records.actions.export import REMOVE, WRITE
from userhero.records.rows import lines_of, text_of
from userhero.server.composition import job_table


def filled(caller: Tenant) -> dict[str, Any]:
    """A workspace with one of everything; returns what the API shows of it."""
    customer = caller.post("/customers", {"name": "Jane Roe", "primaryEmail": "jane@example.com", "notes": "VIP"}).data
    item = caller.new_feedback("Schön ☃", userEmail="jane@example.com", customMetadata={"plan": "pro", "n": 1.5})
    other = caller.new_feedback("By somebody else", userEmail="john@example.com")
    attachment = upload(caller, picture(), feedbackId=item["id"]).data
    comment = caller.post(
        f"/feedback/{item['id']}/comments",
        {"authorType": "customer", "authorName": "Jane", "authorEmail": "jane@example.com", "message": "And?",
         "attachments": [attachment]},
    ).data  # fmt: skip
    note = caller.post(f"/feedback/{other['id']}/notes", {"contentHtml": "<p>Known</p>"}).data
    workflow = caller.post("/workflows", {"projectId": caller.project_id, "name": "Bugs", "type": "issues"}).data
    card = caller.post(f"/workflows/{workflow['id']}/items", {"feedbackId": item["id"]}).data
    return {"customer": customer, "item": item, "other": other, "comment": comment, "note": note, "card": card}


def listed(caller: Tenant, path: str, **query: Any) -> list[Any]:
    """Everything that a list of the API shows, oldest first."""
    found = caller.get(path, pageSize=100, **query).json()["data"]
    return sorted(found, key=lambda each: (each["createdAt"], each["id"]))


def test_a_workspace_is_exported_as_the_api_shows_it(tenant: Tenants, database: Database, client: Client) -> None:
    caller, stranger = tenant(), tenant()
    made = filled(caller)
    filled(stranger)
    found = exported(caller, database)
    files = unpacked(client, found)
    assert sorted(lines(files, "feedback"), key=lambda each: str(each["id"])) == sorted(
        listed(caller, "/feedback"), key=lambda each: str(each["id"])
    )
    profiles = [caller.get(f"/customers/{each['id']}").data for each in caller.get("/customers").data]
    assert sorted(map(json.dumps, lines(files, "customers"))) == sorted(map(json.dumps, profiles))
    assert lines(files, "comments") == [{"feedbackId": made["item"]["id"], **made["comment"]}]
    assert lines(files, "notes") == [{"feedbackId": made["other"]["id"], **made["note"]}]
    assert lines(files, "projects") == listed(caller, "/projects")
    assert lines(files, "widgets") == listed(caller, "/widgets")
    assert lines(files, "workflow_items") == [made["card"]]
    assert lines(files, "events") == caller.get("/events", pageSize=100).json()["data"]
    assert [each["id"] for each in lines(files, "workspace")] == [caller.workspace_id]
    assert [each["email"] for each in lines(files, "members")] == [caller.email]
    assert stranger.workspace_id.encode() not in b"".join(files.values())


def test_the_manifest_says_what_is_there(tenant: Tenants, database: Database, client: Client) -> None:
    caller = tenant()
    filled(caller)
    found = exported(caller, database, includeMedia=True)
    files = unpacked(client, found)
    manifest = json.loads(files.pop("manifest.json"))
    media = lines(files, "media")
    assert manifest["workspaceId"] == caller.workspace_id
    assert manifest["records"]["feedback"] == 2
    assert manifest["records"]["automations"] == 0
    listing = {each["name"]: each for each in manifest["files"]}
    assert listing.keys() | {each["path"] for each in media} == files.keys()
    for name, each in listing.items():
        content = files[name]
        assert each == {
            "name": name,
            "records": content.count(b"\n"),
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    assert manifest["media"] == {"files": 1, "bytes": media[0]["fileSize"], "missing": 0}
    assert hashlib.sha256(files[media[0]["path"]]).hexdigest() == media[0]["sha256"]
    total = sum(manifest["records"].values()) + 1
    assert found["progress"] == {"done": total, "total": total}


@pytest.mark.case("KEY-03")
def test_no_secret_is_in_it(tenant: Tenants, database: Database, client: Client) -> None:
    caller = tenant()
    secrets = [
        caller.post("/webhooks", {"name": "In", "projectId": caller.project_id}).data["secret"],
        caller.post("/webhook-endpoints", {"url": "https://hooks.example.invalid/x"}).data["secret"],
        caller.api_key,
    ]
    portal = {"embeddedPortal": {"enabled": True}}
    caller.patch(f"/projects/{caller.project_id}", portal)
    content = b"".join(unpacked(client, exported(caller, database)).values())
    for secret in secrets:
        assert secret.encode() not in content


@pytest.mark.case("GDPR-01")
def test_one_customer(tenant: Tenants, database: Database, client: Client) -> None:
    caller = tenant()
    made = filled(caller)
    elsewhere = {"authorType": "customer", "authorName": "J", "authorEmail": "jane@example.com", "message": "Me too"}
    on_other = caller.post(f"/feedback/{made['other']['id']}/comments", elsewhere).data
    old = caller.post("/customers", {"primaryEmail": "old@example.com"}).data["id"]
    moved = caller.new_feedback("From before", userEmail="old@example.com")
    customer_id = made["customer"]["id"]
    caller.request("POST", f"/customers/{customer_id}/merge", json={"sourceCustomerId": old})
    found = exported(caller, database, customerId=customer_id, includeMedia=True)
    assert found["customerId"] == customer_id
    files = unpacked(client, found)
    assert [each["id"] for each in lines(files, "customers")] == [customer_id]
    assert {each["id"] for each in lines(files, "feedback")} == {made["item"]["id"], moved["id"]}
    assert [each["id"] for each in lines(files, "comments")] == [made["comment"]["id"], on_other["id"]]
    assert lines(files, "notes") == []
    assert lines(files, "workflow_items") == [made["card"]]
    assert len(lines(files, "media")) == 1
    assert {each["event"] for each in lines(files, "events")} >= {"feedback.created", "customer.created"}
    assert "projects.ndjson" not in files
    content = b"".join(files.values())
    assert b"john@example.com" not in content
    assert b"By somebody else" not in content


@pytest.mark.case("GDPR-06", "TEN-20")
def test_a_customer_of_somebody_else(tenant: Tenants, database: Database) -> None:
    caller, other = tenant(), tenant()
    theirs = other.post("/customers", {"name": "Jane"}).data["id"]
    with unchanged(database, caller, other):
        check_problem(caller.post("/exports", {"customerId": theirs}), "not_found")


@pytest.mark.parametrize("missing", ["feedback:read", "customers:read"])
def test_both_scopes_are_needed(tenant: Tenants, database: Database, missing: str) -> None:
    caller = tenant()
    poor = tenant.with_key(caller, scopes=SCOPES - {missing, missing.replace("read", "write")})
    with unchanged(database, caller):
        check_problem(poor.post("/exports"), "forbidden", naming=missing)


def test_csv(tenant: Tenants, database: Database, client: Client) -> None:
    caller = tenant()
    item = caller.new_feedback('=HYPERLINK("x")', tags=["a", "b"], rating=4, customMetadata={"k": "v"})
    caller.new_feedback('Quiet,\n"quoted"', userEmail="+a@example.com")
    files = unpacked(client, exported(caller, database, format="csv"))
    rows = {row["ticketNumber"]: row for row in cells(files, "feedback")}
    first, second = rows["1"], rows["2"]
    assert first["message"] == '\'=HYPERLINK("x")'
    assert (first["id"], first["tags"], first["rating"], first["priority"]) == (item["id"], '["a","b"]', "4", "")
    assert json.loads(first["customMetadata"]) == {"k": "v"}
    assert second["message"] == 'Quiet,\n"quoted"'
    assert second["userEmail"] == "'+a@example.com"
    assert (
        files["feedback.csv"].splitlines()[0].count(b",")
        == len(item.keys() - {"customerComments", "internalNotes"}) - 1
    )


CELLS = st.text() | st.from_regex("[=+@\\t\\r\\n\0'\uff1d\uff0b\uff0d\uff20-].*", fullmatch=True)
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.case("ABU-04")
@pytest.mark.figure(no="H19")
def test_no_cell_is_a_formula_and_each_can_be_told(long: bool, measured: Measured) -> None:
    """ABU-04, H19: a strict reader gets back the cells of each file, which stand for the texts that were written."""
    tried = 0

    @settings(max_examples=2_500 if long else 125, suppress_health_check=list(HealthCheck))
    @given(st.lists(CELLS, min_size=4, max_size=8))
    @example(["'=1", "-2+3", '"', '=HYPERLINK("x"),\n"', "x" * 32_768])
    def check(texts: list[str]) -> None:
        nonlocal tried
        tried += len(texts)
        names = [f"c{number}" for number in range(len(texts))]
        document = json.dumps(dict(zip(names, texts, strict=True)))
        header, row = csv.reader(io.StringIO(lines_of("csv")([document]).decode(), newline=""), strict=True)
        assert header == names
        assert not [each for each in row if each.startswith(FORMULAS)]
        assert [text_of(each) for each in row] == texts

    check()
    assert tried >= (10_000 if long else 500)
    measured(attempts=tried, found=f"0 of {tried:,} cells are a formula, and each is read back")


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part for each file, a file for each page, and a job for each part."""
    monkeypatch.setattr(writing, "PART_BYTES", 1)
    monkeypatch.setattr(writing, "MAX_ROWS", 1)
    monkeypatch.setattr(writing, "PAGE", 2)
    monkeypatch.setattr(writing, "JOB_SECONDS", 0)


@pytest.mark.case("ABU-05")
@pytest.mark.usefixtures("in_small_parts")
def test_an_archive_of_many_parts_is_one(tenant: Tenants, database: Database, client: Client) -> None:
    caller = tenant()
    for number in range(5):
        caller.new_feedback(f"Item {number}")
    for _ in range(3):
        upload(caller, picture(), feedbackId=caller.new_feedback()["id"])
    found = exported(caller, database, includeMedia=True)
    files = unpacked(client, found)
    assert len(lines(files, "feedback")) == 8
    whole = download(client, found["url"]).body
    size = len(whole)
    for start, end in ((0, 1), (size // 3, 2 * size // 3), (size - 1, size), (7, size - 7)):
        part = download(client, found["url"], headers=[("range", f"bytes={start}-{end - 1}")])
        assert (part.status, part.body) == (206, whole[start:end])
        assert part.header("content-range") == f"bytes {start}-{end - 1}/{size}"
    tag = str(download(client, found["url"]).header("etag"))
    assert download(client, found["url"], headers=[("if-none-match", tag)]).status == 304


@pytest.mark.case("DUR-06")
@pytest.mark.usefixtures("in_small_parts")
def test_a_crash_in_the_middle_shows_nothing_and_loses_nothing(
    tenant: Tenants, database: Database, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DUR-06: every time a file is to be stored, the process fails once before and once after."""
    caller = tenant()
    filled(caller)
    real, failures = database.storage.put, iter([True, True, False, True, False, False, True])

    def put(name: str, file: Any) -> None:
        if next(failures, False):
            raise stores.unavailable(OSError("gone"))
        real(name, file)

    monkeypatch.setattr(database.storage, "put", put)
    monkeypatch.setattr("userhero.kernel.jobs.queue._FIRST_DELAY", 0)
    export_id = caller.post("/exports").data["id"]
    seen = set()
    for _ in range(200):
        Runner(database, job_table()).run_due()
        found = caller.get(f"/exports/{export_id}").data
        seen.add(found["status"])
        assert (found["url"] is None) is (found["status"] != "done")
        if found["status"] == "done":
            break
    assert "done" in seen
    files = unpacked(client, found)
    assert len(lines(files, "feedback")) == len(listed(caller, "/feedback")) == 2


def test_one_that_can_not_be_written_fails(
    tenant: Tenants, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(storage: object, name: str, file: Any) -> None:
        raise stores.unavailable(OSError("gone"))

    # Of every store in this process: whichever application does the job, it can't be written.
    monkeypatch.setattr(type(database.storage), "put", put)
    monkeypatch.setattr("userhero.kernel.jobs.queue._FIRST_DELAY", 0)
    monkeypatch.setattr("userhero.records.jobs._ATTEMPTS", 2)
    caller = tenant()
    export_id = caller.post("/exports").data["id"]
    found = caller.get(f"/exports/{export_id}").data
    while found["status"] != "failed":
        Runner(database, job_table()).run_due()
        found = caller.get(f"/exports/{export_id}").data
    assert found["error"] == "It could not be written: ServiceUnavailable."
    assert (found["url"], found["bytes"]) == (None, 0)


def test_a_customer_who_goes_meanwhile(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    customer_id = caller.post("/customers", {"name": "Jane"}).data["id"]
    export_id = caller.post("/exports", {"customerId": customer_id}).data["id"]
    caller.delete(f"/customers/{customer_id}")
    finish(database, WRITE)
    found = caller.get(f"/exports/{export_id}").data
    assert (found["status"], found["error"]) in {("failed", "The customer is gone."), ("done", None)}


@pytest.mark.case("ABU-05")
def test_after_a_week_it_is_gone(tenant: Tenants, database: Database, client: Client, clock: Clock) -> None:
    caller = tenant()
    found = exported(caller, database)
    assert found["expiresAt"] > found["finishedAt"]
    names = stored_of(database, found["id"])
    assert names
    clock.advance(days=7)
    check_problem(download(client, found["url"]), "not_found")
    finish(database, "records.expire")
    finish(database, REMOVE)
    after = caller.get(f"/exports/{found['id']}").data
    assert (after["status"], after["url"], after["bytes"]) == ("expired", None, 0)
    assert not stored_of(database, found["id"])
    clock.advance(days=84)
    finish(database, "records.expire")
    check_problem(caller.get(f"/exports/{found['id']}"), "not_found")


def test_deleting_one_removes_its_archive(tenant: Tenants, database: Database, client: Client) -> None:
    caller, other = tenant(), tenant()
    found = exported(caller, database)
    check_problem(other.request("DELETE", f"/exports/{found['id']}"), "not_found")
    assert caller.delete(f"/exports/{found['id']}").data == {"id": found["id"], "deleted": True}
    finish(database, REMOVE)
    check_problem(download(client, found["url"]), "not_found")
    check_problem(caller.get(f"/exports/{found['id']}"), "not_found")
    assert not stored_of(database, found["id"])


@pytest.mark.case("ABU-05")
@pytest.mark.parametrize("path", ["/exports/", "/exports/" + "a" * 32 + "/x.tar.gz", "/exports/a/b/c"])
def test_addresses_that_nobody_was_given(client: Client, path: str) -> None:
    check_problem(client.request("GET", path), "not_found")


def test_only_reading(tenant: Tenants, database: Database, client: Client) -> None:
    url = exported(tenant(), database)["url"]
    path = "/" + url.split("/", 3)[3] if "://" in url else url
    check_problem(client.request("POST", path), "method_not_allowed")
    head = client.request("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert str(head.header("content-disposition")).startswith("attachment")


def test_no_more_than_twenty(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    ids = [caller.post("/exports").data["id"] for _ in range(actions.MOST)]
    finish(database, WRITE)
    with unchanged(database, caller):
        check_problem(caller.post("/exports"), "conflict")
    caller.delete(f"/exports/{ids[0]}")
    assert caller.post("/exports").status == 201
    finish(database, WRITE)
    assert [each["id"] for each in caller.get("/exports", pageSize=100).data][1:] == ids[:0:-1]


def test_files_of_nobody_are_swept(
    tenant: Tenants, database: Database, client: Client, clock: Clock, tmp_path: Any
) -> None:
    caller = tenant()
    found = exported(caller, database)
    draft = tmp_path / "draft"
    draft.write_bytes(b"half")
    orphan = f"{writing.FOLDER}/{found['id']}/orphan"
    database.storage.put(orphan, draft)
    clock.advance(days=2)
    Runner(database, job_table()).run_due()
    finish(database, "records.sweep")
    assert orphan not in stored_of(database, found["id"])
    assert unpacked(client, found)


def stored_of(database: Database, export_id: str) -> set[str]:
    """The files in the store that an export has."""
    return {file.name for file in database.storage.all() if export_id in file.name}
