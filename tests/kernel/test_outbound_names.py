"""A name is looked up once, all that it leads to is checked, and nothing else is connected to."""

import socket
import threading
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, ip_network
from typing import Any

import pytest

from tests.support.web_servers import OK, answer, web_server
from userhero.kernel.outbound import Caps, Guard, NoConnection, Outbound, RefusedTarget, Request, UnknownHost
from userhero.kernel.outbound.connection import is_own
from userhero.kernel.outbound.lookup import ask_system

# 127.0.0.1 stands for what is public, 127.0.0.2 for what is not.
PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"
GUARD = Guard([ip_network(f"{PUBLIC}/32")])


class Resolver:
    """Answers as it is told to, one answer after the other, then the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_the_name_is_asked_for_once_and_sent_as_the_host() -> None:
    resolver = Resolver([PUBLIC])
    with web_server(answer(OK)) as server:
        sent = Outbound(GUARD, resolve=resolver).send(Request(url=server.url("HOOK.bücher.example.")))
    assert resolver.asked == ["hook.xn--bcher-kva.example"]
    assert f"Host: hook.xn--bcher-kva.example:{server.port}\r\n".encode() in server.heard[0]
    assert sent.address == PUBLIC


@pytest.mark.case("SSRF-06")
@pytest.mark.parametrize(
    "answers",
    [
        [PRIVATE],
        [PUBLIC, PRIVATE],
        [PRIVATE, PUBLIC],
        [PUBLIC, "::1"],
        [PUBLIC, f"::ffff:{PRIVATE}"],
        [PUBLIC, "fe80::1%lo"],
        [PUBLIC, "64:ff9b::7f00:2"],
        [PUBLIC] * 3 + ["169.254.169.254"],
        [f"8.8.{number // 256}.{number % 256}" for number in range(1000)] + [PRIVATE],
        [PUBLIC, "no address"],
    ],
)
def test_one_answer_that_is_not_public_is_enough(answers: list[str]) -> None:
    with (
        web_server(answer(OK)) as public,
        web_server(answer(OK), host=PRIVATE, port=public.port) as private,
        pytest.raises(RefusedTarget) as caught,
    ):
        Outbound(GUARD, resolve=Resolver(answers)).send(Request(url=public.url("hook.example")))
    assert (public.connections, private.connections) == (0, 0)
    assert not any(answer in caught.value.message for answer in answers)


@pytest.mark.figure(no="H9")
@pytest.mark.case("SSRF-07")
def test_a_name_that_changes_its_mind_reaches_nothing_private() -> None:
    """Public whenever it is asked for the first time, private the second (DNS rebinding)."""
    with web_server(answer(OK)) as public, web_server(answer(OK), host=PRIVATE, port=public.port) as private:
        for _ in range(50):
            outbound = Outbound(GUARD, resolve=Resolver([PUBLIC], [PRIVATE]))
            outbound.guard.check_literal(public.url("hook.example"))
            assert outbound.send(Request(url=public.url("hook.example"))).address == PUBLIC
        with pytest.raises(RefusedTarget):
            outbound.send(Request(url=public.url("hook.example")))
    assert (public.connections, private.connections) == (50, 0)


def test_without_the_check_it_would_be_reached() -> None:
    with web_server(answer(OK), host=PRIVATE) as private:
        resolver = Resolver([PRIVATE])
        outbound = Outbound(Guard([ip_network("127.0.0.0/8")]), resolve=resolver)
        assert outbound.send(Request(url=private.url("hook.example"))).address == PRIVATE
    assert private.connections == 1


def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    guard = Guard([ip_network("127.0.0.0/8")])
    with web_server(answer(OK), host="127.0.0.4") as server:
        answers = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
        sent = Outbound(guard, resolve=Resolver(answers)).send(Request(url=server.url("hook.example")))
        assert sent.address == "127.0.0.4"
        too_many = [f"127.0.1.{number}" for number in range(200)] + answers
        with pytest.raises(NoConnection):
            Outbound(guard, resolve=Resolver(too_many)).send(Request(url=server.url("hook.example")))
    assert server.connections == 1


def _fail(_name: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.case("SSRF-09")
@pytest.mark.parametrize("resolve", [_fail, Resolver([])])
def test_a_name_that_leads_nowhere(resolve: Callable[[str], list[str]]) -> None:
    with pytest.raises(UnknownHost) as caught:
        Outbound(GUARD, resolve=resolve).send(Request(url="http://nowhere.example/"))
    assert caught.value.message == "The host's name leads to no address."


@pytest.fixture
def stuck() -> Iterator[Callable[[str], list[str]]]:
    """A resolver that says nothing until the test is over."""
    over = threading.Event()

    def resolve(_name: str) -> list[str]:
        over.wait(30)
        return [PUBLIC]

    yield resolve
    over.set()


@pytest.mark.case("SSRF-09")
@pytest.mark.parametrize("caps", [Caps(lookup_seconds=0.1), Caps(exchange_seconds=0.1)])
def test_a_resolver_that_says_nothing(stuck: Callable[[str], list[str]], caps: Caps) -> None:
    with pytest.raises(UnknownHost, match="in time") as caught:
        Outbound(GUARD, resolve=stuck, caps=caps).send(Request(url="http://slow.example/"))
    assert 100 <= caught.value.duration_ms < 3000


@pytest.mark.case("SSRF-09")
def test_a_resolver_that_says_nothing_piles_up_no_threads(stuck: Callable[[str], list[str]]) -> None:
    outbound = Outbound(GUARD, resolve=stuck, caps=Caps(lookup_seconds=0.001))
    before = threading.active_count()
    messages = set()
    for _ in range(70):
        with pytest.raises(UnknownHost) as caught:
            outbound.send(Request(url="http://slow.example/"))
        messages.add(caught.value.message)
    assert threading.active_count() - before <= 64
    # Nor does it keep a process from ending.
    assert {thread.daemon for thread in threading.enumerate() if thread.name == "lookup"} == {True}
    assert messages == {"The host's name could not be looked up in time.", "The host's name can't be looked up now."}


def test_look_ups_make_room_for_others_when_they_end() -> None:
    outbound = Outbound(GUARD, resolve=_fail)
    for _ in range(70):
        with pytest.raises(UnknownHost, match="leads to no address"):
            outbound.send(Request(url="http://nowhere.example/"))


@pytest.mark.case("SSRF-10")
@pytest.mark.parametrize("name", ["hook.example", "intranet"])
def test_the_system_is_asked_for_the_whole_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The dot at the end: no search domain of this machine is put after the name."""
    asked: list[Any] = []

    def getaddrinfo(host: str, *_rest: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*stream, ("127.0.0.5", 0)), (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::5", 0, 0, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert ask_system(name) == ["127.0.0.5", "::5"]
    assert asked == [f"{name}."]


def test_addresses_of_this_machine_are_known() -> None:
    assert is_own(IPv4Address("127.0.0.1"))
    # Traffic to it comes from 127.0.0.1, so it stands for somebody else's.
    assert not is_own(IPv4Address("127.0.0.9"))


@pytest.mark.case("SSRF-08")
@pytest.mark.parametrize("url", ["http://8.8.8.8/", "http://hook.example/"])
def test_a_public_address_of_this_machine_is_refused(url: str) -> None:
    asked: list[str] = []

    def owns(address: object) -> bool:
        asked.append(str(address))
        return str(address) == "8.8.8.8"

    outbound = Outbound(resolve=Resolver(["1.1.1.1", "8.8.8.8"]), owns=owns)
    with pytest.raises(RefusedTarget, match="must not lead back to this machine"):
        outbound.send(Request(url=url))
    assert asked[-1] == "8.8.8.8"


def test_an_allowed_address_of_this_machine_is_not() -> None:
    with web_server(answer(OK)) as server:
        assert Outbound(GUARD, owns=lambda _address: True).send(Request(url=server.url())).status == 200
