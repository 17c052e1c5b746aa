"""Who is asking: one API key in one Authorization header, or 401."""

import time
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.examples import examples
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.db import Database, Statement, Transaction, metadata
from userhero.kernel.errors import Unauthorized

# What stands in the header, for a tenant whose key is good.
REFUSED: dict[str, Callable[[str], str | bytes]] = {
    "nothing": lambda key: "",
    "blank": lambda key: "   ",
    "no scheme": lambda key: key,
    "scheme alone": lambda key: "Bearer",
    "scheme and a blank": lambda key: "Bearer ",
    "two blanks": lambda key: f"Bearer  {key}",
    "a tab": lambda key: f"Bearer\t{key}",
    "something after the key": lambda key: f"Bearer {key} x",
    "a blank after the key": lambda key: f"Bearer {key} ",
    "a comma after the key": lambda key: f"Bearer {key},",
    "two keys": lambda key: f"Bearer {key}, Bearer {key}",
    "key in quotes": lambda key: f'Bearer "{key}"',
    "another scheme": lambda key: f"Basic {key}",
    "scheme of our own": lambda key: f"Token {key}",
    "upper-case key": lambda key: f"Bearer {key.upper()}",
    "lower-case key": lambda key: f"Bearer {key.lower()}",
    "key cut short": lambda key: f"Bearer {key[:-1]}",
    "longer key": lambda key: f"Bearer {key}0",
    "wrong checksum": lambda key: f"Bearer {key[:-1]}{'0' if key[-1] != '0' else '1'}",
    "another prefix": lambda key: f"Bearer {key.replace('sk_live_', 'sk_test_')}",
    "public key": lambda key: f"Bearer {key.replace('sk_live_', 'pk_live_')}",
    "right checksum, unknown key": lambda key: f"Bearer sk_live_{'0' * 32}{ids.checksum62('0' * 32)}",
    "100 kB": lambda key: f"Bearer {'a' * 100_000}",
    "100 kB of key": lambda key: f"Bearer {key * 2000}",
    "bytes above ASCII": lambda key: b"Bearer \xff\xfe\x00",
    "umlaut": lambda key: f"Bearer {key[:-1]}ü",
    "full-width digit": lambda key: f"Bearer {key[:-1]}\uff11".encode(),
    "emoji": lambda key: "Bearer 🦸".encode(),
    "NUL": lambda key: f"Bearer {key[:20]}\0{key[21:]}",
    "SQL": lambda key: "Bearer ' OR 1=1 --",
}


@pytest.mark.case("KEY-02")
def test_a_wrong_checksum_asks_no_database(tenant: Tenants) -> None:
    class Untouched:
        """Fails whoever asks it anything."""

    key = tenant().api_key
    wrong = f"{key[:-1]}{'0' if key[-1] != '0' else '1'}"
    with pytest.raises(Unauthorized):
        workspaces.authenticate(cast(Transaction, Untouched()), f"Bearer {wrong}")
    # The control: with the right one it is asked.
    with pytest.raises(AttributeError):
        workspaces.authenticate(cast(Transaction, Untouched()), f"Bearer {key}")


@pytest.mark.case("KEY-10", "KEY-02")
@pytest.mark.parametrize("how", REFUSED)
def test_a_strange_header_is_401(tenant: Tenants, client: Client, database: Database, how: str) -> None:
    caller = tenant()
    header = ("authorization", REFUSED[how](caller.api_key))
    with unchanged(database, caller):
        for method, path in (
            ("GET", "/workspaces"),
            ("POST", "/feedback"),
            ("DELETE", f"/projects/{caller.project_id}"),
        ):
            answer = client.request(method, f"/api/v1{path}", headers=[header])
            error = check_problem(answer, "unauthorized")
            assert answer.header("www-authenticate") == "Bearer"
            assert answer.header("x-ratelimit-remaining") is None, "tells nothing about anybody's quota"
            assert caller.api_key not in error["message"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_may_be_in_any_case(tenant: Tenants, client: Client, scheme: str) -> None:
    caller = tenant()
    answer = client.request("GET", "/api/v1/workspaces", headers=[("Authorization", f"{scheme} {caller.api_key}")])
    assert answer.status == 200, answer


@pytest.mark.case("KEY-10")
def test_two_headers_are_401_even_if_both_are_good(tenant: Tenants, client: Client) -> None:
    one, other = tenant(), tenant()
    for pair in (
        [one.authorization] * 2,
        [one.authorization, other.authorization],
        [one.authorization, ("authorization", "")],
    ):
        check_problem(client.request("GET", "/api/v1/workspaces", headers=pair), "unauthorized")


def test_no_header_is_401(client: Client) -> None:
    check_problem(client.request("GET", "/api/v1/workspaces"), "unauthorized")
    check_problem(client.request("POST", "/api/v1/feedback", json={}), "unauthorized")


@pytest.mark.case("KEY-09")
def test_a_key_anywhere_else_counts_for_nothing(tenant: Tenants, client: Client) -> None:
    key = tenant().api_key
    for query in (f"?apiKey={key}", f"?access_token={key}", f"?token={key}"):
        check_problem(client.request("GET", f"/api/v1/workspaces{query}"), "unauthorized")
    for header in (
        ("cookie", f"authorization=Bearer {key}"),
        ("x-api-key", key),
        ("proxy-authorization", f"Bearer {key}"),
    ):
        check_problem(client.request("GET", "/api/v1/workspaces", headers=[header]), "unauthorized")


@pytest.mark.case("KEY-10")
@given(value=st.binary(max_size=80))
@examples(200)
def test_no_header_is_a_crash(client: Client, value: bytes) -> None:
    for header in (value, b"Bearer " + value, b"Bearer sk_live_" + value):
        check_problem(client.request("GET", "/api/v1/workspaces", headers=[("authorization", header)]), "unauthorized")


@pytest.mark.case("KEY-05")
def test_a_revoked_key_is_401_at_once(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    other = tenant.with_key(caller)
    assert caller.get("/projects").status == 200
    database.write(lambda tx: workspaces.revoke_key(tx, caller.key_id))
    check_problem(caller.get("/projects"), "unauthorized")
    assert other.get("/projects").status == 200, "only the one key"


@pytest.mark.case("KEY-06")
def test_an_expired_key_is_401_from_that_moment(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    key = tenant.with_key(caller, expires_at=clock.now())
    check_problem(key.get("/projects"), "unauthorized")
    key = tenant.with_key(caller, expires_at=_later(clock, 60))
    assert key.get("/projects").status == 200
    clock.advance(59.999)
    assert key.get("/projects").status == 200
    clock.advance(0.001)
    check_problem(key.get("/projects"), "unauthorized")


def _later(clock: Clock, seconds: float) -> str:
    clock.advance(seconds)
    then = clock.now()
    clock.advance(-seconds)
    return then


@pytest.mark.case("TEN-04")
def test_neither_member_nor_viewer_may_use_the_api(tenant: Tenants, database: Database) -> None:
    owner = tenant()
    item = owner.new_feedback()
    for role in ("member", "viewer"):
        caller = tenant.colleague(owner, role)
        assert caller.get("/workspaces").data == []
        with unchanged(database, owner):
            check_problem(caller.get("/projects"), "forbidden")
            check_problem(caller.get(f"/feedback/{item['id']}"), "forbidden")
            check_problem(caller.post("/feedback", {"projectId": owner.project_id, "message": "x"}), "forbidden")
            check_problem(caller.delete(f"/feedback/{item['id']}"), "forbidden")
    for role in ("owner", "admin"):
        assert [each["role"] for each in tenant.colleague(owner, role).get("/workspaces").data] == [role]


@pytest.mark.case("TEN-05")
def test_without_api_access_the_workspace_is_closed(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    item = caller.new_feedback()
    closings: list[dict[str, object]] = [{"api_access": False}, {"api_access": True, "plan": "growth"}]
    for change in closings:
        database.write(lambda tx, change=change: workspaces.set_workspace(tx, caller.workspace_id, **change))  # type: ignore[misc]
        assert caller.get("/workspaces").data == []
        with unchanged(database, caller):
            check_problem(caller.get("/projects"), "forbidden")
            check_problem(caller.get(f"/feedback/{item['id']}", workspaceId=None), "forbidden")
            check_problem(caller.post("/projects", {"name": "x"}), "forbidden")


@pytest.mark.case("KEY-03")
def test_no_table_holds_a_key(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    caller.new_feedback()
    secret = caller.api_key.removeprefix("sk_live_")
    assert secret not in _everything(database)


def _everything(database: Database) -> str:
    """Every value of every table, as text."""

    def unit(tx: Transaction) -> str:
        return repr([tx.all(Statement(table.select())) for table in metadata.sorted_tables])

    return database.read(unit)


@pytest.mark.case("KEY-08")
def test_last_use_is_recorded_at_most_once_a_minute(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    seen = Statement(text("SELECT last_used_at FROM api_keys WHERE id = :id"))

    def last_use() -> object:
        return database.read(lambda tx: tx.value(seen, id=caller.key_id))

    def use() -> None:
        assert caller.get("/workspaces").status == 200

    def becomes(moment: str) -> None:
        """The write follows the answer, when it suits the database."""
        deadline = time.monotonic() + 10
        while last_use() != moment:
            assert time.monotonic() < deadline, last_use()

    start = clock.now()
    use()
    becomes(start)
    clock.advance(59)
    use()
    clock.advance(1)
    assert last_use() == start
    use()
    becomes(clock.now())


def test_callers_are_told_apart(tenant: Tenants) -> None:
    """Every tenant sees its own rows only, however requests are mixed."""
    callers: list[Tenant] = [tenant() for _ in range(8)]
    for number, caller in enumerate(callers):
        caller.new_feedback(f"Belongs to {number}")
    client = callers[0].client
    assert isinstance(client, Client)
    calls = [
        client.prepared("GET", f"/api/v1/feedback?workspaceId={caller.workspace_id}", headers=[caller.authorization])
        for caller in callers * 20
    ]
    for answer, number in zip(client.together(calls), list(range(8)) * 20, strict=True):
        assert [item["message"] for item in answer.data] == [f"Belongs to {number}"]
