"""The data set: many workspaces with their people, one of them with a fifth of all items, spread over a year.

Made by the product itself: all but the last month is imported, ten thousand items to a transaction; the last month is
recorded item by item. It is kept below ``benchmarks/.cache`` under the number of items and a digest of the schema and
of what makes it.
"""

import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec

from benchmarks.machine import ROOT
from benchmarks.texts import Writer
from userhero.feedback import (
    FeedbackChange,
    ImportItem,
    Load,
    NewFeedback,
    change_feedback,
    import_items,
    submit_feedback,
)
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.config import Settings
from userhero.kernel.crypto import Keys
from userhero.kernel.db import Transaction
from userhero.kernel.db.sqlite import connect
from userhero.kernel.events import KEPT_DAYS
from userhero.kernel.instance import SECRET_FILE, open_database
from userhero.kernel.outbound import Guard
from userhero.projects import NewProject, create_project
from userhero.server.composition import LISTENERS
from userhero.workspaces import act_as, create_key, create_user, create_workspace, set_member

CACHE = ROOT / "benchmarks" / ".cache"
_MADE_BY = ("dataset.py", "texts.py")
_YEAR = 365 * 24 * 3600.0
_BATCH = 1_000
_IMPORTED = 10_000
_KEYS = 1_000
_AGENTS = 5
_ITEMS_EACH = 2_500
_STATUSES = ("in-progress", "in-progress", "resolved", "resolved", "resolved", "archived")


class Facts(msgspec.Struct, rename="camel", frozen=True):
    """What a client of the large workspace needs to know; ``keys`` are its owner's API keys."""

    items: int
    workspace_id: str
    project_id: str
    people: int
    keys: list[str]


class Dataset(NamedTuple):
    """A data directory of the product, filled. SQLite's file is in it."""

    folder: Path
    facts: Facts

    @property
    def secret(self) -> str:
        """The installation's secret key: whatever serves a copy of the data needs it."""
        return (self.folder / SECRET_FILE).read_text("ascii").strip()

    def writer(self, seed: int) -> Writer:
        """Writes more items for the large workspace."""
        return Writer(Random(seed), self.facts.workspace_id, self.facts.project_id, self.facts.people)


class _Agent(NamedTuple):
    user_id: str
    email: str


class _Tenant(NamedTuple):
    email: str
    workspace_id: str
    writer: Writer
    project_id: str
    people: int
    agents: list[_Agent]


class _Moment:
    """A clock that goes as far as it is told."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def digest() -> str:
    """Changes whenever the schema does, or what makes the data."""
    sources = [*sorted((ROOT / "userhero" / "migrations" / "versions").glob("*.py"))]
    sources += [ROOT / "benchmarks" / name for name in _MADE_BY]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def prepared(items: int) -> Dataset:
    """The data set of this size, from the cache or made now; older ones of the size are removed."""
    folder = CACHE / f"{items}-{digest()}"
    if not (folder / "facts.json").exists():
        for outdated in CACHE.glob(f"{items}-*"):
            shutil.rmtree(outdated)
        folder.mkdir(parents=True)
        facts = _make(folder, items)
        (folder / "facts.json").write_bytes(msgspec.json.encode(facts))
    return Dataset(folder, msgspec.json.decode((folder / "facts.json").read_bytes(), type=Facts))


def _make(folder: Path, items: int) -> Facts:
    settings = Settings(data=folder)
    random = Random(items)
    with _clock_at(clock.seconds() - _YEAR) as moment:
        database = open_database(settings)
        try:
            others = max(4, items // _ITEMS_EACH)
            tenants = [database.write(partial(_tenant, random, items, number)) for number in range(others + 1)]
            keys = database.write(partial(_keys, tenants[0].email))
        finally:
            database.close()
        _fill(Path(settings.address), database.keys, moment, tenants, items)
    large = tenants[0]
    return Facts(items, large.workspace_id, large.project_id, large.people, keys)


def _keys(email: str, tx: Transaction) -> list[str]:
    return [create_key(tx, email=email, name=f"Load {number}").api_key for number in range(_KEYS)]


def _tenant(random: Random, items: int, number: int, tx: Transaction) -> _Tenant:
    email = f"owner{number}@example.com"
    create_user(tx, email=email, name=f"Owner {number}")
    workspace_id = create_workspace(tx, name=f"Workspace {number}", owner_email=email)
    agents = []
    for each in range(_AGENTS):
        agent = f"agent{number}.{each}@example.com"
        agents.append(_Agent(create_user(tx, email=agent, name=f"Agent {each} of {number}"), agent))
        set_member(tx, workspace_id, email=agent, role="member")
    created = create_project(tx, act_as(tx, email), NewProject(workspace_id=workspace_id, name="App"))
    project_id = msgspec.json.decode(created)["id"]
    people = max(3, (items // 5 if number == 0 else _ITEMS_EACH) // 60)
    writer = Writer(Random(random.random()), workspace_id, project_id, people)
    return _Tenant(email, workspace_id, writer, project_id, people, agents)


def _fill(path: Path, keys: Keys, moment: _Moment, tenants: list[_Tenant], items: int) -> None:
    """Nothing that a crash spoils is kept, so the disk need not be waited for."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    # Otherwise each page is written twice: into the log, and out of it.
    connection.execute("PRAGMA journal_mode = MEMORY")
    # Items of the last month touch rows and indexes all over: with less, each waits for the disk.
    connection.execute("PRAGMA cache_size = -2000000")
    filling = _Filling(connection, keys, moment, tenants, items)
    # What happened within the time for which events are kept leaves events, so it happens one by one.
    history = items - round(items * KEPT_DAYS / 365)
    # Rows by the ten thousand, and no circles among them: the collector would look through all of them time and again.
    gc.disable()
    for first in range(0, history, _IMPORTED):
        filling.bring(range(first, min(history, first + _IMPORTED)))
    gc.enable()
    for first in range(history, items, _BATCH):
        filling.live_through(range(first, min(items, first + _BATCH)))
    print(file=sys.stderr)
    _catch_up(connection, moment.seconds)
    # As the product does it by itself: with a limit, and so without samples of values (see SqliteDatabase).
    connection.execute("PRAGMA analysis_limit = 2000")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


class _Filling:
    """Puts items into a database, numbered in the order of time."""

    def __init__(self, connection: Any, keys: Keys, moment: _Moment, tenants: list[_Tenant], items: int) -> None:
        self._connection = connection
        self._keys = keys
        self._guard = Guard()
        self._moment = moment
        self._tenants = tenants
        self._actors = [act_as(self._transaction(), tenant.email) for tenant in tenants]
        self._items = items
        self._random = Random(items)
        self._step = _YEAR / (items + 1)

    def bring(self, numbers: range) -> None:
        """Import items, those of all workspaces in one go, so that they lie beside each other as in life."""
        brought: dict[int, list[ImportItem]] = {}
        for number in numbers:
            self._moment.seconds += self._step
            chosen = self._chosen(number)
            item = _past_item(self._body(number, chosen), self._random, self._tenants[chosen], clock.now())
            brought.setdefault(chosen, []).append(item)
        loads = [
            Load(self._actors[chosen], self._tenants[chosen].workspace_id, self._tenants[chosen].project_id, items)
            for chosen, items in brought.items()
        ]
        self._connection.execute("BEGIN IMMEDIATE")
        refused = [each for each in import_items(self._transaction(), loads) if each.kind != "created"]
        assert not refused, refused[0]
        self._connection.execute("COMMIT")
        self._say(numbers)

    def live_through(self, numbers: range) -> None:
        """Record items one by one, as they come in."""
        self._connection.execute("BEGIN IMMEDIATE")
        for number in numbers:
            self._moment.seconds += self._step
            chosen = self._chosen(number)
            body = self._body(number, chosen)
            _item(self._transaction(), self._random, self._actors[chosen], self._tenants[chosen], body)
        self._connection.execute("COMMIT")
        self._say(numbers)

    def _transaction(self) -> Transaction:
        return Transaction(self._connection, "sqlite", self._keys, self._guard)

    def _chosen(self, number: int) -> int:
        return 0 if number % 5 == 0 else self._random.randrange(1, len(self._tenants))

    def _body(self, number: int, chosen: int) -> dict[str, Any]:
        return self._tenants[chosen].writer.body(rare=number % max(1, self._items // 100) == 0)

    def _say(self, numbers: range) -> None:
        print(f"\r  {numbers.stop:,} of {self._items:,} items", end="", file=sys.stderr)


def _catch_up(connection: Any, now: float) -> None:
    """Leave the events as a server would that ran all year: each listener has heard of all, old ones are gone."""
    kept_since = clock.iso(now - KEPT_DAYS * 24 * 3600)
    connection.execute("DELETE FROM events WHERE created_at <= ?", (kept_since,))
    connection.executemany(
        "INSERT INTO event_cursors (listener, position) SELECT ?, max(position) FROM events WHERE true "
        "ON CONFLICT (listener) DO UPDATE SET position = excluded.position",
        [(listeners.name,) for listeners in LISTENERS],
    )


def _past_item(body: dict[str, Any], random: Random, tenant: _Tenant, created_at: str) -> ImportItem:
    """An item of the past, and for every second one what an agent had made of it."""
    place = ("workspaceId", "projectId")
    record = {name: value for name, value in body.items() if name not in place} | {"createdAt": created_at}
    if random.random() < 0.5:
        record["status"] = random.choice(_STATUSES)
        if random.random() < 0.4:
            record["assigneeEmail"] = random.choice(tenant.agents).email
    return msgspec.convert(record, ImportItem)


def _item(tx: Transaction, random: Random, actor: Actor, tenant: _Tenant, body: dict[str, Any]) -> None:
    """The same for one that comes in now."""
    created = msgspec.json.decode(submit_feedback(tx, actor, msgspec.convert(body, NewFeedback)))["id"]
    if random.random() < 0.5:
        change: dict[str, Any] = {"workspaceId": tenant.workspace_id, "status": random.choice(_STATUSES)}
        if random.random() < 0.4:
            change["assigneeId"] = random.choice(tenant.agents).user_id
        change_feedback(tx, actor, created, msgspec.convert(change, FeedbackChange))


@contextmanager
def _clock_at(seconds: float) -> Iterator[_Moment]:
    moment = _Moment(seconds)
    before = clock.use(moment)
    try:
        yield moment
    finally:
        clock.use(before)


def copy(dataset: Dataset, folder: Path) -> Dataset:
    """A copy that may be changed, in a folder that does not exist yet."""
    shutil.copytree(dataset.folder, folder)
    folder.chmod(0o700)
    descriptor = os.open(folder / "userhero.db", os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return Dataset(folder, dataset.facts)
