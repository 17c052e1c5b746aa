"""What every error has to look like, and that a refusal left everything as it was."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, select

from tests.support.client import Response
from tests.support.tenants import Tenant
from userhero.kernel.db import Database, Statement, Transaction, metadata

CODES = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "precondition_failed": 412,
    "rate_limited": 429,
    "internal_error": 500,
    "service_unavailable": 503,
}
# The column that says whose a row is, where it is not workspace_id.
_KEYS = {"workspaces": "id", "idempotency_keys": "account_id"}
# What work in the background changes in rows that a request has made.
_BY_ITSELF = {
    "webhook_endpoints": {
        "lane", "lane_until", "paused_until", "pace", "failing_since", "last_failed_at", "failing_told"
    },
    "exports": {
        "status", "done", "total", "place", "parts", "bytes", "token", "url", "error", "finished_at", "expires_at"
    },
    "erasures": {"status", "done", "total", "stage", "marks", "finished_at"},
    "webhook_deliveries": {
        "status", "attempt", "step", "next_attempt_at", "attempted_at", "response_status", "error", "duration_ms",
        "answer_headers", "answer_body", "log",
    },
}  # fmt: skip
# What follows from events, in the background: where there is no event, there is nothing of it either.
_FOLLOWS = {"notifications", "outbox"}
# Nothing of how the server is made belongs in an answer.
_INSIDES = re.compile(
    r"Traceback|File \"|/site-packages/|\.py\b|(?i:sqlite|psycopg|postgres|msgspec)"
    r"|SELECT |INSERT |UPDATE |0x[0-9a-f]{6}"
)
REQUEST_ID = re.compile(r"req_[0-9a-v]{26}")


def check_problem(
    response: Response, code: str, *, field: str | None = None, naming: str | None = None, echoes: bool = False
) -> Any:
    """Fail unless the response is the error ``code`` in the one shape; returns the error.

    ``field`` must be among its details; ``naming`` must stand in the message. ``echoes`` says that the message may
    quote words of the request that nobody chose.
    """
    assert response.status == CODES[code], response
    error = response.error
    assert {"code", "message", "requestId"} <= error.keys() <= {"code", "message", "requestId", "details"}, error
    assert error["code"] == code, error
    assert error["requestId"] == response.header("x-request-id"), response
    assert isinstance(error["message"], str), error
    assert error["message"].strip(), error
    assert echoes or not _INSIDES.search(response.body.decode()), error
    for detail in error.get("details", []):
        assert detail.keys() == {"field", "message"}, error
        assert all(isinstance(text, str) and text for text in detail.values()), error
    if field is not None:
        assert field in [detail["field"] for detail in error.get("details", [])], error
    if naming is not None:
        assert naming in error["message"], error
    return error


def rows_of(database: Database, *tenants: Tenant) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tenants' workspaces, by table, but for what mere requests may change."""
    owners = {
        "workspace": {tenant.workspace_id for tenant in tenants},
        "account": {tenant.user_id for tenant in tenants},
    }

    def unit(tx: Transaction) -> dict[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for name, (kind, statement) in _owned().items():
            if name in _FOLLOWS:
                continue
            rows = [row for owner in owners[kind] for row in tx.all(statement, owner=owner)]
            found[name] = sorted(rows, key=repr)
        return found

    return database.read(unit)


@cache
def _owned() -> dict[str, tuple[str, Statement]]:
    """By table: what its rows belong to, and how to read those of one owner."""
    conditions: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:
        column = _KEYS.get(table.name, "workspace_id")
        if column in table.c:
            conditions[table] = table.c[column] == bindparam("owner")
            continue
        # Not the workspace's itself, but of something that is: its rows say which.
        above = [key for key in table.foreign_keys if key.column.table in conditions]
        if above:
            owner = select(above[0].column).where(conditions[above[0].column.table])
            conditions[table] = above[0].parent.in_(owner)
    return {
        table.name: (
            "account" if table.name == "idempotency_keys" else "workspace",
            Statement(select(*_watched(table)).where(condition)),
        )
        for table, condition in conditions.items()
    }


def _watched(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if column.name not in _BY_ITSELF.get(table.name, ())]


def owned_tables() -> set[str]:
    """The tables that ``unchanged`` watches."""
    return set(_owned())


@contextmanager
def unchanged(database: Database, *tenants: Tenant) -> Iterator[None]:
    """Fail where what happens inside changes a row of the tenants."""
    before = rows_of(database, *tenants)
    yield
    after = rows_of(database, *tenants)
    assert after == before, {name: (rows, after[name]) for name, rows in before.items() if rows != after[name]}
