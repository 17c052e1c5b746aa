"""Endpoints that are told: real servers on this machine, which keep what they were sent."""

import hashlib
import hmac
import json
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from tests.support.client import Client, Response
from tests.support.tenants import Tenant, Tenants
from tests.support.web_servers import OK, WebServer, read_request, web_server
from tests.support.work import catch_up
from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel import clock
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.jobs.queue import jobs
from userhero.webhooks.actions.lane import DELIVER
from userhero.workspaces import act_as


@dataclass(frozen=True)
class Received:
    """A request as it arrived. Header names are in lower case; ``at`` is the product's time then."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: str

    @property
    def id(self) -> str:
        """What tells it from others, and stays the same when it comes again."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    @property
    def subject(self) -> str:
        """Id of what it is about."""
        return str(self.json["data"]["id"])

    @property
    def signatures(self) -> list[str]:
        """Those of Standard Webhooks."""
        return self.headers["webhook-signature"].split(" ")

    def signature(self, secret: str) -> str:
        """The one that a secret makes, worked out as the specification says."""
        key = b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

    def plain_signature(self, secret: str) -> str:
        """The one over the body alone."""
        return "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()


Answering = Callable[[Received], bytes]


@dataclass
class Receiver:
    """A server that answers as it is told to: always the same, or what a function says."""

    server: WebServer = field(default_factory=WebServer)
    answer: bytes | Answering = OK
    requests: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.server.url()

    def talk(self, connection: socket.socket, server: WebServer) -> None:
        """One connection."""
        received = _read(read_request(connection))
        self.requests.append(received)
        connection.sendall(self.answer(received) if callable(self.answer) else self.answer)

    def of(self, kind: str) -> list[Received]:
        """What was received of one kind."""
        return [each for each in self.requests if each.json["event"] == kind]


def _read(content: bytes) -> Received:
    head, _, body = content.partition(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Received(start.split(" ")[1], {name.lower(): value for name, value in headers.items()}, body, clock.now())


def answering(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer in bytes."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def receiver(answer: bytes | Answering = OK) -> Iterator[Receiver]:
    """A receiver that runs for as long as the block does."""
    found = Receiver(answer=answer)
    with web_server(found.talk) as server:
        found.server = server
        yield found


@dataclass(frozen=True)
class Hooks:
    """An instance that may send to this machine, with tenants and a hand on its background work."""

    database: Database
    client: Client
    tenant: Tenants
    address: str

    def catch_up(self) -> None:
        """Do what is due."""
        catch_up(self.database, DELIVER)

    def forget_jobs(self, kind: str) -> None:
        """Lose all jobs of a kind."""
        clause = delete(jobs).where(jobs.c.kind == kind)
        self.database.write(lambda tx: tx.run(Statement(clause)))


@dataclass(frozen=True)
class Endpoint:
    """A webhook endpoint as its owner knows it."""

    owner: Tenant
    id: str
    secret: str

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/webhook-endpoints/{self.id}"

    def shown(self) -> Any:
        """The endpoint as it is now."""
        return self.owner.get(self.path).data

    def deliveries(self, **query: Any) -> Any:
        """The log, oldest first."""
        return self.owner.get(f"{self.path}/deliveries", order="asc", pageSize=100, **query).data

    def delivery(self, delivery_id: str) -> Any:
        """One of them with all that is kept."""
        return self.owner.get(f"{self.path}/deliveries/{delivery_id}").data

    def only(self) -> Any:
        """The one delivery that there is, with all that is kept."""
        (found,) = self.deliveries()
        return self.delivery(found["id"])

    def change(self, **fields: Any) -> Response:
        """Change the endpoint."""
        return self.owner.patch(self.path, fields)


def endpoint(owner: Tenant, url: str, **fields: Any) -> Endpoint:
    """A new endpoint of the tenant's."""
    made = owner.post("/webhook-endpoints", {"url": url, **fields}).data
    return Endpoint(owner, made["id"], made["secret"])


def submit_many(hooks: Hooks, caller: Tenant, number: int) -> None:
    """Record so many items at once."""
    new = NewFeedback(workspace_id=caller.workspace_id, project_id=caller.project_id, message="x")

    def unit(tx: Transaction) -> None:
        actor = act_as(tx, caller.email)
        for _ in range(number):
            submit_feedback(tx, actor, new)

    hooks.database.write(unit)
