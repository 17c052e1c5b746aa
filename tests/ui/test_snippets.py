"""Examples can be run as they are shown."""

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.ui.documents import feedback_api
from userhero.ui.reference.calls import Calls
from userhero.ui.reference.document import Document
from userhero.ui.reference.operations import endpoints
from userhero.ui.reference.snippets import Call, snippets

AWKWARD: dict[str, Any] = {"text": 'it\'s "quoted" $HOME `id` \\ \n é', "list": [1, None, True, {"a": []}], "empty": {}}


def written(call: Call) -> dict[str, str]:
    return {snippet.key: snippet.code for snippet in snippets(call)}


def example_calls() -> list[Call]:
    document = Document(feedback_api())
    calls = Calls(document, "https://feedback.example.com")
    return [
        calls.call(
            endpoint.method,
            endpoint.path,
            endpoint.node,
            [document.follow(each) for each in (*endpoint.shared_parameters, *endpoint.node.get("parameters", ()))],
        )
        for endpoint in endpoints(document)
    ]


def curl_arguments(code: str) -> list[str]:
    """What a shell hands to the program."""
    recorder = "curl() { printf '%s\\0' \"$@\"; }\n"
    ran = subprocess.run(["sh", "-c", recorder + code], capture_output=True, check=True, text=True, timeout=60)
    return ran.stdout.split("\0")[:-1]


def keyword_arguments(code: str) -> dict[str, Any]:
    (call,) = (
        n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and any(k.arg == "timeout" for k in n.keywords)
    )
    return {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg != "files"}


def test_a_call_carries_the_key_and_whatever_is_required() -> None:
    listing = example_calls()[0]
    assert listing.url == "https://feedback.example.com/api/v1/feedback"
    assert listing.query == {"workspaceId": "ws_123"}
    assert listing.headers == {"Authorization": "Bearer sk_live_your_key"}
    assert curl_arguments(written(listing)["curl"]) == [
        "https://feedback.example.com/api/v1/feedback?workspaceId=ws_123",
        "-H",
        "Authorization: Bearer sk_live_your_key",
    ]


def test_a_body_shows_what_is_required_and_what_the_document_shows() -> None:
    creating = next(call for call in example_calls() if call.method == "POST")
    assert creating.body == {
        "workspaceId": "ws_123",
        "projectId": "proj_456",
        "message": "Something is broken",
        "category": "bug",
        "tags": ["ui"],
        "userEmail": "user@example.com",
        "context": {"page": "/settings", "browser": "Chrome"},
    }


def test_values_stand_in_the_path() -> None:
    urls = {call.url.removeprefix("https://feedback.example.com/api/v1") for call in example_calls()}
    assert {"/feedback/fb_abc123", "/projects/proj_456"} <= urls


def test_a_file_is_uploaded_as_a_form() -> None:
    uploading = next(call for call in example_calls() if call.form)
    assert uploading.form == {"file": "@screenshot.png"}
    code = written(uploading)
    assert curl_arguments(code["curl"])[-2:] == ["-F", "file=@screenshot.png"]
    assert 'files={"file": open("screenshot.png", "rb")}' in code["python"]
    assert 'form.append("file", fileInput.files[0]);' in code["javascript"]


@pytest.mark.parametrize("call", [*example_calls(), Call("POST", "https://example.com/", body=AWKWARD)])
def test_every_language_sends_the_same(call: Call) -> None:
    code = written(call)
    arguments = curl_arguments(code["curl"])
    assert call.full_url in arguments
    keywords = keyword_arguments(code["python"])
    assert keywords.get("params", {}) == call.query
    if call.body is not None:
        assert json.loads(arguments[arguments.index("-d") + 1]) == call.body
        assert "Content-Type: application/json" in arguments
        assert keywords["json"] == call.body


def test_javascript_sends_what_it_shows(tmp_path: Path) -> None:
    call = Call("PATCH", "https://example.com/a", {"q": "x y"}, {"X-Key": "k"}, body=AWKWARD)
    recorder = "const fetch = async (url, sent) => (console.log(JSON.stringify([url, sent])), process.exit());\n"
    script = tmp_path / "call.mjs"
    script.write_text(recorder + written(call)["javascript"])
    printed = subprocess.run(["node", script], capture_output=True, check=True, text=True, timeout=60).stdout
    url, sent = json.loads(printed)
    assert url == "https://example.com/a?q=x+y"
    assert sent["method"] == "PATCH"
    assert sent["headers"] == {"X-Key": "k", "Content-Type": "application/json"}
    assert json.loads(sent["body"]) == AWKWARD


@pytest.mark.parametrize(
    ("base_url", "server", "expected"),
    [
        ("https://a.example", "/api/v1", "https://a.example/api/v1/feedback"),
        ("https://a.example/", "", "https://a.example/feedback"),
        ("https://a.example/api/v1", "/api/v1", "https://a.example/api/v1/feedback"),
        ("https://a.example", "https://b.example/v2/", "https://b.example/v2/feedback"),
    ],
)
def test_the_server_of_the_document_is_resolved(base_url: str, server: str, expected: str) -> None:
    document = Document({**feedback_api(), "servers": [{"url": server}]})
    endpoint = next(endpoints(document))
    assert Calls(document, base_url).call("GET", endpoint.path, endpoint.node, []).url == expected


def test_an_operation_may_need_no_key_or_one_in_a_header() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    document = Document({"security": [{"key": []}], "components": {"securitySchemes": schemes}})
    calls = Calls(document, "https://a.example")
    assert calls.call("GET", "/", {}, []).headers == {"X-Key": "YOUR_API_KEY"}
    assert calls.call("GET", "/", {"security": []}, []).headers == {}
