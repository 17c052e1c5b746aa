"""Writing down, for each event, which endpoints are to be told of it."""

import threading
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import ids
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import Happened
from userhero.webhooks.actions.lane import wake
from userhero.webhooks.kinds import subscribes
from userhero.webhooks.payload import body_of
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints

_e, _d = webhook_endpoints, webhook_deliveries
_SUBSCRIBERS = Statement(
    select(_e.c.id, _e.c.project_id, _e.c.events).where(
        _e.c.workspace_id == bindparam("workspace"), _e.c.enabled, _e.c.deleted_at.is_(None)
    )
)
_names = ("id", "endpoint_id", "event_id", "event", "body", "next_attempt_at", "created_at")
_INSERT = Statement(
    insert(_d)
    .values({name: bindparam(name) for name in _names})
    .on_conflict_do_nothing(index_elements=[_d.c.endpoint_id, _d.c.event_id])
)
_kinds = msgspec.json.Decoder(frozenset[str]).decode


class _Subscriber(NamedTuple):
    id: str
    project_id: str | None
    kinds: frozenset[str]


class _InProject(msgspec.Struct, rename="camel"):
    """The part of an event's data that says which project it happened in, if any."""

    project_id: str | None = None


class _Request(msgspec.Struct):
    """The part of an automation's request that says whom it is for."""

    channel: str
    to: str


_in_project = msgspec.json.Decoder(_InProject).decode
_request = msgspec.json.Decoder(_Request).decode


class _Unit(threading.local):
    """What the unit at hand knows already: one looks up many events of the same few workspaces."""

    def __init__(self) -> None:
        self.tx: Transaction | None = None
        self.subscribers: dict[str, list[_Subscriber]] = {}
        self.woken: set[str] = set()

    def begin(self, tx: Transaction) -> None:
        if self.tx is not tx:
            self.tx, self.subscribers, self.woken = tx, {}, set()


_unit = _Unit()


def announce(tx: Transaction, happened: Happened) -> None:
    """A delivery of the event for each endpoint that subscribed to it, and somebody to send it."""
    wanted = [each for each in _subscribers(tx, happened.workspace_id) if subscribes(each.kinds, happened.kind)]
    if not wanted:
        return
    project_id = _in_project(happened.data).project_id
    told = [each.id for each in wanted if each.project_id in (None, project_id)]
    if told:
        _deliver(tx, happened, told)


def announce_request(tx: Transaction, happened: Happened) -> None:
    """A delivery for the endpoint that an automation names, whatever it subscribed to; none where it is off or gone."""
    asked = _request(happened.data)
    known = {each.id for each in _subscribers(tx, happened.workspace_id)} if asked.channel == "webhook" else set()
    if asked.to in known:
        _deliver(tx, happened, [asked.to])


def _subscribers(tx: Transaction, workspace_id: str) -> list[_Subscriber]:
    _unit.begin(tx)
    subscribers = _unit.subscribers.get(workspace_id)
    if subscribers is None:
        rows = tx.all(_SUBSCRIBERS, workspace=workspace_id)
        subscribers = [_Subscriber(row[0], row[1], _kinds(row[2])) for row in rows]
        _unit.subscribers[workspace_id] = subscribers
    return subscribers


def _deliver(tx: Transaction, happened: Happened, endpoint_ids: list[str]) -> None:
    body = body_of(happened.kind, happened.created_at, happened.data)
    for endpoint_id in endpoint_ids:
        tx.run(
            _INSERT,
            id=ids.new("whd"),
            endpoint_id=endpoint_id,
            event_id=happened.id,
            event=happened.kind,
            body=body,
            next_attempt_at=tx.now,
            created_at=tx.now,
        )
    asleep = [endpoint_id for endpoint_id in endpoint_ids if endpoint_id not in _unit.woken]
    for endpoint_id in asleep:
        wake(tx, endpoint_id)
    # Last: where anything above fails, all of it is undone.
    _unit.woken.update(asleep)
