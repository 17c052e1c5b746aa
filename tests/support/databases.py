"""Databases to test on: an empty or migrated one costs a copy. ``--database`` says on which engine."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg
import pytest

from tests.support.postgres import Cluster, address, command
from userhero.kernel.db import migrate

Engine = Literal["sqlite", "postgresql"]

_CLUSTER = pytest.StashKey[Cluster]()
_TEMPLATE = "template_userhero"
_LOCK = 20_261_122


@dataclass(frozen=True)
class Instance:
    """Where one instance of the product keeps what it has: a folder, and a PostgreSQL database if not SQLite."""

    data: Path
    url: str | None

    @property
    def address(self) -> str:
        """The database: a URL, or the path of SQLite's file."""
        return self.url or str(self.data / "userhero.db")


class Instances:
    """Makes instances on one engine."""

    def __init__(self, engine: Engine, folder: Path, sockets: Path | None, worker: str) -> None:
        self.engine = engine
        self._folder = folder
        self._sockets = sockets
        self._worker = worker
        self._numbers = count()
        self._sqlite_template: Path | None = None

    def make(self, *, migrated: bool = True) -> Instance:
        """A new instance with an empty database, or one that has this release's schema and no rows."""
        name = f"{self._worker}_{next(self._numbers)}"
        data = self._folder / name
        data.mkdir()
        if self._sockets is None:
            instance = Instance(data, None)
            if migrated:
                shutil.copyfile(self._template_file(), instance.address)
            return instance
        command(self._url("postgres"), "CREATE DATABASE {} TEMPLATE {}", name, self._template_name(migrated))
        return Instance(data, self._url(name))

    def _url(self, database: str) -> str:
        assert self._sockets is not None
        return address(self._sockets, database)

    def _template_file(self) -> Path:
        if self._sqlite_template is None:
            self._sqlite_template = self._folder / "template.db"
            migrate.upgrade(str(self._sqlite_template))
        return self._sqlite_template

    def _template_name(self, migrated: bool) -> str:
        """The migrated template, made by the first worker that comes here."""
        if not migrated:
            return "template0"
        unfinished = f"{_TEMPLATE}_unfinished"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]).fetchone()
            if exists is None:
                command(self._url("postgres"), "CREATE DATABASE {} TEMPLATE template0", unfinished)
                migrate.upgrade(self._url(unfinished))
                command(self._url("postgres"), "ALTER DATABASE {} RENAME TO {}", unfinished, _TEMPLATE)
        return _TEMPLATE


def _sockets(config: pytest.Config) -> Path:
    """Where the run's PostgreSQL server listens; it is started when somebody asks."""
    given: dict[str, str] = getattr(config, "workerinput", {})
    if "sockets" in given:
        return Path(given["sockets"])
    if _CLUSTER not in config.stash:
        config.stash[_CLUSTER] = Cluster()
    return config.stash[_CLUSTER].folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """All workers of a parallel run share one server, which the run itself starts and ends."""
    if node.config.getoption("database") == "postgresql":
        node.workerinput["sockets"] = str(_sockets(node.config))  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the run's PostgreSQL server down."""
    cluster = config.stash.get(_CLUSTER, None)
    if cluster is not None:
        cluster.remove()


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Engine:
    """The engine that this run tests on."""
    chosen: Engine = pytestconfig.getoption("database")
    return chosen


@pytest.fixture(scope="session")
def instances(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, engine: Engine, worker_id: str
) -> Instances:
    """Makes more instances, for tests that need one to themselves."""
    sockets = _sockets(pytestconfig) if engine == "postgresql" else None
    return Instances(engine, tmp_path_factory.mktemp("instances"), sockets, worker_id.replace("master", "main"))


@pytest.fixture(scope="session")
def instance(instances: Instances) -> Instance:
    """The migrated instance that all tests of this process share."""
    return instances.make()


@pytest.fixture(scope="session")
def database_address(instance: Instance) -> str:
    """The shared database: a PostgreSQL URL, or the path of a SQLite file."""
    return instance.address


@pytest.fixture
def durable_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of the test's own that keeps every promise about crashes. Its ``process`` may be killed."""
    cluster = Cluster(durable=True)
    yield cluster
    cluster.remove()
