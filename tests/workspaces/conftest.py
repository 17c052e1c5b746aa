"""A server that sends its mail to one of the test's."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.mail_servers import Post, post_office
from tests.support.tenants import Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner
from userhero.server.application import create_application


class Posted(NamedTuple):
    """An instance of the test's own, and the mail server that it was told of."""

    database: Database
    client: Client
    tenants: Tenants
    office: Post


@pytest.fixture(scope="module")
def _office() -> Iterator[Post]:
    with post_office() as post:
        yield post


@pytest.fixture
def posted(instances: Instances, _office: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[Posted]:
    """Mail goes out when the test says so: no job is done by itself."""
    monkeypatch.setattr(Runner, "start", lambda self: None)
    instance = instances.make()
    application = create_application(
        Settings(
            data=instance.data,
            database=instance.url,
            public_url="http://feedback.example.com",
            smtp_url=f"smtp://127.0.0.1:{_office.port}",
            mail_from="Feedback <feedback@example.com>",
        )
    )
    _office.mails.clear()
    server = Server(application)
    client = Client(server)
    yield Posted(application.database, client, Tenants(application.database, client), _office)
    _office.replies.clear()
    server.close()
    application.database.close()
