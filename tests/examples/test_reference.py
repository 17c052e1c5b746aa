"""The reference's examples do what they say, run as they are against a server started as users start it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.examples.programs import REFERENCE, media, replacements, run, snippet
from tests.support.client import Response
from tests.support.live import LiveServer
from tests.support.tenants import Tenant

URL, AUDIO = "https://media.example.com/a.png", "https://media.example.com/b.webm"
PROGRAMS = ["python", "javascript"]
UPLOADED = {
    "python": f'url, audio_url = "{URL}", "{AUDIO}"',
    "javascript": f"const url = '{URL}', audioUrl = '{AUDIO}';",
}
WHOLE = [
    "setup",
    "list_feedback",
    "list_feedback_by_email",
    "upload_image",
    "upload_audio",
    "create_feedback",
    "upload_attachment",
    "agent_reply",
    "customer_reply",
    "internal_note",
]


@pytest.fixture
def caller(live_server: LiveServer) -> Tenant:
    """A tenant on the running server, with an item that came from an e-mail address and one that did not."""
    tenant = live_server.tenant()
    tenant.new_feedback("From nobody")
    tenant.new_feedback("From the user", userEmail="user@example.com")
    return tenant


@pytest.mark.parametrize("language", PROGRAMS)
def test_list_feedback(live_server: LiveServer, caller: Tenant, tmp_path: Path, language: str) -> None:
    put = replacements(live_server, caller)
    show = {"python": "feedback", "javascript": "data"}[language]
    assert run(tmp_path, language, ["setup", "list_feedback"], put, show=show) == caller.get("/feedback").data


@pytest.mark.parametrize("language", PROGRAMS)
def test_list_feedback_by_email(live_server: LiveServer, caller: Tenant, tmp_path: Path, language: str) -> None:
    put = replacements(live_server, caller)
    show = {"python": "res.json()", "javascript": "await userRes.json()"}[language]
    found = run(tmp_path, language, ["setup", "list_feedback_by_email"], put, show=show)
    assert [item["message"] for item in found["data"]] == ["From the user"]


@pytest.mark.parametrize("language", PROGRAMS)
def test_create_feedback(live_server: LiveServer, caller: Tenant, tmp_path: Path, language: str) -> None:
    put = replacements(live_server, caller)
    run(tmp_path, language, ["setup", "create_feedback"], put, given=UPLOADED[language])
    made = caller.get("/feedback").data[0]
    message = {"python": "Bug from CI pipeline", "javascript": "Feature request from API"}[language]
    assert (made["message"], made["screenshotUrl"], made["audioUrl"]) == (message, URL, AUDIO)


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_whole_program(live_server: LiveServer, caller: Tenant, tmp_path: Path, language: str) -> None:
    item = caller.new_feedback("Talked about")
    run(media(tmp_path), language, WHOLE, replacements(live_server, caller, feedback_id=item["id"]))
    made, talked_about = caller.get("/feedback").data[0], caller.get(f"/feedback/{item['id']}").data
    check_served(live_server, made["screenshotUrl"], "image/png")
    check_served(live_server, made["audioUrl"], "audio/webm")
    comments = talked_about["customerComments"]
    assert [(each["authorType"], each["authorName"], each["message"]) for each in comments] == [
        ("agent", "Jane Smith", "Here is the fix"),
        ("customer", "John Doe", "The issue is still happening"),
    ]
    (attachment,) = comments[0]["attachments"]
    assert (attachment["type"], attachment["fileName"]) == ("image", "screenshot.png")
    check_served(live_server, attachment["url"], "image/png")
    assert [each["content"] for each in talked_about["internalNotes"]] == ["Escalated to engineering"]


def check_served(server: LiveServer, url: str, kind: str) -> None:
    """The address that an upload was given leads to the file, without a key."""
    assert url.startswith(f"{server.url}/")
    answer = server.client.request("GET", url.removeprefix(server.url))
    assert (answer.status, answer.header("content-type")) == (200, kind)


# Each curl command, and what has to be true of its answer.
CURL: dict[str, Callable[[Any], bool]] = {
    # As it stands it names no workspace, which listing requires: it shows how to send a key, and who may go on.
    "authentication": lambda found: found["error"]["code"] == "bad_request",
    "idempotency": lambda found: found["data"]["message"] == "Bug report",
    "ticket_number": lambda found: found["data"]["message"] == "From the user",
    "list_feedback_by_email": lambda found: len(found["data"]) == 1,
    "create_feedback": lambda found: found["data"]["screenshotUrl"] == "https://storage.googleapis.com/...",
    "list_projects": lambda found: len(found["data"]) == 1,
    "create_project": lambda found: found["data"]["name"] == "New Project",
    "upload_image": lambda found: found["data"]["contentType"] == "image/png",
    "upload_attachment": lambda found: found["data"]["fileName"] == "screenshot.png",
    "agent_reply": lambda found: found["data"]["authorType"] == "agent",
    "customer_reply": lambda found: (
        (found["data"]["authorType"], found["data"]["authorName"]) == ("customer", "John Doe")
    ),
    "list_comments": lambda found: found["data"] == [],
    "internal_note": lambda found: found["data"]["content"] == "Escalated to engineering",
}


@pytest.mark.parametrize("name", CURL)
def test_curl(live_server: LiveServer, caller: Tenant, tmp_path: Path, name: str) -> None:
    item = caller.get("/feedback/number/2").data
    put = replacements(live_server, caller, feedback_id=item["id"]) | {"number/245": "number/2"}
    found = run(media(tmp_path), "curl", [name], put)
    assert CURL[name](found), found


@pytest.mark.parametrize("name", ["idempotency", "create_project"])
def test_curl_again_with_the_same_key(live_server: LiveServer, caller: Tenant, tmp_path: Path, name: str) -> None:
    put = replacements(live_server, caller)
    assert run(tmp_path, "curl", [name], put) == run(tmp_path, "curl", [name], put)
    assert caller.count("/feedback") + caller.count("/projects") == 4


def test_curl_to_an_incoming_webhook(live_server: LiveServer, caller: Tenant, tmp_path: Path) -> None:
    hook = caller.post("/webhooks", {"name": "CI", "projectId": caller.project_id}).data
    put = replacements(live_server, caller, whsec_your_secret=hook["secret"]) | {"{slug}": hook["slug"]}
    # As it stands it signs one text and sends another, with a blank more: a signature holds for the very bytes.
    refused = run(tmp_path, "curl", ["incoming_webhook"], put)
    assert refused["error"]["code"] == "unauthorized"
    found = run(tmp_path, "curl", ["incoming_webhook"], put | {'{"message":"Bug report"}': '{"message": "Bug report"}'})
    assert found.get("success") is True, found
    assert caller.get(f"/feedback/{found['feedbackId']}").data["message"] == "Bug report"


def check_holds(sent: Any, found: Any) -> None:
    """Everything that was sent is in the answer."""
    for name, value in sent.items():
        assert found[name] == value, (name, found)


# Each JSON body: method and path to send it to, and the ids that have to exist for it.
BODIES: dict[str, tuple[str, str]] = {
    "create_feedback": ("POST", "/feedback"),
    "update_feedback": ("PATCH", "/feedback/{feedback}"),
    "custom_fields": ("POST", "/feedback"),
    "create_project": ("POST", "/projects"),
    "update_project": ("PATCH", "/projects/{project}"),
    "create_widget": ("POST", "/widgets"),
    "update_widget": ("PATCH", "/widgets/{widget}"),
    "create_webhook": ("POST", "/webhooks"),
    "create_customer": ("POST", "/customers"),
    "update_customer": ("PATCH", "/customers/{customer}"),
    "agent_comment": ("POST", "/feedback/{feedback}/comments"),
    "customer_comment": ("POST", "/feedback/{feedback}/comments"),
    "internal_note": ("POST", "/feedback/{feedback}/notes"),
}


@pytest.mark.parametrize("name", BODIES)
def test_json_body(live_server: LiveServer, caller: Tenant, name: str) -> None:
    method, path = BODIES[name]
    sent = json.loads(snippet("json", name, replacements(live_server, caller)))
    if name == "custom_fields":
        _define_custom_fields(caller)
    answer = caller.request(method, path.format(**_existing(caller)), json=sent)
    assert answer.status == (201 if method == "POST" else 200), answer
    check_holds({field: value for field, value in sent.items() if field != "mentions"}, _as_sent(answer))


def _as_sent(answer: Response) -> Any:
    """What a comment or note adds to what was sent is not of interest here; the customer's address is not shown."""
    return {"authorEmail": "john@example.com", **answer.data}


def _existing(caller: Tenant) -> dict[str, str]:
    item = caller.get("/feedback/number/2").data
    return {
        "feedback": item["id"],
        "customer": item["customerId"],
        "project": caller.project_id,
        "widget": caller.widget_id,
    }


def _define_custom_fields(caller: Tenant) -> None:
    """The fields that the example's project has."""
    fields = [
        {"id": "cf_plan_abc12", "type": "select", "label": "Plan", "options": ["Free", "Enterprise"]},
        {"id": "cf_account_xyz", "type": "text", "label": "Account"},
    ]
    assert caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": fields}).status == 200


def test_json_body_of_a_comment_with_an_attachment(live_server: LiveServer, caller: Tenant, tmp_path: Path) -> None:
    item = _existing(caller)["feedback"]
    put = replacements(live_server, caller, feedback_id=item)
    uploaded = run(media(tmp_path), "curl", ["upload_attachment"], put)["data"]
    sent = json.loads(snippet("json", "comment_with_attachment", {"att_1712345678_abc123": uploaded["id"]}))
    made = caller.request("POST", f"/feedback/{item}/comments", json=sent).data
    # The attachment is the one that was uploaded, whatever else the request said about it.
    assert made["attachments"] == [uploaded]


def test_json_body_of_a_merge(live_server: LiveServer, caller: Tenant) -> None:
    target, source = (caller.post("/customers", {"name": name}).data["id"] for name in ("Jane", "Jane S."))
    sent = json.loads(snippet("json", "merge_customers", {"cust_old_duplicate": source}))
    found = caller.request("POST", f"/customers/{target}/merge", json=sent).data
    assert found == {"id": target, "mergedSourceId": source, "mergedFeedbackCount": 0}


def test_no_snippet_is_left_out() -> None:
    used = {f"{language}/{name}" for language in PROGRAMS for name in WHOLE}
    used |= {f"curl/{name}" for name in (*CURL, "incoming_webhook")}
    used |= {f"json/{name}" for name in (*BODIES, "comment_with_attachment", "merge_customers")}
    assert used == {f"{file.parent.name}/{file.stem}" for file in REFERENCE.glob("*/*")}
