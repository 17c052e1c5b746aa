"""Tenants for tests: a user with a workspace, a project and an API key, and the requests that they send."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.support.client import Body, Headers, Response, Scope
from userhero import projects, workspaces
from userhero.kernel.db import Database, Transaction

API = "/api/v1"

_numbers = count(1)


class Sender(Protocol):
    """Anything that sends a request: to an application in this process, or over the wire."""

    def request(
        self, method: str, target: str, *, headers: Headers = (), json: Any = ..., body: Body = b""
    ) -> Response:
        """One request, answered."""
        ...


class ParallelSender(Sender, Protocol):
    """A sender that can have several requests under way."""

    def prepared(
        self, method: str, target: str, *, headers: Headers = (), json: Any = ..., body: Body = b""
    ) -> tuple[Scope, Sequence[bytes]]:
        """A request for ``together``."""
        ...

    def together(self, calls: Iterable[tuple[Scope, Sequence[bytes]]]) -> list[Response]:
        """Prepared requests at the same time."""
        ...


@dataclass(frozen=True)
class Tenant:
    """A user's API key and what it opens. Paths are given without ``/api/v1``."""

    client: Sender
    email: str
    user_id: str
    workspace_id: str
    project_id: str
    widget_id: str
    key_id: str
    api_key: str

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that says who is asking."""
        return ("authorization", f"Bearer {self.api_key}")

    def request(
        self, method: str, path: str, *, headers: Headers = (), json: Any = ..., body: Body = b"", **query: Any
    ) -> Response:
        """A request with the key and nothing else that the test did not say."""
        sent = [self.authorization, *headers]
        return self.client.request(method, target(path, query), headers=sent, json=json, body=body)

    def get(self, path: str, *, headers: Headers = (), **query: Any) -> Response:
        """Read, naming the workspace; ``workspaceId=None`` leaves it out."""
        return self.request("GET", path, headers=headers, **{"workspaceId": self.workspace_id, **query})

    def delete(self, path: str, *, headers: Headers = (), **query: Any) -> Response:
        """Remove, naming the workspace."""
        return self.request("DELETE", path, headers=headers, **{"workspaceId": self.workspace_id, **query})

    def post(self, path: str, body: dict[str, Any] | None = None, *, headers: Headers = (), **query: Any) -> Response:
        """Make or do something, naming the workspace in the body."""
        return self.request("POST", path, headers=headers, json=self._with_workspace(body), **query)

    def patch(self, path: str, body: dict[str, Any] | None = None, *, headers: Headers = (), **query: Any) -> Response:
        """Change something, naming the workspace in the body."""
        return self.request("PATCH", path, headers=headers, json=self._with_workspace(body), **query)

    def _with_workspace(self, body: dict[str, Any] | None) -> dict[str, Any]:
        return {"workspaceId": self.workspace_id, **(body or {})}

    def new_feedback(self, message: str = "Something is broken", **fields: Any) -> Any:
        """Record an item in the tenant's project; returns it."""
        return self.post("/feedback", {"projectId": self.project_id, "message": message, **fields}).data

    def count(self, path: str = "/feedback", **query: Any) -> int:
        """How many objects a list holds."""
        total = self.get(path, includeTotal="true", pageSize=1, **query).json()["pagination"]["total"]
        assert isinstance(total, int)
        return total


def target(path: str, query: dict[str, Any]) -> str:
    """Path and query as they go over the wire. A None leaves a parameter out, a list gives it again and again."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"{API}{path}?{urlencode(given, doseq=True)}" if given else API + path


class Tenants:
    """Makes tenants in one database; their requests go through ``client`` unless they are given another."""

    def __init__(self, database: Database, client: Sender) -> None:
        self._database = database
        self._client = client

    def __call__(
        self,
        *,
        plan: str = "pro_max",
        scopes: frozenset[str] | None = None,
        client: Sender | None = None,
    ) -> Tenant:
        """A user who owns a workspace with one project, and a key of theirs."""
        email = _address()

        def unit(tx: Transaction) -> Tenant:
            user_id = workspaces.create_user(tx, email=email, name="Jane Smith")
            workspace_id = workspaces.create_workspace(tx, name="Acme Inc", owner_email=email)
            new = projects.NewProject(workspace_id=workspace_id, name="My App")
            project_id = json.loads(projects.create_project(tx, workspaces.act_as(tx, email), new))["id"]
            workspaces.set_workspace(tx, workspace_id, plan=plan)
            widget_id = projects.default_widget(tx, project_id)
            key = workspaces.create_key(tx, email=email, name="Test", scopes=scopes)
            return Tenant(
                client or self._client, email, user_id, workspace_id, project_id, widget_id, key.id, key.api_key
            )

        return self._database.write(unit)

    def colleague(self, tenant: Tenant, role: str) -> Tenant:
        """Somebody else with a role in the tenant's workspace (``none`` for no role), and a key of theirs."""
        email = _address()

        def unit(tx: Transaction) -> Tenant:
            user_id = workspaces.create_user(tx, email=email, name="John Doe")
            if role != "none":
                workspaces.set_member(tx, tenant.workspace_id, email=email, role=role)
            key = workspaces.create_key(tx, email=email, name="Test")
            return replace(tenant, email=email, user_id=user_id, key_id=key.id, api_key=key.api_key)

        return self._database.write(unit)

    def with_key(
        self, tenant: Tenant, *, scopes: frozenset[str] | None = None, expires_at: str | None = None
    ) -> Tenant:
        """The same user with another key."""

        def unit(tx: Transaction) -> Tenant:
            key = workspaces.create_key(tx, email=tenant.email, name="Test", scopes=scopes, expires_at=expires_at)
            return replace(tenant, key_id=key.id, api_key=key.api_key)

        return self._database.write(unit)


def _address() -> str:
    return f"jane{next(_numbers)}.{id(_numbers):x}@example.com"
