"""A body is strict JSON of at most 1 MiB, sent as what it is; everything else is refused and leaves no trace."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.client import Client
from tests.support.examples import examples
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database
from userhero.kernel.http import json as strict_json

MIB = 1024 * 1024
JSON = [("content-type", "application/json")]


def feedback(caller: Tenant, **fields: Any) -> dict[str, Any]:
    return {"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x", **fields}


def text_of(caller: Tenant, **fields: Any) -> str:
    return json.dumps(feedback(caller, **fields))


def nested(depth: int) -> str:
    """An object whose deepest value lies at ``depth``, counting the object itself."""
    return '{"a":' * depth + "1" + "}" * depth


# Each takes the text of a good body and breaks it.
MALFORMED: dict[str, Callable[[str], bytes]] = {
    "nothing": lambda good: b"",
    "white space": lambda good: b" \n\t",
    "cut off": lambda good: good[:-1].encode(),
    "something after it": lambda good: (good + "{}").encode(),
    "no JSON": lambda good: b"message=x",
    "single quotes": lambda good: good.replace('"', "'").encode(),
    "trailing comma": lambda good: (good[:-1] + ",}").encode(),
    "comment": lambda good: (good[:-1] + "/* no */}").encode(),
    "NaN": lambda good: (good[:-1] + ',"rating":NaN}').encode(),
    "Infinity": lambda good: (good[:-1] + ',"rating":Infinity}').encode(),
    "-Infinity": lambda good: (good[:-1] + ',"rating":-Infinity}').encode(),
    "leading zero": lambda good: (good[:-1] + ',"rating":01}').encode(),
    "plus sign": lambda good: (good[:-1] + ',"rating":+1}').encode(),
    "hexadecimal": lambda good: (good[:-1] + ',"rating":0x1}').encode(),
    "bare point": lambda good: (good[:-1] + ',"rating":1.}').encode(),
    "number out of range": lambda good: (good[:-1] + ',"context":{"a":1e400}}').encode(),
    "same key twice": lambda good: (good[:-1] + ',"message":"y"}').encode(),
    "same key twice, spelled differently": lambda good: (good[:-1] + ',"messag\\u0065":"y"}').encode(),
    "same key twice inside": lambda good: (good[:-1] + ',"context":{"a":1,"a":1}}').encode(),
    "same key twice in a list": lambda good: (good[:-1] + ',"context":{"a":[{"b":1,"b":2}]}}').encode(),
    "lone high surrogate": lambda good: (good[:-1] + ',"category":"\\ud83d"}').encode(),
    "lone low surrogate": lambda good: (good[:-1] + ',"category":"\\udc00"}').encode(),
    "surrogates the wrong way round": lambda good: (good[:-1] + ',"category":"\\udc00\\ud83d"}').encode(),
    "surrogate as UTF-8": lambda good: good.replace('"x"', '"\ud800"').encode("utf-8", "surrogatepass"),
    "surrogate in a key": lambda good: (good[:-1] + ',"context":{"\\ud800":1}}').encode(),
    "escaped NUL": lambda good: (good[:-1] + ',"category":"a\\u0000b"}').encode(),
    "escaped NUL in a key": lambda good: (good[:-1] + ',"context":{"a\\u0000":1}}').encode(),
    "raw NUL": lambda good: good.replace('"x"', '"\0"').encode(),
    "raw line feed": lambda good: good.replace('"x"', '"\n"').encode(),
    "raw tab": lambda good: good.replace('"x"', '"\t"').encode(),
    "unknown escape": lambda good: good.replace('"x"', '"\\x41"').encode(),
    "byte order mark": lambda good: b"\xef\xbb\xbf" + good.encode(),
    "UTF-16": lambda good: good.encode("utf-16"),
    "UTF-32": lambda good: good.encode("utf-32"),
    "Latin-1": lambda good: good.replace('"x"', '"\xfc"').encode("latin-1"),
    "overlong UTF-8": lambda good: good.encode().replace(b'"x"', b'"\xc0\xaf"'),
    "invalid UTF-8": lambda good: good.encode().replace(b'"x"', b'"\xff\xfe"'),
    "too deep": lambda good: (good[:-1] + ',"context":' + nested(64) + "}").encode(),
    "far too deep": lambda good: (good[:-1] + ',"context":' + nested(20_000) + "}").encode(),
    "nothing but brackets": lambda good: b"[" * 100_000,
    "a list": lambda good: f"[{good}]".encode(),
    "a string": lambda good: b'"x"',
    "a number": lambda good: b"1",
    "true": lambda good: b"true",
    "null": lambda good: b"null",
}


@pytest.mark.case("JSON-01", "JSON-04")
@pytest.mark.parametrize("how", MALFORMED)
def test_malformed_json_is_refused(tenant: Tenants, database: Database, how: str) -> None:
    caller = tenant()
    body = MALFORMED[how](text_of(caller))
    with unchanged(database, caller):
        check_problem(caller.request("POST", "/feedback", headers=JSON, body=body), "bad_request")
        check_problem(
            caller.request("POST", "/feedback", headers=[*JSON, ("idempotency-key", "k")], body=body), "bad_request"
        )


@pytest.mark.parametrize(
    "value",
    [
        ["bug", ":x"],
        ["", ":", " : ", '":', "\\", ":"],
        {"a": "b", ":c": ":"},
        {'a":': '"a":', "b": ['"b":', '\\":', ":"]},
    ],
    ids=["after another value", "in a row", "in a key", "behind escaped quotes"],
)
@pytest.mark.parametrize("separators", [(",", ":"), (" ,\n ", "\t: ")], ids=["tight", "loose"])
def test_a_colon_in_a_value_makes_no_key(tenant: Tenants, value: Any, separators: tuple[str, str]) -> None:
    caller = tenant()
    body = json.dumps(feedback(caller, context={"kept": value}), separators=separators)
    answer = caller.request("POST", "/feedback", headers=JSON, body=body.encode())
    assert answer.data["context"] == {"kept": value}


def test_escaped_quotes_are_read_once(tenant: Tenants) -> None:
    """So many that reading on from each of them would take minutes."""
    caller = tenant()
    began = time.monotonic()
    answer = caller.post("/feedback", {"projectId": caller.project_id, "message": '"' * 60_000})
    check_problem(answer, "bad_request", field="message")
    assert time.monotonic() - began < 10


def test_a_body_is_parsed_once_however_often_its_unit_runs(tenant: Tenants, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing 1 MiB takes a while, and on SQLite every writer waits for it."""
    caller = tenant()
    parsed: list[bytes] = []
    parse = strict_json.parse

    def counted(body: bytes) -> Any:
        parsed.append(body)
        return parse(body)

    monkeypatch.setattr(strict_json, "parse", counted)
    body = text_of(caller, context={"a": "x" * 20_000}).encode()
    answer = caller.request("POST", "/feedback", headers=[*JSON, ("idempotency-key", "k")], body=body)
    check_problem(answer, "bad_request", field="context")
    assert parsed == [body]


@pytest.mark.case("JSON-03")
def test_depth_64_is_the_deepest(tenant: Tenants) -> None:
    caller = tenant()
    deepest = json.loads(nested(63))
    found = caller.new_feedback(context=deepest)
    assert found["context"] == deepest


@pytest.mark.case("JSON-01")
@given(damage=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=3)), min_size=1, max_size=5))
@examples(60)
def test_no_damaged_body_is_a_crash(tenant: Tenants, damage: list[tuple[int, bytes]]) -> None:
    caller = _shared(tenant)
    body = text_of(caller, tags=["a"], rating=4.5, context={"a": [1, None, True]}, userEmail="a@example.com").encode()
    for place, patch in damage:
        at = place % len(body)
        body = body[:at] + patch + body[at + 1 :]
    answer = caller.request("POST", "/feedback", headers=JSON, body=body)
    # An id may have been hit: then what it named is not there.
    assert answer.status in (201, 400, 404), answer
    if answer.status != 201:
        check_problem(answer, "bad_request" if answer.status == 400 else "not_found")


_kept: list[Tenant] = []


def _shared(tenant: Tenants) -> Tenant:
    """One tenant for all examples of a property."""
    if not _kept:
        _kept.append(tenant())
    return _kept[0]


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
# Prefixed, since a project's privacy settings take some names out (an IP address, by default).
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10).map("k{}".format)
objects = st.dictionaries(
    names,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@pytest.mark.case("JSON-05")
@given(context=objects)
@examples(60)
def test_json_comes_back_as_it_went_in(tenant: Tenants, context: dict[str, Any]) -> None:
    caller = _shared(tenant)
    made = caller.new_feedback(context=context)
    for found in (made, caller.get(f"/feedback/{made['id']}").data):
        assert found["context"] == context
        assert _typed(found["context"]) == _typed(context)


def _typed(value: Any) -> Any:
    """Tells 1 from true and 1 from 1.0, which compare equal."""
    if isinstance(value, dict):
        return {name: _typed(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_typed(entry) for entry in value]
    return (type(value).__name__, value)


@pytest.mark.case("JSON-05")
@given(message=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
@examples(60)
def test_text_comes_back_as_it_went_in(tenant: Tenants, message: str) -> None:
    caller = _shared(tenant)
    answer = caller.post("/feedback", {"projectId": caller.project_id, "message": message})
    if message.strip():
        assert caller.get(f"/feedback/{answer.data['id']}").data["message"] == message.strip()
    else:
        check_problem(answer, "bad_request", field="message")


@pytest.mark.case("JSON-02")
@pytest.mark.parametrize(
    "number",
    [
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551616",
        "1" + "0" * 400,
        "1" * 5000,
        "-0",
        "-0.0",
        "1e-999",
        "0.1",
        "1e308",
        "5e-324",
        "123456789.123456789",
    ],
)
def test_a_number_is_kept_or_refused(tenant: Tenants, number: str) -> None:
    caller = tenant()
    body = text_of(caller)[:-1] + ',"context":{"n":' + number + "}}"
    answer = caller.request("POST", "/feedback", headers=JSON, body=body.encode())
    if answer.status == 400:
        check_problem(answer, "bad_request")
    else:
        assert Decimal(answer.data["context"]["n"]) == Decimal(json.loads(number))
        assert answer.data == caller.get(f"/feedback/{answer.data['id']}").data


def _filled(caller: Tenant, size: int) -> bytes:
    """A good body of exactly so many bytes, made long with white space."""
    good = text_of(caller)
    return (good[:-1] + " " * (size - len(good)) + "}").encode()


@pytest.mark.case("JSON-03")
@pytest.mark.parametrize("chunk", [None, 1000, 65_536], ids=["with length", "small chunks", "large chunks"])
def test_a_body_may_have_1_mib(tenant: Tenants, database: Database, chunk: int | None) -> None:
    caller = tenant()

    def send(size: int) -> Any:
        body = _filled(caller, size)
        parts = body if chunk is None else [body[start : start + chunk] for start in range(0, size, chunk)]
        return caller.request("POST", "/feedback", headers=JSON, body=parts)

    assert send(MIB).status == 201
    with unchanged(database, caller):
        check_problem(send(MIB + 1), "bad_request", naming=str(MIB))
        check_problem(send(5 * MIB), "bad_request", naming=str(MIB))


@pytest.mark.parametrize("length", [str(17 * MIB), "9" * 30, "-1", "+5", "5.0", "five", "", "\u0665", "1, 1"])
def test_a_false_length_is_refused(tenant: Tenants, database: Database, length: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answer = caller.request(
            "POST",
            "/feedback",
            headers=[*JSON, ("content-length", length.encode())],
            body=[text_of(caller).encode()],
        )
        check_problem(answer, "bad_request")


def test_a_body_that_breaks_off_is_no_body(tenant: Tenants, client: Client, database: Database) -> None:
    """Even where what came so far is good JSON."""
    caller = tenant()
    with unchanged(database, caller):
        answer = client.request(
            "POST",
            "/api/v1/feedback",
            headers=[caller.authorization, *JSON],
            body=[text_of(caller).encode()],
            breaks_off=True,
        )
        check_problem(answer, "bad_request")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "APPLICATION/JSON",
        None,
    ],
)
def test_json_is_taken_by_its_name_or_without_one(tenant: Tenants, kind: str | None) -> None:
    caller = tenant()
    headers = [("content-type", kind)] if kind else []
    assert caller.request("POST", "/feedback", headers=headers, body=text_of(caller).encode()).status == 201


@pytest.mark.case("JSON-12")
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "",
        "é",
    ],
)
def test_another_type_is_refused(tenant: Tenants, database: Database, kind: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answer = caller.request("POST", "/feedback", headers=[("content-type", kind)], body=text_of(caller).encode())
        check_problem(answer, "bad_request", naming="application/json")


@pytest.mark.case("JSON-12")
def test_two_types_are_refused(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    headers = [*JSON, ("content-type", "text/plain")]
    with unchanged(database, caller):
        answer = caller.request("POST", "/feedback", headers=headers, body=text_of(caller).encode())
        check_problem(answer, "bad_request")


@pytest.mark.case("JSON-12")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "x"])
def test_a_compressed_body_is_refused(tenant: Tenants, database: Database, coding: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answer = caller.request(
            "POST", "/feedback", headers=[*JSON, ("content-encoding", coding)], body=text_of(caller).encode()
        )
        check_problem(answer, "bad_request", naming="ompressed")


def test_unknown_fields_are_named(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(caller.post("/projects", {"name": "x", "nmae": "y"}), "bad_request", field="nmae")
        answer = caller.patch(f"/projects/{caller.project_id}", {"slaRules": [{"priority": "high", "hour": 4}]})
        check_problem(answer, "bad_request", naming="hour")


@pytest.mark.case("JSON-13")
def test_every_unknown_field_is_named(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answers = [
            caller.post("/feedback", feedback(caller, mesage="x", titel="y")),
            caller.get("/feedback", mesage="x", titel="y"),
        ]
    for answer in answers:
        error = check_problem(answer, "bad_request", echoes=True)
        assert [detail["field"] for detail in error["details"]] == ["mesage", "titel"]
        assert "mesage, titel" in error["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"x" * 100_000: 1},
        {f"x{number}": 1 for number in range(10_000)},
        {"priority": "x" * 100_000},
        {"status": {"x" * 100_000: 1}},
    ],
    ids=["a long name", "many names", "a long value", "a long value of another kind"],
)
def test_an_error_repeats_little_of_what_was_sent(tenant: Tenants, database: Database, fields: dict[str, Any]) -> None:
    caller = tenant()
    path = f"/feedback/{caller.new_feedback()['id']}"
    with unchanged(database, caller):
        answer = caller.patch(path, fields)
        check_problem(answer, "bad_request", echoes=True)
        assert len(answer.body) < 3000


@pytest.mark.case("TEN-13")
@pytest.mark.parametrize(
    "field",
    ["id", "createdAt", "updatedAt", "votes", "ticketNumber", "statusCategory", "source", "customerId", "status"],
)
def test_what_the_server_decides_is_not_taken_from_a_body(tenant: Tenants, database: Database, field: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        answer = caller.post("/feedback", feedback(caller, **{field: "x"}))
        check_problem(answer, "bad_request", field=field)


def test_required_fields_are_named(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(caller.post("/feedback", {"projectId": caller.project_id}), "bad_request", field="message")
        check_problem(caller.post("/feedback", {"message": "x"}), "bad_request", field="projectId")
        answer = caller.request("POST", "/feedback", json={"projectId": caller.project_id, "message": "x"})
        check_problem(answer, "bad_request", field="workspaceId")


WRONG: list[Any] = [
    True,
    1,
    1.5,
    "x",
    [],
    [1],
    [None],
    {},
    {"a": 1},
    None,
    "x" * 10_000,
    -1,
    2**70,
    "\ufffe",
    ["x" * 100],
]


@pytest.mark.case("JSON-13")
@given(data=st.data())
@examples(100)
def test_no_wrong_type_is_a_crash(tenant: Tenants, data: st.DataObject) -> None:
    """Every field of every body, with a value of another kind."""
    caller = _shared(tenant)
    path, fields = data.draw(st.sampled_from(_fields(caller)))
    field = data.draw(st.sampled_from(fields))
    value = data.draw(st.sampled_from(WRONG))
    base: dict[str, Any] = {"name": "x"} if path == "/projects" else feedback(caller)
    base = {"workspaceId": caller.workspace_id} if path.count("/") > 1 else base
    answer = caller.request("PATCH" if path.count("/") > 1 else "POST", path, json={**base, field: value})
    assert answer.status < 500, answer
    if answer.status >= 400:
        check_problem(answer, answer.error["code"], echoes=True)


_kept_item: list[str] = []


def _fields(caller: Tenant) -> list[tuple[str, list[str]]]:
    if not _kept_item:
        _kept_item.append(caller.new_feedback()["id"])
    created = ["projectId", "message", "category", "rating", "tags", "userEmail", "screenshotUrl", "attachmentUrl"]
    created += ["audioUrl", "videoUrl", "priority", "context", "customMetadata", "widgetId", "workspaceId"]
    changed = ["status", "category", "tags", "priority", "assigneeId", "dueDate", "isPublic", "watcherIds"]
    changed += ["customMetadata", "message", "workspaceId"]
    project = ["name", "domain", "type", "bundleId", "packageName", "workspaceId"]
    settings_of_project = ["slaRules", "privacySettings", "publicPortal", "embeddedPortal", "customFieldDefinitions"]
    settings_of_project += ["disabledDefaultFields", "statuses", "customerCommentsEnabled", "reopenWindowDays", "name"]
    return [
        ("/feedback", created),
        (f"/feedback/{_kept_item[0]}", changed),
        ("/projects", project),
        (f"/projects/{caller.project_id}", settings_of_project),
    ]
