"""The application in this process, its database, and tenants to call it with."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instance
from tests.support.tenants import Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.server.application import Application, create_application

# High enough never to be met: tests of the limit use ``limited_client``.
_UNLIMITED = 1_000_000


@pytest.fixture(scope="session")
def settings(instance: Instance) -> Settings:
    """What the shared application runs with."""
    return Settings(data=instance.data, database=instance.url, rate_limit=_UNLIMITED)


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Application]:
    """The shared ASGI application. It does its jobs and reads its clock like any other."""
    application = create_application(settings)
    yield application
    application.database.close()


@pytest.fixture(scope="session")
def database(app: Application) -> Database:
    """The shared database, migrated and open. Tests make their own tenants in it and leave their rows behind."""
    return app.database


@pytest.fixture(scope="session")
def client(app: Application) -> Iterator[Client]:
    """Sends requests to the shared application."""
    server = Server(app)
    yield Client(server)
    server.close()


@pytest.fixture(scope="session")
def limited_client(settings: Settings) -> Iterator[Client]:
    """Sends requests to an application on the same database that has the limit of the reference."""
    server = Server(create_application(msgspec.structs.replace(settings, rate_limit=100)))
    yield Client(server)
    server.close()


@pytest.fixture(scope="session")
def tenant(database: Database, client: Client) -> Tenants:
    """Makes tenants: ``tenant()`` is a new one each time."""
    return Tenants(database, client)
