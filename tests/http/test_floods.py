"""Floods: wrong keys are slowed by address, and pages by session. Nobody else notices."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.support.client import Client, Response, Server
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from tests.support.visitors import Visitor, signed_in
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.http import limits
from userhero.kernel.http.limits import MemoryLimiter
from userhero.server.application import create_application

LIMIT, REFUSALS, PAGES = 5, 30, 30
WRONG = ("authorization", "Bearer sk_live_nobody")


@pytest.fixture
def proxied(settings: Settings, clock: Clock) -> Iterator[Client]:
    """Sends requests through a proxy that is trusted to say where they come from; nothing was counted yet."""
    changed = msgspec.structs.replace(settings, rate_limit=LIMIT, trusted_proxies="127.0.0.1/32")
    server = Server(create_application(changed))
    yield Client(server)
    server.close()


@pytest.fixture
def direct(settings: Settings, clock: Clock) -> Iterator[Client]:
    """Sends requests without a proxy that is trusted."""
    server = Server(create_application(msgspec.structs.replace(settings, rate_limit=LIMIT)))
    yield Client(server)
    server.close()


def knock(client: Client, address: str, key: tuple[str, str] = WRONG) -> Response:
    return client.request("GET", "/api/v1/workspaces", headers=[key, ("x-forwarded-for", address)])


@pytest.mark.case("RL-09")
@pytest.mark.parametrize("well_formed", [True, False])
def test_wrong_keys_are_slowed(proxied: Client, tenant: Tenants, clock: Clock, well_formed: bool) -> None:
    caller = tenant(client=proxied)
    gone = tenant.with_key(caller, expires_at=clock.now())
    wrong = gone.authorization if well_formed else WRONG
    answers = [knock(proxied, "198.51.100.7", wrong) for _ in range(1_000)]
    assert [answer.status for answer in answers] == [401] * REFUSALS + [429] * (1_000 - REFUSALS)
    check_problem(answers[0], "unauthorized")
    check_problem(answers[-1], "rate_limited")
    assert answers[-1].number("retry-after") == 60
    assert not [name for answer in answers for name, _ in answer.headers if "ratelimit" in name]
    clock.advance(60)
    assert knock(proxied, "198.51.100.7", wrong).status == 401


@pytest.mark.case("RL-09")
def test_good_keys_are_not_hurt(proxied: Client, tenant: Tenants) -> None:
    """Not from the flooding address, and not from others; each has its own count, all of it."""
    caller = tenant(client=proxied)
    flood = [knock(proxied, "198.51.100.7") for _ in range(2 * REFUSALS)]
    assert flood[-1].status == 429
    same = [knock(proxied, "198.51.100.7", caller.authorization) for _ in range(2)]
    other = [knock(proxied, "198.51.100.8", caller.authorization) for _ in range(LIMIT - 2)]
    assert {answer.status for answer in same + other} == {200}
    assert other[-1].number("x-ratelimit-remaining") == 0
    assert knock(proxied, "198.51.100.8").status == 401, "a wrong key from elsewhere is not slowed"


@pytest.mark.case("RL-09")
def test_a_network_of_ipv6_counts_as_one(proxied: Client) -> None:
    within = [knock(proxied, f"2001:db8:0:7:{number:x}::{number:x}").status for number in range(REFUSALS + 3)]
    assert within == [401] * REFUSALS + [429] * 3
    assert knock(proxied, "2001:db8:0:8::1").status == 401


@pytest.mark.case("RL-09")
def test_nobody_chooses_their_address(direct: Client) -> None:
    statuses = [knock(direct, f"198.51.100.{number}").status for number in range(REFUSALS + 3)]
    assert statuses == [401] * REFUSALS + [429] * 3


@pytest.mark.case("RL-09")
def test_without_any_key(proxied: Client) -> None:
    answers = [
        proxied.request("POST", "/api/v1/feedback", json={}, headers=[("x-forwarded-for", "198.51.100.9")])
        for _ in range(REFUSALS + 1)
    ]
    assert [answer.status for answer in answers] == [401] * REFUSALS + [429]


def test_memory_has_a_bound(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses a flood comes from; who came first is forgotten first."""
    monkeypatch.setattr(limits, "MOST_KEYS", 3)
    limiter = MemoryLimiter(1)
    assert all(limiter.count(name).accepted for name in "abcd")
    assert not limiter.count("d").accepted
    assert not limiter.count("b").accepted
    assert limiter.count("a").accepted, "it made room for d"
    assert len(limiter._accepted) == 3


def test_pages_have_a_limit(proxied: Client, tenant: Tenants, database: Database, clock: Clock) -> None:
    """For each session, and not for others of the same person; a form that is refused does nothing."""
    caller = tenant(client=proxied)
    visitor, other = signed_in(database, proxied, caller), signed_in(database, proxied, caller)
    statuses = [visitor.get("/app").status for _ in range(PAGES)]
    assert 429 not in statuses
    refused = visitor.get("/app")
    assert refused.status == 429
    assert refused.number("retry-after") == 60
    assert "in one minute" in refused.body.decode()
    assert other.get("/app").status != 429
    assert Visitor(proxied).get("/app").status == 303, "who is not signed in is still shown the way"
    clock.advance(60)
    assert visitor.get("/app").status != 429
