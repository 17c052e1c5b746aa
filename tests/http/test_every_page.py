"""What holds for every page of people who signed in. A page that is added is among them by itself."""

import re

import pytest

from tests.support.client import Client, Headers
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import FORM, Visitor, signed_in
from userhero.kernel.db import Database
from userhero.kernel.http.door import form_token
from userhero.kernel.http.pages import PageRoute, PageRoutes, View
from userhero.server.composition import PAGES
from userhero.workspaces.types import ROLES

_OF_A_THING = re.compile(r"\{(\w+)_id\}")
NAMES = [f"{page.method} {page.path}" for page in PAGES]
WRITING = [page for page in PAGES if page.method == "POST"]
ELSEWHERE: list[Headers] = [
    [],
    [("origin", "null")],
    [("origin", "https://evil.example")],
    [("origin", "http://127.0.0.1:8000.evil.example")],
    [("origin", "http://evil.example/127.0.0.1:8000")],
    [("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8000")],
    [("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8000")],
    [("sec-fetch-site", "none")],
]


def path_of(page: PageRoute, workspace_id: str) -> str:
    """The page of a thing that is not there, in a workspace that is."""
    return _OF_A_THING.sub(r"\1_unknown", page.path.replace("{workspace_id}", workspace_id))


def asked(visitor: Visitor, page: PageRoute, path: str) -> int:
    if page.method == "GET":
        return visitor.get(path).status
    return visitor.post(path, {"csrf": form_token(visitor.cookies.get("userhero", ""))}).status


def test_a_page_must_say_whose_it_is() -> None:
    routes = PageRoutes()
    for path, role in (("/app/{workspace_id}/x", None), ("/app/x", "admin")):
        with pytest.raises(ValueError, match="needs a role"):
            routes.get(path, role=role)(lambda tx, visit: View("x", {}))
    assert routes.all == []


@pytest.mark.case("TEN-15")
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_nobody_sees_it_without_signing_in(tenant: Tenants, client: Client, page: PageRoute) -> None:
    path = path_of(page, tenant().workspace_id)
    for cookies in ({}, {"userhero": "x" * 43}):
        visitor = Visitor(client, cookies)
        answer = visitor.get(path) if page.method == "GET" else visitor.post(path, {})
        assert (answer.status, str(answer.header("location")).partition("?")[0]) == (303, "/sign-in")


@pytest.mark.case("TEN-15")
@pytest.mark.parametrize("page", [page for page in PAGES if page.role], ids=[n for n in NAMES if "workspace_id" in n])
def test_strangers_and_lesser_roles(tenant: Tenants, client: Client, database: Database, page: PageRoute) -> None:
    owner = tenant()
    path = path_of(page, owner.workspace_id)
    with unchanged(database, owner):
        assert asked(signed_in(database, client, tenant()), page, path) == 404
    for role in ROLES:
        visitor = signed_in(database, client, tenant.colleague(owner, role))
        is_enough = ROLES.index(role) <= ROLES.index(page.role)
        # Of a thing that is not there, those who may look are told so; an empty form is not taken.
        usual = 200 if page.method == "GET" else 422
        assert asked(visitor, page, path) == (403 if not is_enough else 404 if "_unknown" in path else usual)


@pytest.mark.case("LOG-11")
@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", [*(page.path for page in WRITING), "/sign-in", "/sign-out"])
def test_what_another_site_sends_does_nothing(
    tenant: Tenants, client: Client, database: Database, path: str, headers: Headers
) -> None:
    """LOG-11."""
    owner: Tenant = tenant()
    visitor = signed_in(database, client, owner)
    cookies = dict(visitor.cookies)
    fields = {"csrf": form_token(cookies["userhero"]), "email": owner.email, "password": "x"}
    there = _OF_A_THING.sub(r"\1_unknown", path.replace("{workspace_id}", owner.workspace_id))
    there = there.replace("/key_unknown", f"/{owner.key_id}")
    with unchanged(database, owner):
        assert visitor.post(there, fields, headers=headers).status == 403
    assert visitor.cookies == cookies
    assert visitor.get("/app/workspaces").status == 200


@pytest.mark.case("LOG-11")
@pytest.mark.parametrize("page", WRITING, ids=[name for name in NAMES if name.startswith("POST")])
@pytest.mark.parametrize("csrf", ["", "x", "0" * 64])
def test_a_form_needs_the_sessions_token(
    tenant: Tenants, client: Client, database: Database, page: PageRoute, csrf: str
) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    with unchanged(database, owner):
        assert visitor.post(path_of(page, owner.workspace_id), {"csrf": csrf}).status == 403
        assert visitor.post(path_of(page, owner.workspace_id), {}).status == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"), ("multipart/form-data; boundary=x", b"--x--"), ("", b"a=b"),
        (FORM[1], b"a=1&a=2"), (FORM[1], b"a=%ff"), (FORM[1], b"\xff=1"), (FORM[1], b"a=" + b"x" * (257 * 1024)),
        (FORM[1], b"&".join(b"f%d=1" % number for number in range(601))), (FORM[1], b"email=%00"),
    ],
)  # fmt: skip
def test_forms_that_are_none(client: Client, kind: str, body: bytes) -> None:
    headers = [("content-type", kind), ("sec-fetch-site", "same-origin")]
    answer = client.request("POST", "/sign-in", headers=headers, body=body)
    assert (answer.status, answer.header("content-type")) == (400, "text/html; charset=utf-8")


def test_what_was_typed_is_kept_where_the_session_is_over(tenant: Tenants, client: Client, database: Database) -> None:
    owner = tenant()
    item = owner.new_feedback()
    path = f"/app/{owner.workspace_id}/feedback/{item['id']}/reply"
    visitor = signed_in(database, client, owner)
    typed = {
        "message": "Half an hour's\nwork <b>",
        "form_id": "form_1",
        "last": "",
        "csrf": "old",
        "password": "hunter2",
    }
    with unchanged(database, owner):
        for sender, status in ((Visitor(client), 401), (Visitor(client, {"userhero": "x" * 43}), 401), (visitor, 403)):
            answer = sender.post(path, typed)
            page = answer.body.decode()
            assert answer.status == status
            assert "Half an hour&#39;s\nwork &lt;b&gt;</textarea>" in page
            assert f'action="{path}"' in page
            assert 'name="form_id" value="form_1"' in page
            assert "hunter2" not in page
    assert form_token(visitor.cookies["userhero"]) in page
    assert visitor.post(path, typed | {"csrf": form_token(visitor.cookies["userhero"])}).status == 303
    (said,) = owner.get(f"/feedback/{item['id']}/comments").data
    assert said["message"] == "Half an hour's\nwork <b>"


@pytest.mark.case("HTML-10", "HTML-14")
def test_every_page_has_its_headers(tenant: Tenants, client: Client, database: Database) -> None:
    visitor = signed_in(database, client, tenant())
    for answer in (
        visitor.get("/app/workspaces"),
        visitor.get("/app/ws_unknown/outbox"),
        Visitor(client).get("/sign-in"),
    ):
        assert answer.header("cache-control") == "no-store"
        assert answer.header("referrer-policy") == "same-origin"
        policy = str(answer.header("content-security-policy"))
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/app/%00/outbox", "/app/ws%00/outbox", "/app/ws_x/outbox/%00"])
def test_paths_that_no_database_takes(tenant: Tenants, client: Client, database: Database, path: str) -> None:
    visitor = signed_in(database, client, tenant())
    assert client.request("GET", path, headers=visitor._cookie()).status == 400
