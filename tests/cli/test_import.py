"""``userhero import``: feedback from files, good and bad."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from userhero.records.rows import cell, text_of


class Place:
    """An installation with a workspace and a project, and files to import into it."""

    def __init__(self, userhero: CommandLine, folder: Path) -> None:
        made = userhero("setup", "--email", "jane@example.com", "--workspace", "Acme", "--project", "App").json
        self._userhero = userhero
        self._options = ["--workspace", made["workspaceId"], "--project", made["projectId"], "--json"]
        self.project_id = made["projectId"]
        self.folder = folder

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file; returns its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def bring(self, path: str, *more: str, code: int = 0) -> Any:
        """Import a file; returns the report."""
        return self._userhero("import", path, *self._options, *more, code=code).json

    def fails(self, path: str, *more: str, code: int = 1) -> str:
        """An import that can't begin; returns what is said."""
        done = self._userhero("import", path, *self._options, *more, code=code)
        return str(json.loads(done.err)["error"]["message"])

    def acts(self) -> list[Any]:
        """What the audit log has of imports, newest first."""
        found = self._userhero("audit", "list", "--subject", self.project_id, "--json").json
        return [(each["act"], each["after"]) for each in found if "import" in each["act"]]

    def errors(self, path: str) -> list[Any]:
        """The log of errors beside a file."""
        return [json.loads(line) for line in Path(f"{path}.errors.ndjson").read_text().splitlines()]


@pytest.fixture
def place(userhero: CommandLine, tmp_path: Path) -> Place:
    return Place(userhero, tmp_path)


def counts(records: int, **others: int) -> dict[str, int]:
    return {"records": records, "created": 0, "updated": 0, "unchanged": 0, "refused": 0, **others}


def test_a_table_is_tried_imported_and_imported_again(place: Place) -> None:
    text = (
        "id;Description;E-mail;Status;Priority;Tags;Created;Mood;Subject\r\n"
        '1;"It broke\r\n""twice""";a@example.com;Closed;Critical;"ui, web";2026-03-01;sad;Crash\r\n'
        "2;'=SUM(A1);;In Progress;;;2026-03-02 10:00;;\r\n"
        "\r\n"
        "3;third;;;;;;;\r\n"
    )
    path = place.file("a.csv", "\ufeff" + text)
    options = ("--map", "E-mail=userEmail", "--map", "Subject=message", "--map", "Description=message")
    tried = place.bring(path, *options, "--dry-run")
    assert (tried["trial"], tried["items"], tried["problems"]) == (True, counts(3, created=3), [])
    assert tried["unmapped"] == ["Mood"]
    assert place.acts() == []
    done = place.bring(path, *options)
    assert (done["items"], done["errors"]) == (counts(3, created=3), None)
    assert not Path(f"{path}.errors.ndjson").exists()
    assert place.bring(path, *options)["items"] == counts(3, unchanged=3)
    place.file("a.csv", text.replace("third", "fourth"))
    assert place.bring(path, *options, "--dry-run")["items"] == counts(3, unchanged=2, updated=1)
    assert place.bring(path, *options)["items"] == counts(3, unchanged=2, updated=1)
    ends = [after["items"] for act, after in place.acts() if act == "project.imported"]
    assert ends == [counts(3, unchanged=2, updated=1), counts(3, unchanged=3), counts(3, created=3)]
    assert place.acts()[-1] == ("project.import_begun", {"file": "a.csv"})


def test_without_ids_the_line_tells_records_apart(place: Place) -> None:
    path = place.file("a.csv", "message\nsame\nsame\n")
    assert place.bring(path)["items"] == counts(2, created=2)
    place.file("a.csv", "message\nsame\nsame\nnew\n")
    assert place.bring(path)["items"] == counts(3, unchanged=2, created=1)


def test_an_id_that_comes_twice_is_one_item(place: Place) -> None:
    path = place.file("a.ndjson", '{"id": 1, "message": "first"}\n{"id": 1, "message": "then"}\n')
    assert place.bring(path)["items"] == counts(2, created=1, updated=1)


def test_bad_rows_are_told_by_line_and_kept(place: Place) -> None:
    long = "x" * 1_000_000
    rows = [
        (b"1,fine,a@example.com", None),
        (b"2,few", "has 2 cells where the header has 3"),
        (b"3,caf\xe9,", "line 4, byte 6: is not UTF-8 (0xe9)"),
        (b"4,nul\0,", "must not contain NUL characters"),
        (f"5,{long},".encode(), "must have 1 to 5000 characters"),
        (b"6,x,nobody", "must be an e-mail address"),
        (b'7,"a"b,', "',' expected after '\"'"),
        (b"8,fine,", None),
        (b'9,"never closed,', "unexpected end of data"),
    ]
    path = place.file("a.csv", b"id,message,email\n" + b"\n".join(row for row, _ in rows) + b"\n")
    report = place.bring(path, code=1)
    assert report["items"] == counts(9, created=2, refused=7)
    told = [(line, said) for line, (_, said) in enumerate(rows, 2) if said]
    assert [(each["line"], each["message"]) for each in report["problems"]] == told
    assert [each["field"] for each in report["problems"]] == ["", "", "message", "message", "userEmail", "", ""]
    assert report["errors"] == f"{path}.errors.ndjson"
    kept = {each["line"]: each["record"] for each in place.errors(path)}
    assert (kept[3], kept[4], kept[7]) == ("2,few", "3,caf\\xe9,", "6,x,nobody")
    assert kept.keys() == {line for line, _ in told}
    assert Path(f"{path}.errors.ndjson").stat().st_mode & 0o077 == 0
    assert place.bring(path, "--dry-run", code=1)["items"] == counts(9, unchanged=2, refused=7)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "message,email,message\nx,y,z\n", "line 1: the header has the column message twice"),
        ("a.csv", "", "line 1: there is no header"),
        ("a.csv", "\ufeffmessage\n".encode("utf-16"), "line 1: the file is UTF-16; save it as UTF-8"),
        ("a.json", "[]".encode("utf-16"), "line 1: the file is UTF-16; save it as UTF-8"),
        ("a.csv", b"mess\xe4ge\nx\n", "line 1: line 1, byte 5: is not UTF-8 (0xe4)"),
        ("a.txt", "message\nx\n", "a.txt: say with --format what it is, csv, tsv, json"),
    ],
)
def test_files_that_can_not_be_read(place: Place, name: str, content: str | bytes, said: str) -> None:
    assert place.fails(place.file(name, content)) == said


def test_what_is_asked_for_has_to_exist(place: Place, userhero: CommandLine) -> None:
    path = place.file("a.csv", "message\nx\n")
    assert "is no field" in place.fails(path, "--map", "message=mesage")
    assert "must be COLUMN=FIELD" in place.fails(path, "--map", "message", code=2)
    assert "does not exist" in place.fails(str(place.folder / "none.csv"), code=2)
    elsewhere = ["--workspace", "ws_none", "--project", place.project_id, "--json"]
    assert "Workspace not found" in userhero("import", path, *elsewhere, code=1).err
    assert place.acts() == []


def test_documents_one_a_line_and_in_an_array(place: Place) -> None:
    good: list[Any] = [
        {"id": "a", "message": "one", "requester": {"mail": "a@example.com"}, "tags": ["x"], "context": {"page": "/"}},
        {"id": "b", "message": "two", "rating": 4, "isPublic": True, "comments": [{"message": "hello"}]},
    ]
    bad = [
        '{"id": "c", "message": "t',
        "[1]",
        '{"id": "d", "id": "e", "message": "x"}',
        '{"id": "f", "message": "\\u0000"}',
    ]
    lines = place.file("a.ndjson", "\n".join([json.dumps(good[0]), *bad, "", json.dumps(good[1])]))
    mapped = ("--map", "requester.mail=userEmail")
    report = place.bring(lines, *mapped, code=1)
    assert report["items"] == counts(6, created=2, refused=4)
    assert [each["line"] for each in report["problems"]] == [2, 3, 4, 5]
    array = place.file("a.json", json.dumps(good, indent=2))
    assert place.bring(array, *mapped)["items"] == counts(2, unchanged=2)
    broken = place.file("b.json", json.dumps([good[0], 7], indent=1)[:-2] + ",\n {oops}, " + json.dumps(good[1]) + "]")
    report = place.bring(broken, *mapped, code=1)
    assert report["items"] == counts(3, unchanged=1, refused=2)
    assert report["problems"][0]["message"] == "must be an object"
    assert "nothing after it was read" in report["problems"][1]["message"]
    assert place.errors(broken)[1]["record"].startswith("{oops}, ")
    cut = place.file("c.json", json.dumps(good)[:-1])
    assert "the array does not end" in place.bring(cut, *mapped, code=1)["problems"][0]["message"]
    joined = place.file("d.json", f"{json.dumps(good)}\n {json.dumps(good)}\n")
    report = place.bring(joined, *mapped, code=1)
    assert "comes after the end of the array" in report["problems"][0]["message"]
    assert report["problems"][0]["line"] == 2
    assert report["items"]["refused"] == 1


def test_a_record_that_is_too_long_is_gone_past(place: Place) -> None:
    content = '{"message": "' + "x" * (5 * 1024 * 1024) + '"}\n{"message": "fine"}\n'
    report = place.bring(place.file("a.ndjson", content), code=1)
    assert report["items"] == counts(2, created=1, refused=1)
    assert "has more than 4194304 bytes" in report["problems"][0]["message"]


def test_custom_fields_are_read_by_their_kind(place: Place) -> None:
    path = place.file("a.csv", "message,cf_none,df_company\nx,1,\ny,,Acme\n")
    report = place.bring(path, code=1)
    assert report["items"] == counts(2, created=1, refused=1)
    assert report["problems"][0]["field"] == "customMetadata.customFields.cf_none"


def test_guards_are_taken_off_and_nothing_else() -> None:
    for text in ("=1+1", "'x", "'=x", "plain", "it's", "", "-1", "'"):
        assert text_of(str(cell(text))) == text
