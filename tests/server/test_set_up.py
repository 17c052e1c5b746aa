"""The first account, made in the browser with the link that the server printed."""

import re
from collections.abc import Iterator

import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.visitors import FORM, Visitor, text_of
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.server import setup_link
from userhero.server.application import create_application
from userhero.workspaces import count_users

TYPED = {
    "email": "first@example.com", "name": "", "password": "long enough", "workspace": "Acme <b>Inc", "project": "App"
}  # fmt: skip


class Fresh:
    """A server without users."""

    def __init__(self, database: Database, client: Client) -> None:
        self.database = database
        self.client = client
        link = setup_link.offer(database, "")
        assert link is not None
        self.token = link.partition("token=")[2]

    def users(self) -> int:
        return self.database.read(count_users)


@pytest.fixture
def fresh(instances: Instances) -> Iterator[Fresh]:
    instance = instances.make()
    application = create_application(Settings(data=instance.data, database=instance.url))
    server = Server(application)
    yield Fresh(application.database, Client(server))
    server.close()


def test_from_the_link_to_the_first_call(fresh: Fresh) -> None:
    visitor = Visitor(fresh.client)
    assert fresh.token in text_of(visitor.get("/setup", token=fresh.token))
    answer = visitor.post("/setup", TYPED | {"token": fresh.token})
    assert answer.status == 201
    (key,) = set(re.findall(r"sk_live_[0-9A-Za-z]{38}", answer.body.decode()))
    (place,) = fresh.client.request("GET", "/api/v1/workspaces", headers=[("authorization", f"Bearer {key}")]).data
    assert (place["name"], place["role"]) == ("Acme <b>Inc", "owner")
    assert "Acme &lt;b&gt;Inc" in text_of(visitor.get("/app/workspaces"))
    assert ">first<" in text_of(visitor.get("/app/workspaces"))
    # The link has done what it was for.
    assert visitor.get("/setup", token=fresh.token).status == 404
    again = visitor.post("/setup", TYPED | {"token": fresh.token, "email": "second@example.com"})
    assert (again.status, fresh.users()) == (404, 1)
    entered = Visitor(fresh.client)
    assert entered.post("/sign-in", {"email": TYPED["email"], "password": TYPED["password"]}).status == 303


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "x"}, "email: "), ({"password": "short"}, "password: must have 8"),
        ({"workspace": " "}, "workspace: must"), ({"project": ""}, "project: must"),
        ({"name": "x" * 201}, "name: must"),
    ],
)  # fmt: skip
def test_what_is_wrong_keeps_the_link_and_what_was_typed(fresh: Fresh, wrong: dict[str, str], said: str) -> None:
    visitor = Visitor(fresh.client)
    answer = visitor.post("/setup", TYPED | {"token": fresh.token} | wrong)
    assert (answer.status, fresh.users()) == (422, 0)
    page = answer.body.decode()
    assert said in page
    assert TYPED["password"] not in page
    assert "Acme &lt;b&gt;Inc" in page or "workspace" in wrong
    assert visitor.cookies == {}
    assert visitor.get("/setup", token=fresh.token).status == 200


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud7ff"])
def test_without_the_link(fresh: Fresh, token: str) -> None:
    visitor = Visitor(fresh.client)
    assert visitor.post("/setup", TYPED | {"token": token}).status == 404
    assert visitor.post("/setup", TYPED | {"token": fresh.token}, headers=[]).status == 403
    assert fresh.users() == 0


def test_two_at_once(fresh: Fresh) -> None:
    client, headers = fresh.client, [FORM, ("sec-fetch-site", "same-origin")]
    bodies = [
        f"token={fresh.token}&email=p{number}%40example.com&password=long+enough&workspace=W&project=P"
        for number in range(4)
    ]
    answers = client.together(client.prepared("POST", "/setup", headers=headers, body=text.encode()) for text in bodies)
    assert sorted(answer.status for answer in answers) == [201, 404, 404, 404]
    assert fresh.users() == 1
