"""Settings of projects under several requests at the same time."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.client import Client, Response
from tests.support.tenants import API, Tenant, Tenants

WAITING = {"id": "waiting", "label": "Waiting", "category": "pending"}


def together(client: Client, calls: Sequence[tuple[Tenant, str, dict[str, Any]]]) -> list[Response]:
    """Several changes at once: who sends them, where to, and what they say."""
    return client.together(
        client.prepared(
            "PATCH",
            API + path,
            headers=[caller.authorization],
            json={"workspaceId": caller.workspace_id, **body},
        )
        for caller, path, body in calls
    )


def test_one_of_many_gets_a_slug(tenant: Tenants, client: Client) -> None:
    callers = [tenant() for _ in range(6)]
    slug = f"race-{callers[0].project_id[-12:]}"
    calls = [(each, f"/projects/{each.project_id}", {"publicPortal": {"slug": slug}}) for each in callers]
    assert Counter(answer.status for answer in together(client, calls)) == {200: 1, 409: 5}


def test_portals_of_the_same_name_get_slugs_of_their_own(tenant: Tenants, client: Client) -> None:
    callers = [tenant() for _ in range(6)]
    change = {"name": f"Race {callers[0].project_id[-12:]}", "publicPortal": {"enabled": True}}
    answers = together(client, [(each, f"/projects/{each.project_id}", change) for each in callers])
    assert len({answer.data["publicPortal"]["slug"] for answer in answers}) == 6


@pytest.mark.case("DUR-15")
def test_changes_of_different_settings_do_not_undo_each_other(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    path = f"/projects/{caller.project_id}"
    names = ("referrer", "browserAndOs", "deviceAndViewport", "timezoneAndLocale", "customMetadata")
    answers = together(client, [(caller, path, {"privacySettings": {name: False}}) for name in names])
    assert {answer.status for answer in answers} == {200}
    found = caller.get(path).data["privacySettings"]
    assert [found[name] for name in names] == [False] * 5


def test_no_item_is_left_in_a_status_that_is_gone(tenant: Tenants, client: Client) -> None:
    """Either the item gets there first and the status stays, or the status goes and the item can't get there."""
    for _ in range(5):
        caller = tenant()
        project = f"/projects/{caller.project_id}"
        caller.patch(project, {"statuses": [WAITING]})
        item = f"/feedback/{caller.new_feedback()['id']}"
        moved, removed = together(client, [(caller, item, {"status": "waiting"}), (caller, project, {"statuses": []})])
        assert (moved.status, removed.status) in {(200, 409), (400, 200)}


def test_a_limit_holds_for_projects_that_grow_at_once(tenant: Tenants, client: Client) -> None:
    caller = tenant(plan="pro")
    projects = [caller.post("/projects", {"name": str(number)}).data["id"] for number in range(4)]
    statuses = [{"id": f"s{number}", "label": f"S {number}"} for number in range(10)]
    calls = [(caller, f"/projects/{project}", {"statuses": statuses}) for project in projects]
    assert Counter(answer.status for answer in together(client, calls)) == {200: 2, 403: 2}
