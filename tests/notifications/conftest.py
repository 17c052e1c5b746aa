"""What tests of notifications share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from tests.notifications.mails import Mails
from tests.notifications.people import After
from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.mail_servers import Post, post_office
from tests.support.tenants import Tenant, Tenants
from tests.support.work import settle
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Statement
from userhero.notifications.tables import incoming_mails, outbox, outbox_counts
from userhero.server.application import create_application

_FORGET = [Statement(delete(table)) for table in (outbox, outbox_counts, incoming_mails)]


@pytest.fixture
def after(database: Database) -> After:
    """Let everything follow from what has happened."""
    return lambda: settle(database)


@pytest.fixture
def jane(tenant: Tenants) -> Tenant:
    """Who owns a workspace."""
    return tenant()


@pytest.fixture
def john(tenant: Tenants, jane: Tenant) -> Tenant:
    """Her colleague, an admin."""
    return tenant.colleague(jane, "admin")


@pytest.fixture(scope="module")
def _office() -> Iterator[Post]:
    with post_office() as post:
        yield post


@pytest.fixture(scope="module")
def _mails(instances: Instances, _office: Post) -> Iterator[Mails]:
    instance = instances.make()
    settings = Settings(
        data=instance.data,
        database=instance.url,
        rate_limit=1_000_000,
        public_url="https://feedback.example.com",
        outbound_allow="127.0.0.0/8",
        smtp_url=f"smtp://127.0.0.1:{_office.port}",
        mail_from="Feedback <feedback@example.com>",
        reply_domain="reply.example.com",
    )
    application = create_application(settings)
    server = Server(application)
    client = Client(server)
    yield Mails(application.database, client, Tenants(application.database, client), _office, instance.address)
    server.close()
    application.database.close()


@pytest.fixture
def mails(_mails: Mails) -> Iterator[Mails]:
    """An instance whose mail goes to a server of the test's. What a test leaves is of no concern to the next."""
    _mails.catch_up()
    _mails.office.mails.clear()
    yield _mails
    _mails.office.replies.clear()
    _mails.database.write(lambda tx: [tx.run(each) for each in _FORGET])
