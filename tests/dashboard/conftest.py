"""What tests of the dashboard can ask for."""

import pytest

from tests.support.client import Client
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in
from userhero.kernel.db import Database


@pytest.fixture
def jane(tenant: Tenants) -> Tenant:
    """Who owns the workspace."""
    return tenant()


@pytest.fixture
def visitor(jane: Tenant, client: Client, database: Database) -> Visitor:
    """Jane's browser."""
    return signed_in(database, client, jane)
