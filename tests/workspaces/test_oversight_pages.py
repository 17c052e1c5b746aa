"""What the workspace uses of its plan, and its audit log, as owners and admins see them."""

import re

import pytest
from sqlalchemy import bindparam, update

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from userhero.kernel.db import Database, Statement
from userhero.workspaces.tables import workspaces

_PLAN = Statement(update(workspaces).where(workspaces.c.id == bindparam("workspace")).values(plan=bindparam("name")))


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


@pytest.fixture
def visitor(caller: Tenant, client: Client, database: Database) -> Visitor:
    return signed_in(database, client, caller)


def rows(page: str) -> list[str]:
    """The text of each row of the page's table."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    parts = body.split("<tr>")[1:]
    return [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in parts]


def renamed(caller: Tenant, *names: str) -> str:
    """A project that got these names, one after the other; returns its id."""
    project_id: str = caller.post("/projects", {"name": names[0]}).data["id"]
    for name in names[1:]:
        caller.patch(f"/projects/{project_id}", {"name": name})
    return project_id


def test_the_newest_comes_first_with_what_it_changed(caller: Tenant, visitor: Visitor) -> None:
    project_id = renamed(caller, "First <b>", "Second & last")
    page = text_of(visitor.get(f"/app/{caller.workspace_id}/audit-log"))
    newest, before, *_ = rows(page)
    assert "Project updated" in newest
    assert "First &lt;b&gt; Second &amp; last" in newest
    assert "Project created" in before
    assert "<b>" not in page
    assert f"?subject={project_id}" in page


def test_filters_are_in_the_address(caller: Tenant, visitor: Visitor, clock: Clock) -> None:
    clock.set("2026-11-20T23:59:59Z")
    project_id = renamed(caller, "One", "Two")
    clock.set("2026-11-21T00:00:00Z")
    other = renamed(caller, "Other")
    path = f"/app/{caller.workspace_id}/audit-log"
    shown = {
        "act": rows(text_of(visitor.get(path, act="project.updated"))),
        "subject": rows(text_of(visitor.get(path, subject=other))),
        "actor": rows(text_of(visitor.get(path, actor="operator"))),
        "since": rows(text_of(visitor.get(path, since="2026-11-21", until="2026-11-21"))),
        "until": rows(text_of(visitor.get(path, until="2026-11-20", subject=project_id))),
    }
    assert [len(shown[name]) for name in ("act", "subject", "since", "until")] == [1, 1, 1, 2]
    assert "Other" in shown["since"][0]
    assert all("operator" in row for row in shown["actor"])
    assert "No record is like that" in text_of(visitor.get(path, act="nonsense"))


def test_older_records_are_on_the_next_page(caller: Tenant, visitor: Visitor) -> None:
    project_id = renamed(caller, *map(str, range(31)))
    path = f"/app/{caller.workspace_id}/audit-log"
    first = text_of(visitor.get(path, subject=project_id))
    found = re.search(r'href="\?([^"]*cursor=([^"&]*))">Older', first)
    assert found is not None
    assert f"subject={project_id}" in found[1]
    second = text_of(visitor.get(path, subject=project_id, cursor=found[2]))
    assert (len(rows(first)), len(rows(second))) == (25, 6)
    assert "Older" not in second
    assert "Project created" in rows(second)[-1]


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "<script>"])
def test_what_is_no_day_is_said_beside_it(caller: Tenant, visitor: Visitor, day: str) -> None:
    page = visitor.get(f"/app/{caller.workspace_id}/audit-log", since=day, until=day)
    text = page.body.decode()
    assert page.status == 422
    assert "must be a day" in text
    assert "<script>" not in text


def test_a_cursor_of_other_filters_is_refused(caller: Tenant, visitor: Visitor) -> None:
    assert visitor.get(f"/app/{caller.workspace_id}/audit-log", cursor="nonsense").status == 400


def test_other_workspaces_records_are_not_there(caller: Tenant, tenant: Tenants, visitor: Visitor) -> None:
    stranger = tenant()
    project_id = renamed(stranger, "Theirs")
    path = f"/app/{caller.workspace_id}/audit-log"
    assert "Theirs" not in text_of(visitor.get(path))
    assert "No record is like that" in text_of(visitor.get(path, subject=project_id))


def test_usage_is_what_the_api_says(caller: Tenant, visitor: Visitor) -> None:
    caller.new_feedback()
    usage = caller.get(f"/workspace/{caller.workspace_id}/usage").data["usage"]
    shown = rows(text_of(visitor.get(f"/app/{caller.workspace_id}/usage")))
    assert shown[:2] == [
        f"Feedback this month {usage['feedbackPerMonth']} none -",
        f"Projects {usage['projects']} none -",
    ]
    assert shown[-1] == "Media 0 bytes none -"


def test_limits_that_are_near_are_said(caller: Tenant, visitor: Visitor, database: Database) -> None:
    """Of the free plan: a project of one is all, a member of three is not."""
    database.write(lambda tx: tx.run(_PLAN, workspace=caller.workspace_id, name="free"))
    shown = rows(text_of(visitor.get(f"/app/{caller.workspace_id}/usage")))
    assert shown[1] == "Projects 1 1 used up"
    assert shown[2] == "Members 1 3 33 %"
    assert shown[4] == "Custom fields 0 0 0 %"
    assert shown[-1] == "Media 0 bytes 1 GiB 0 %"
