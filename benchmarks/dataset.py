"""The data set: many workspaces with their people, one of them with a fifth of all items, spread over a year.

Made by the product's own actions, a thousand to a transaction, and kept below ``benchmarks/.cache`` under the number of
items and a digest of the schema and of what makes it.
"""

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
from userhero.feedback import FeedbackChange, NewFeedback, change_feedback, submit_feedback
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


class _Tenant(NamedTuple):
    email: str
    workspace_id: str
    writer: Writer
    project_id: str
    people: int
    agents: list[str]


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
        agents.append(create_user(tx, email=agent, name=f"Agent {each} of {number}"))
        set_member(tx, workspace_id, email=agent, role="member")
    created = create_project(tx, act_as(tx, email), NewProject(workspace_id=workspace_id, name="App"))
    project_id = msgspec.json.decode(created)["id"]
    people = max(3, (items // 5 if number == 0 else _ITEMS_EACH) // 60)
    writer = Writer(Random(random.random()), workspace_id, project_id, people)
    return _Tenant(email, workspace_id, writer, project_id, people, agents)


def _fill(path: Path, keys: Keys, moment: _Moment, tenants: list[_Tenant], items: int) -> None:
    """Nothing that a crash spoils is kept, so the disk need not be waited for."""
    random = Random(items)
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    guard = Guard()
    actors = [act_as(Transaction(connection, "sqlite", keys, guard), tenant.email) for tenant in tenants]
    step = _YEAR / (items + 1)
    rare = max(1, items // 100)
    for first in range(0, items, _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        for number in range(first, min(items, first + _BATCH)):
            moment.seconds += step
            chosen = 0 if number % 5 == 0 else random.randrange(1, len(tenants))
            tx = Transaction(connection, "sqlite", keys, guard)
            _item(tx, random, actors[chosen], tenants[chosen], rare=number % rare == 0)
        connection.execute("COMMIT")
        print(f"\r  {min(items, first + _BATCH):,} of {items:,} items", end="", file=sys.stderr)
    print(file=sys.stderr)
    _catch_up(connection, moment.seconds)
    # As the product does it by itself: with a limit, and so without samples of values (see SqliteDatabase).
    connection.execute("PRAGMA analysis_limit = 2000")
    connection.execute("ANALYZE")
    connection.close()


def _catch_up(connection: Any, now: float) -> None:
    """Leave the events as a server would that ran all year: each listener has heard of all, old ones are gone."""
    kept_since = clock.iso(now - KEPT_DAYS * 24 * 3600)
    connection.execute("DELETE FROM events WHERE created_at <= ?", (kept_since,))
    connection.executemany(
        "INSERT INTO event_cursors (listener, position) SELECT ?, max(position) FROM events WHERE true "
        "ON CONFLICT (listener) DO UPDATE SET position = excluded.position",
        [(listeners.name,) for listeners in LISTENERS],
    )


def _item(tx: Transaction, random: Random, actor: Actor, tenant: _Tenant, *, rare: bool) -> None:
    """An item, and for every second one what an agent made of it."""
    new = msgspec.convert(tenant.writer.body(rare=rare), NewFeedback)
    created = msgspec.json.decode(submit_feedback(tx, actor, new))["id"]
    if random.random() < 0.5:
        change: dict[str, Any] = {"workspaceId": tenant.workspace_id, "status": random.choice(_STATUSES)}
        if random.random() < 0.4:
            change["assigneeId"] = random.choice(tenant.agents)
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
