"""The pages of ``docs/api`` name everything that the API has, and their examples do what they show."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests

from tests.docs.api_pages import PAGES, Example, Section, examples, sections
from tests.support.client import Client, Response
from tests.support.tenants import API, Tenant, Tenants

Node = dict[str, Any]

_ID = re.compile(
    r"\b(?:(?:ws|proj|fb|w|cust|user|req|auto|wfi|wfr|wfa|wf|run|whe|whd|wh|evt|ntf|out|int|rule|aud|key|exp|era)_[0-9a-z]{26}|(?:att|cc)_\d{10}_\w+)\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|https?://[\w.:]+/media/\w+/[\w.]+"
    r"|https?://[\w.:]+/api/hooks/\w+"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_KEY = re.compile(r"pk_live_\w+|whsec_[\w+/=]+")
# What every list takes and answers, explained once.
SHARED = {"page", "pageSize", "cursor", "includeTotal", "order"}
SHARED_OBJECTS = ("/Pagination", "/Deleted")
# What items hold and the page on messages explains.
MESSAGES = {"#/components/schemas/Comment", "#/components/schemas/Note"}
# What the examples upload as ``screenshot.png``.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da63f80f00010101001cb08c99"
    "0000000049454e44ae426082"
)
# What depends on more than the request: on marks, on chance, and on the release of the picture library.
VARYING = {"nextCursor", "size", "fileSize", "slug"}


@pytest.fixture(scope="module")
def document(client: Client) -> Node:
    found = client.request("GET", f"{API}/openapi.json").json()
    assert isinstance(found, dict)
    return found


def operations(document: Node) -> dict[tuple[str, str], Node]:
    return {(method.upper(), path): node for path, item in document["paths"].items() for method, node in item.items()}


def described(method: str, path: str) -> Section:
    found = [section for section in sections() if (method, path) in section.operations]
    assert len(found) == 1, f"{method} {path} is described {len(found)} times"
    return found[0]


def rows_of(page: str) -> dict[str, str]:
    """What a page says of each name: its rows of that name, one after the other."""
    found: dict[str, str] = {}
    for section in sections():
        if section.page == page:
            for name, rest in section.rows.items():
                found[name] = found.get(name, "") + rest
    return found


def test_every_operation_is_described(document: Node) -> None:
    shown = [operation for section in sections() for operation in section.operations]
    assert sorted(shown) == sorted(operations(document))


def test_every_operation_names_its_scope(document: Node) -> None:
    for (method, path), node in operations(document).items():
        assert f"`{node['x-required-scope']}`" in described(method, path).text, f"{method} {path}"


def test_every_operation_has_an_example_that_runs(document: Node) -> None:
    run = {(each.method, _template(document, each)) for page in PAGES for each in examples(page)}
    assert run >= operations(document).keys()


def test_every_parameter_is_described(document: Node) -> None:
    for (method, path), node in operations(document).items():
        section = described(method, path)
        for parameter in node["parameters"]:
            name = parameter.get("name")
            if parameter.get("in") != "query" or (name in SHARED and "conventions.md#pages" in section.text):
                continue
            check_row(f"{method} {path}", section.rows, name, parameter["schema"])


def test_what_is_required_is_said(document: Node) -> None:
    for (method, path), node in operations(document).items():
        rows = described(method, path).rows
        required = [name for body in _contents(node.get("requestBody", {})) for name in _required(document, body)]
        required += [each["name"] for each in node["parameters"] if each.get("in") == "query" and each.get("required")]
        for name in required:
            assert "yes" in rows.get(name, ""), f"{method} {path}: {name} is not marked as required"


def test_every_field_is_described(document: Node) -> None:
    for (method, path), node in operations(document).items():
        page = described(method, path).page
        elsewhere = set() if page == "messages.md" else MESSAGES
        rows = rows_of(page)
        for holder in (node.get("requestBody", {}), *node["responses"].values()):
            for schema in _contents(holder):
                for name, field in _fields(document, schema, set(elsewhere)):
                    check_row(f"{method} {path}", rows, name, field)


def test_every_error_is_described(document: Node) -> None:
    error = document["components"]["schemas"]["Error"]["properties"]["error"]
    (section,) = (each for each in sections() if each.page == "conventions.md" and each.title == "Errors")
    assert section.rows.keys() == set(error["properties"]["code"]["enum"])
    introduction = document["info"]["description"]
    assert all(f"| `{code}` |" in introduction for code in section.rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_do_what_they_show(page: Path, document: Node, tenant: Tenants) -> None:
    ours = tenant()
    names = {"jane@example.com": ours.email}
    for example in examples(page):
        check_schemas(document, example)
        found = _send(ours, example, names)
        if example.answer is None:
            assert found.status < 300, f"{example}: {found}"
        else:
            shown = f"{example} shows {example.answer}, the answer is {found}"
            assert _same(example.answer, found.json(), names), shown


def check_schemas(document: Node, example: Example) -> None:
    """The request and the answer on the page are what the document says they are."""
    node = operations(document)[(example.method, _template(document, example))]
    if example.body is not None:
        body = node["requestBody"]["content"]["application/json"]["schema"]
        _validate(document, body, json.loads(example.body))
    if example.answer is None:
        return
    if "error" in example.answer:
        _validate(document, {"$ref": "#/components/schemas/Error"}, example.answer)
        return
    (success,) = (answer for status, answer in node["responses"].items() if status.startswith("2"))
    _validate(document, success["content"]["application/json"]["schema"], example.answer)


def check_row(where: str, rows: dict[str, str], name: str, schema: Node) -> None:
    """There is a row for ``name`` that tells its values and its limits."""
    assert name in rows, f"{where}: {name} is not described"
    for node in _alternatives(schema):
        told = [f"`{value}`" for value in node.get("enum", ())]
        told += [f"{node[limit]:,}" for limit in ("maxLength", "maxItems", "maximum") if limit in node]
        for text in told:
            assert text in rows[name], f"{where}: the row of {name} does not tell {text}"


def _alternatives(schema: Node) -> list[Node]:
    """The schema, what it allows besides ``null``, and what its items are."""
    found = [schema, *schema.get("anyOf", ())]
    return found + [node["items"] for node in found if "items" in node]


def _contents(holder: Node) -> list[Node]:
    """The schemas of a body or an answer, one for each type that it may have."""
    return [content["schema"] for content in holder.get("content", {}).values()]


def _required(document: Node, schema: Node) -> list[str]:
    return list(_follow(document, schema).get("required", []))


def _follow(document: Node, schema: Node) -> Node:
    name = schema.get("$ref", "").rpartition("/")[2]
    found = document["components"]["schemas"][name] if name else schema
    assert isinstance(found, dict)
    return found


def _fields(document: Node, schema: Node, seen: set[str]) -> Iterator[tuple[str, Node]]:
    """The properties of every named object in a schema, once each."""
    reference = schema.get("$ref", "")
    if reference in seen or reference.endswith(SHARED_OBJECTS):
        return
    if reference:
        seen.add(reference)
    node = _follow(document, schema)
    for name, below in node.get("properties", {}).items():
        if reference:
            yield name, below
        yield from _fields(document, below, seen)
    for below in (*node.get("anyOf", ()), node.get("items"), node.get("additionalProperties")):
        if isinstance(below, dict):
            yield from _fields(document, below, seen)


def _validate(document: Node, schema: Node, value: Any) -> None:
    jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def _template(document: Node, example: Example) -> str:
    """The path of the document that an example's path is of; the one with the fewest parameters where several fit."""
    fitting = [path for path in document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), example.path)]
    assert fitting, f"{example}: there is no such path"
    return str(min(fitting, key=lambda path: path.count("{")))


def _send(ours: Tenant, example: Example, names: dict[str, str]) -> Response:
    def renamed(text: str) -> str:
        return _renamed(text, names, ours)

    headers = {name: value.replace("$KEY", ours.api_key) for name, value in example.headers.items()}
    body = renamed(example.body or "").encode()
    if example.form:
        files = {name: (value[1:], PICTURE) for name, value in example.form.items() if value.startswith("@")}
        fields = {name: renamed(value) for name, value in example.form.items() if name not in files}
        prepared = requests.Request("POST", "http://localhost", files=files, data=fields).prepare()
        assert isinstance(prepared.body, bytes)
        body, headers["Content-Type"] = prepared.body, prepared.headers["Content-Type"]
    target = f"{API}{renamed(example.path)}?{renamed(example.query)}".removesuffix("?")
    return ours.client.request(example.method, target, headers=headers.items(), body=body)


def _renamed(text: str, names: dict[str, str], ours: Tenant) -> str:
    """``text`` with the names of this run in the places of those on the page."""
    own = {"ws": ours.workspace_id, "proj": ours.project_id, "w": ours.widget_id, "user": ours.user_id}
    for shown in _ID.findall(text):
        names.setdefault(shown, own.get(shown.partition("_")[0], shown))
    for shown, name in names.items():
        text = text.replace(shown, name)
    return text


def _same(shown: Any, found: Any, names: dict[str, str]) -> bool:
    """Whether two answers are the same but for ids, keys, times and places in lists; ids must be used alike."""
    if isinstance(shown, dict) and isinstance(found, dict):
        return shown.keys() == found.keys() and all(
            _same(value, found[name], names) or (name in VARYING and None not in (value, found[name]))
            for name, value in shown.items()
        )
    if isinstance(shown, list) and isinstance(found, list):
        return len(shown) == len(found) and all(map(lambda one, other: _same(one, other, names), shown, found))
    if isinstance(shown, str) and isinstance(found, str):
        if any(pattern.fullmatch(shown) and pattern.fullmatch(found) for pattern in (_TIME, _KEY)):
            return True
        if _ID.fullmatch(shown) and _ID.fullmatch(found):
            return names.setdefault(shown, found) == found
        return names.get(shown, shown) == found
    return type(shown) is type(found) and bool(shown == found)
