"""An item and its project under several requests at the same time."""

from collections import Counter

import pytest

from tests.support.client import Client
from tests.support.tenants import API, Tenants


@pytest.mark.case("DUR-15")
def test_of_many_who_read_the_same_one_may_change_it(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    path = f"/feedback/{caller.new_feedback()['id']}"
    for _ in range(3):
        tag = caller.get(path).header("etag") or ""
        answers = client.together(
            client.prepared(
                "PATCH",
                API + path,
                headers=[caller.authorization, ("If-Match", tag)],
                json={"workspaceId": caller.workspace_id, "tags": [f"{tag[1:9]}-{number}"]},
            )
            for number in range(8)
        )
        assert Counter(answer.status for answer in answers) == {200: 1, 412: 7}
        (kept,) = [answer.data["tags"] for answer in answers if answer.status == 200]
        assert caller.get(path).data["tags"] == kept


def test_what_comes_while_its_project_goes_is_refused(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    named = {"workspaceId": caller.workspace_id}
    project = caller.post("/projects", {"name": "Going"}).data["id"]
    item = {**named, "projectId": project, "message": "Too late?"}
    creates = [client.prepared("POST", f"{API}/feedback", headers=[caller.authorization], json=item) for _ in range(12)]
    gone = client.prepared(
        "DELETE", f"{API}/projects/{project}?workspaceId={caller.workspace_id}", headers=[caller.authorization]
    )
    statuses = Counter(answer.status for answer in client.together([*creates[:4], gone, *creates[4:]]))
    assert set(statuses) <= {200, 201, 404}, statuses
    assert statuses[200] == 1
    assert caller.get("/feedback", includeTotal="true").json()["pagination"]["total"] == 0
