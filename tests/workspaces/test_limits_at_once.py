"""Limits on what a workspace has hold for those who come at the same moment too."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from tests.support.waiting import held, wait_for_lock
from userhero.dashboard.saved import Wish, list_saved, save_view
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.errors import Invalid
from userhero.notifications.actions.integrations import create_integration
from userhero.notifications.integration_types import NewIntegration
from userhero.webhooks.actions.endpoints import create_endpoint
from userhero.webhooks.actions.incoming import create_webhook
from userhero.webhooks.endpoint_types import NewWebhookEndpoint
from userhero.webhooks.types import NewWebhook
from userhero.workspaces import act_as, enter

HOOK = "https://hooks.example.invalid/a"
MADE: dict[str, tuple[dict[str, str], Any, Any]] = {
    "/webhook-endpoints": ({"url": HOOK}, create_endpoint, NewWebhookEndpoint),
    "/webhooks": ({"name": "Shop"}, create_webhook, NewWebhook),
    "/integrations": ({"type": "slack", "name": "Shop", "target": HOOK}, create_integration, NewIntegration),
}


@pytest.mark.parametrize("path", MADE)
def test_of_two_at_once_one_is_the_last(
    tenant: Tenants, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    jane, (body, create, shape) = tenant(), MADE[path]
    monkeypatch.setattr("userhero.webhooks.actions.endpoints.MAX_ENDPOINTS", 1)
    monkeypatch.setattr("userhero.notifications.actions.integrations.MAX_INTEGRATIONS", 1)
    first = Statement(text("SELECT id FROM incoming_webhooks WHERE workspace_id = :workspace LIMIT 1"))
    monkeypatch.setattr("userhero.webhooks.actions.incoming._SOME", first)

    def make(tx: Transaction) -> object:
        made: Any = shape(workspace_id=jane.workspace_id, **body)
        return create(tx, act_as(tx, jane.email), made)

    with ThreadPoolExecutor(1) as pool:
        with held(database, make, kept=True):
            second = pool.submit(jane.post, path, body)
            wait_for_lock(database, second)
        check_problem(second.result(), "forbidden", naming="at the most")
    assert len(jane.get(path).data) == 1


def test_of_two_views_at_once_one_is_the_last(
    tenant: Tenants, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane = tenant()
    monkeypatch.setattr("userhero.dashboard.saved.MAX_VIEWS", 1)

    def save(tx: Transaction) -> object:
        actor = act_as(tx, jane.email)
        return save_view(tx, actor, enter(tx, actor, jane.workspace_id), Wish("Bugs", is_shared=True), "type=bug")

    def names(tx: Transaction) -> list[str]:
        actor = act_as(tx, jane.email)
        return [each.name for each in list_saved(tx, actor, enter(tx, actor, jane.workspace_id))]

    with ThreadPoolExecutor(1) as pool:
        with held(database, save, kept=True):
            second = pool.submit(database.write, save)
            wait_for_lock(database, second)
        with pytest.raises(Invalid):
            second.result()
    assert database.read(names) == ["Bugs"]
