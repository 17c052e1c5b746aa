"""The outbox as who runs a workspace sees it."""

import pytest

from tests.notifications.people import After, change, comment
from tests.support.client import Client
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from userhero.kernel.db import Database
from userhero.kernel.http.door import form_token

SAM = "sam@example.org"


@pytest.fixture
def visitor(jane: Tenant, client: Client, database: Database) -> Visitor:
    """Jane's browser."""
    return signed_in(database, client, jane)


def test_a_mail_without_a_server_can_be_read_and_asked_for_again(jane: Tenant, visitor: Visitor, after: After) -> None:
    path = f"/app/{jane.workspace_id}/outbox"
    assert "Nothing has gone out yet" in text_of(visitor.get(path))
    item = jane.new_feedback("It <b>breaks</b>", userEmail=SAM)
    comment(jane, item, "We are on it & soon done")
    after()
    (mail,) = jane.get("/outbox").data
    page = text_of(visitor.get(path))
    assert SAM in page
    assert f'href="{path}/{mail["id"]}"' in page
    whole = text_of(visitor.get(f"{path}/{mail['id']}"))
    assert "We are on it &amp; soon done" in whole
    assert "<b>breaks" not in whole
    token = visitor.token_on(f"{path}/{mail['id']}")
    answer = visitor.post(f"{path}/{mail['id']}/again", {"csrf": token})
    assert answer.header("location") == f"{path}/{mail['id']}?done=again"
    assert "within moments" in text_of(visitor.get(f"{path}/{mail['id']}", done="again"))
    assert jane.get(f"/outbox/{mail['id']}").data["status"] == "waiting"


def test_it_is_filtered_and_paged(jane: Tenant, john: Tenant, visitor: Visitor, after: After) -> None:
    path = f"/app/{jane.workspace_id}/outbox"
    item = jane.new_feedback()
    for number in range(30):
        change(jane, item, assigneeId=john.user_id if number % 2 == 0 else None)
    after()
    assert "Nothing is capped" in text_of(visitor.get(path, status="capped"))
    assert text_of(visitor.get(path)).count("<tr>") > 10
    assert text_of(visitor.get(path, status="nonsense")).count("<tr>") > 10
    assert visitor.get(path, cursor="nonsense").status == 400


def test_another_workspaces_mail_is_not_there(
    jane: Tenant, tenant: Tenants, visitor: Visitor, client: Client, database: Database, after: After
) -> None:
    other = tenant()
    comment(other, other.new_feedback(userEmail=SAM))
    after()
    (mail,) = other.get("/outbox").data
    path = f"/app/{jane.workspace_id}/outbox/{mail['id']}"
    token = form_token(visitor.cookies["userhero"])
    with unchanged(database, jane, other):
        assert visitor.get(path).status == 404
        assert visitor.post(f"{path}/again", {"csrf": token}).status == 404
