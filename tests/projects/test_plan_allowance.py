"""A smaller plan leaves what is there alone and lets nothing new in, not even in its place."""

from typing import Any

import msgspec
import pytest

from tests.support.problems import unchanged
from tests.support.tenants import Tenants
from userhero import workspaces
from userhero.kernel.db import Database
from userhero.kernel.errors import Forbidden
from userhero.projects.actions import change_project
from userhero.projects.types import ProjectChange
from userhero.workspaces import act_as

OLD, NEW = {"id": "old", "label": "Old"}, {"id": "next", "label": "Next"}


def test_statuses_of_before_stay_change_and_go_but_make_no_room(tenant: Tenants, database: Database) -> None:
    """The plan has no API, so the change comes by the door that the dashboard uses."""
    caller = tenant()
    path = f"/projects/{caller.project_id}"
    assert caller.patch(path, {"statuses": [OLD]}).status == 200
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, plan="growth"))

    def save(*statuses: dict[str, Any]) -> None:
        change = msgspec.convert({"workspaceId": caller.workspace_id, "statuses": statuses}, ProjectChange)
        database.write(lambda tx: change_project(tx, act_as(tx, caller.email), caller.project_id, change))

    for wanted in ([OLD, NEW], [NEW]):
        with unchanged(database, caller), pytest.raises(Forbidden, match="statuses"):
            save(*wanted)
    save({**OLD, "label": "Renamed"})
    save()
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, plan="pro"))
    assert [status["id"] for status in caller.get(path).data["statuses"]] == [
        "new", "in-progress", "reopened", "resolved", "archived",
    ]  # fmt: skip
