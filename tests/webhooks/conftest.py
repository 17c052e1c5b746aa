"""What tests of outgoing webhooks share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.tenants import Tenants
from tests.webhooks.receivers import Hooks
from userhero.kernel.config import Settings
from userhero.kernel.db import Statement
from userhero.server.application import create_application
from userhero.webhooks.tables import webhook_endpoints

_FORGET = Statement(delete(webhook_endpoints))


@pytest.fixture(scope="module")
def _hooks(instances: Instances) -> Iterator[Hooks]:
    instance = instances.make()
    settings = Settings(data=instance.data, database=instance.url, rate_limit=1_000_000, outbound_allow="127.0.0.0/8")
    application = create_application(settings)
    server = Server(application)
    client = Client(server)
    yield Hooks(application.database, client, Tenants(application.database, client), instance.address)
    server.close()
    application.database.close()


@pytest.fixture
def hooks(_hooks: Hooks) -> Iterator[Hooks]:
    """An instance that may send to this machine. What a test leaves waiting is of no concern to the next."""
    yield _hooks
    _hooks.database.write(lambda tx: tx.run(_FORGET))
