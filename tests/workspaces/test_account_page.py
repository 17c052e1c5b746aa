"""API keys as their owner makes and ends them."""

import re

import pytest

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import unchanged
from tests.support.tenants import Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from userhero.kernel import ids
from userhero.kernel.db import Database

PATH = "/app/account"
HOSTILE = '"><script>alert(1)</script>'


def form(visitor: Visitor, **fields: str) -> dict[str, str]:
    return {
        "csrf": visitor.token_on(PATH),
        "form_id": ids.new("form"),
        "name": "Import",
        "life": "30",
        "scope feedback:read": "on",
    } | fields


def keys_of(client: Client, api_key: str, workspace_id: str) -> int:
    asked = f"/api/v1/feedback?workspaceId={workspace_id}"
    return client.request("GET", asked, headers=[("authorization", f"Bearer {api_key}")]).status


@pytest.mark.case("KEY-04")
def test_a_key_from_its_making_to_its_end(tenant: Tenants, client: Client, database: Database, clock: Clock) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    page = text_of(visitor.post(PATH, form(visitor)))
    (secret,) = set(re.findall(r"sk_live_[0-9A-Za-z]{38}", page))
    assert keys_of(client, secret, owner.workspace_id) == 200
    shown = text_of(visitor.get(PATH))
    assert secret not in shown
    assert f"{secret[:12]}…{secret[-4:]}" in shown
    asked = f"/api/v1/customers?workspaceId={owner.workspace_id}"
    assert client.request("GET", asked, headers=[("authorization", f"Bearer {secret}")]).status == 403

    (key_id,) = [each for each in re.findall(r"/keys/(key_\w+)/revoke", shown) if each != owner.key_id]
    answer = visitor.post(f"{PATH}/keys/{key_id}/revoke", {"csrf": visitor.token_on(PATH)})
    assert (answer.status, answer.header("location")) == (303, f"{PATH}?done=key")
    assert keys_of(client, secret, owner.workspace_id) == 401
    assert f"/keys/{key_id}/revoke" not in text_of(visitor.get(PATH))
    acts = [(each["act"], each["actor"]["via"]) for each in owner.get("/audit-log").data]
    assert acts[:2] == [("key.revoked", "session"), ("key.created", "session")]


def test_it_ends_when_it_was_said_to(tenant: Tenants, client: Client, database: Database, clock: Clock) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    page = text_of(visitor.post(PATH, form(visitor)))
    secret = re.findall(r"sk_live_[0-9A-Za-z]{38}", page)[0]
    clock.advance(days=30, seconds=-1)
    assert keys_of(client, secret, owner.workspace_id) == 200
    clock.advance(seconds=1)
    assert keys_of(client, secret, owner.workspace_id) == 401


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "must have 1 to 200 characters"), ({"name": "   "}, "must have 1 to 200 characters"),
        ({"name": "x" * 201}, "must have 1 to 200 characters"), ({"life": "31"}, "must be one of the choices"),
        ({"scope feedback:read": ""}, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it(
    tenant: Tenants, client: Client, database: Database, fields: dict[str, str], said: str
) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    sent = form(visitor, **({"name": HOSTILE} | fields))
    if not said:
        del sent["scope feedback:read"]
        said = "choose at least one"
    with unchanged(database, owner):
        answer = visitor.post(PATH, sent)
    assert answer.status == 422
    page = answer.body.decode()
    assert said in page
    assert "<script>alert" not in page
    assert ("&#34;&gt;&lt;script&gt;" in page) == ("name" not in fields)


def test_nobody_elses_key(tenant: Tenants, client: Client, database: Database) -> None:
    owner, other = tenant(), tenant()
    visitor = signed_in(database, client, owner)
    token = visitor.token_on(PATH)
    for key_id in (other.key_id, "key_unknown"):
        assert visitor.post(f"{PATH}/keys/{key_id}/revoke", {"csrf": token}).status == 404
    assert keys_of(client, other.api_key, other.workspace_id) == 200


def test_a_form_sent_twice_makes_one_key(tenant: Tenants, client: Client, database: Database) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    sent = form(visitor)
    pages = [text_of(visitor.post(PATH, sent)) for _ in range(2)]
    (secret,) = {found for page in pages for found in re.findall(r"sk_live_[0-9A-Za-z]{38}", page)}
    assert [secret in page for page in pages] == [True, True]
    assert keys_of(client, secret, owner.workspace_id) == 200
    assert [each["act"] for each in owner.get("/audit-log").data].count("key.created") == 2
    with unchanged(database, owner):
        for wrong in (sent | {"name": "Other"}, sent | {"form_id": ""}, sent | {"form_id": "x" * 65}):
            assert visitor.post(PATH, wrong).status == 409
    for key_id in re.findall(r"/keys/(key_\w+)/revoke", pages[0]):
        visitor.post(f"{PATH}/keys/{key_id}/revoke", {"csrf": sent["csrf"]})
    assert visitor.post(PATH, sent).status == 409
