"""How the engine goes about what it is asked: by an index, whatever the data grows to.

Statements are taken as the product sends them, for a valid request to every operation and for all work in the
background. What reads a table from end to end, or sorts more than a page, must be named here with its reason.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, cast

import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instances
from tests.support.operations import CALLS, ROUTES, send
from tests.support.plans import Asked, Finding, Planner, is_planned, recorded
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import signed_in
from userhero.kernel import clock
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner, enqueue
from userhero.server.application import create_application
from userhero.server.composition import all_tables, job_table
from userhero.workspaces import act_as, resets, second_factor, totp

# A row for each kind of work, for each listener, or for each thing that is under way.
SHORT = {"schedules", "event_cursors", "customer_moves"}
# What people set up by hand: some dozens in a workspace, and sorted for one workspace at a time.
FEW = {
    "members",
    "users",
    "integrations",
    "automations",
    "intake_rules",
    "workspaces",
    "widgets",
    "saved_views",
    "invitations",
}


class Known(NamedTuple):
    """Statements that may do what others may not."""

    kind: str
    having: str
    why: str


KNOWN = (
    Known("sort", r"ORDER BY customers\.(first_seen_at|feedback_count|sort_name) ", "no index: docs/scaling.md"),
    Known("sort", r"OFFSET %\(_offset\)s.* NULLS LAST", "pages by number: those of a cursor come without"),
    Known("sort", r"FROM customer_search\b.* ORDER BY customers\.last_seen_at DESC", "those who were found, not all"),
    Known("sort", r"\b_keys\b", "a search: as many matches as are found by their keys at the most"),
    Known("sort", r"[:(](emails|customer)\b.* LIMIT 500", "an export: the rows of one customer"),
    Known(
        "scan", r"coalesce\(\w+\.\w+, ' '\).* LIMIT 500", "an erasure reads what may still name somebody, 500 a time"
    ),
    Known("sort", r"coalesce\(\w+\.\w+, ' '\).* LIMIT 500", "the same, of one workspace"),
    Known("scan", r"FROM webhook_endpoints WHERE .*EXISTS .* LIMIT 100", "once a minute, two look-ups an endpoint"),
    Known("scan", r"FROM media WHERE media\.attached_at IS NULL", "an index of the files that nobody has attached yet"),
    Known("scan", r"FROM workspaces ORDER BY", "once a day, a row for each workspace"),
)
FEEDBACK_FILTERS: list[tuple[dict[str, str], str]] = [
    ({}, "ix_feedback_workspace_id_created_at"),
    ({"status": "new"}, "ix_feedback_workspace_id_status"),
    ({"userEmail": "canary@example.com"}, "ix_feedback_workspace_id_user_email"),
    ({"projectId": "project_id"}, "ix_feedback_(project|workspace)_id_created_at"),
    ({"assigneeId": "user_id"}, "ix_feedback_assignee_id"),
    ({"createdAfter": "2026-01-01T00:00:00Z"}, "ix_feedback_workspace_id_created_at"),
    ({"createdBefore": "2999-01-01T00:00:00Z"}, "ix_feedback_workspace_id_created_at"),
    ({"updatedAfter": "2026-01-01T00:00:00Z", "sort": "updatedAt"}, "ix_feedback_workspace_id_updated_at"),
    ({"sort": "ticketNumber"}, "uq_feedback_workspace_id_ticket_number"),
    ({"status": "new", "sort": "priority"}, "ix_feedback_status_rank"),
    ({"status": "new", "sort": "dueDate"}, "ix_feedback_status_due_date"),
    ({"isPublic": "true"}, "ix_feedback_public"),
    ({"slaBreached": "true"}, "ix_feedback_breached"),
    *(
        ({name: value}, "ix_feedback_workspace_id_created_at")
        for name, value in (
            ("category", "bug"),
            ("priority", "high"),
            ("tag", "ui"),
            ("assigneeId", "none"),
            ("widgetId", "api"),
        )
    ),
]
FEEDBACK_SORTS = ("createdAt", "updatedAt", "votes", "dueDate", "priority", "ticketNumber")
CUSTOMER_SORTS = ("lastSeenAt", "firstSeenAt", "feedbackCount", "name")


class Place(NamedTuple):
    """An instance of this module's own, which plans as if it were large."""

    tenant: Tenants
    database: Database
    planner: Planner


@pytest.fixture(scope="module")
def place(instances: Instances) -> Iterator[Place]:
    instance = instances.make()
    application = create_application(Settings(data=instance.data, database=instance.url, rate_limit=1_000_000))
    # What is written down is what the test asked for: on SQLite jobs would be done meanwhile.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "start", lambda self: None)
        server = Server(application)
    tenants = Tenants(application.database, Client(server))
    caller = tenants()
    for name in ("create_comment", "create_note", "update_item", "create_export", "test_webhook_endpoint"):
        send(caller, ROUTES[name], CALLS[name](caller))
    colleague = tenants.colleague(caller, "member")
    item = caller.new_feedback()
    caller.post(f"/feedback/{item['id']}/notes", {"content": "Look", "mentions": [colleague.user_id]})
    Runner(application.database, job_table()).run_due()
    planner = Planner(instance)
    yield Place(tenants, application.database, planner)
    planner.close()
    server.close()


def is_known(finding: Finding, text: str) -> bool:
    if finding.table in (SHORT if finding.kind == "scan" else FEW):
        return True
    return any(finding.kind == known.kind and re.search(known.having, text) for known in KNOWN)


def problems(place: Place, asked: dict[str, Asked]) -> list[tuple[Finding, str]]:
    """What these do that grows with the data, and is not known to."""
    texts = {re.sub(r"\s+", " ", each.text): each for each in asked.values() if is_planned(each)}
    return [
        (finding, text)
        for text, each in texts.items()
        for finding in place.planner.look(each).findings
        if not is_known(finding, text)
    ]


def listed(caller: Tenant, path: str, query: dict[str, Any]) -> dict[str, Asked]:
    """What a page asks, and the one after it."""
    with recorded() as asked:
        answer = caller.get(path, pageSize=1, **query)
        assert answer.status == 200, answer
        following = answer.json()["pagination"]["nextCursor"]
        assert following, "there is a second page"
        assert caller.get(path, pageSize=1, **query, cursor=following).status == 200
        assert caller.get(path, pageSize=1, **query, page=2).status == 200
    return asked


@pytest.mark.parametrize("name", CALLS)
def test_every_operation(place: Place, name: str) -> None:
    caller = place.tenant()
    call = CALLS[name](caller)
    with recorded() as asked:
        answer = send(caller, ROUTES[name], call)
    assert answer.status == ROUTES[name].status, answer
    assert any(is_planned(each) for each in asked.values())
    assert problems(place, asked) == []


@pytest.mark.parametrize(("query", "index"), FEEDBACK_FILTERS, ids=str)
def test_filters_of_feedback(place: Place, query: dict[str, str], index: str) -> None:
    caller = place.tenant()
    given: dict[str, Any] = {name: getattr(caller, value, value) for name, value in query.items()}
    caller.new_feedback(userEmail="canary@example.com")
    with recorded() as asked:
        assert caller.get("/feedback", **given).status == 200
    assert problems(place, asked) == []
    (page,) = (
        each for each in asked.values() if re.search(r"FROM feedback\s+WHERE", each.text) and "LIMIT" in each.text
    )
    assert any(re.fullmatch(index, name) for name in place.planner.look(page).indexes)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", FEEDBACK_SORTS)
def test_sorts_of_feedback(place: Place, sort: str, order: str) -> None:
    caller = place.tenant()
    for _ in range(2):
        caller.new_feedback(priority="high")
    assert problems(place, listed(caller, "/feedback", {"sort": sort, "order": order})) == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", CUSTOMER_SORTS)
def test_sorts_of_customers(place: Place, sort: str, order: str) -> None:
    caller = place.tenant()
    for number in range(2):
        caller.post("/customers", {"name": f"Canary {number}", "primaryEmail": f"canary{number}@example.com"})
    assert problems(place, listed(caller, "/customers", {"sort": sort, "order": order})) == []


@pytest.mark.parametrize("search", ["broken", "canary brok", "#1", "1"])
def test_search(place: Place, search: str) -> None:
    caller = place.tenant()
    caller.new_feedback("The canary is broken")
    with recorded() as asked:
        assert len(caller.get("/feedback", search=search).data) == 1
    assert problems(place, asked) == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ix_feedback_open"), ({"view": "mine"}, "ix_feedback_(open_assignee|assignee_id)"),
        ({"view": "unassigned"}, "ix_feedback_open(_assignee)?"), ({"view": "overdue"}, "ix_feedback_open_due"),
        ({"view": "all"}, "ix_feedback_workspace_id_created_at"), ({"due": "week"}, "ix_feedback_open_due"),
        ({"sort": "updated"}, "ix_feedback_workspace_id_updated_at"), ({"sort": "oldest"}, "ix_feedback_open"),
    ],
    ids=str,
)  # fmt: skip
def test_views_of_the_inbox(place: Place, query: dict[str, str], index: str) -> None:
    caller = place.tenant()
    caller.new_feedback()
    visitor = signed_in(place.database, cast(Client, caller.client), caller)
    with recorded() as asked:
        assert visitor.get(f"/app/{caller.workspace_id}/inbox", **query).status == 200
    assert problems(place, asked) == []
    (page,) = (
        each for each in asked.values() if "LIMIT 51" in re.sub(r"\s+", " ", each.text) and "FROM feedback" in each.text
    )
    assert any(re.fullmatch(index, name) for name in place.planner.look(page).indexes)


def test_the_page_of_an_item(place: Place) -> None:
    caller = place.tenant()
    item = caller.new_feedback(userEmail="canary@example.com")
    visitor = signed_in(place.database, cast(Client, caller.client), caller)
    with recorded() as asked:
        assert visitor.get(f"/app/{caller.workspace_id}/feedback/{item['id']}").status == 200
    assert problems(place, asked) == []


def test_members_and_invitations(place: Place) -> None:
    caller = place.tenant()
    visitor = signed_in(place.database, cast(Client, caller.client), caller)
    below = f"/app/{caller.workspace_id}"
    with recorded() as asked:
        token = visitor.token_on(f"{below}/members")
        sent = {"csrf": token, "form_id": "form_plans", "email": "new@example.com", "role": "member"}
        page = visitor.post(f"{below}/members", sent).body.decode()
        link = re.search(r"/invitations/[A-Za-z0-9_-]{43}", page)
        again = re.search(r"/app/[^\"]*/again", page)
        assert link is not None
        assert again is not None
        assert visitor.get(f"/app{link[0]}").status == 200
        assert visitor.post(again[0], {"csrf": token}).status == 200
        assert visitor.get(f"{below}/leave").status == 200
        assert visitor.post(again[0].replace("/again", "/withdraw"), {"csrf": token}).status == 303
        assert visitor.get("/app/account/second-factor").status == 200
    assert problems(place, asked) == []


def test_what_somebody_had_to_do_who_left(place: Place) -> None:
    caller = place.tenant()
    colleague = place.tenant.colleague(caller, "member")
    caller.patch(f"/feedback/{caller.new_feedback()['id']}", {"assigneeId": colleague.user_id})
    visitor = signed_in(place.database, cast(Client, caller.client), colleague)
    sent = {"csrf": visitor.token_on("/app/account"), "sure": "on"}
    with recorded() as asked:
        assert visitor.post(f"/app/{caller.workspace_id}/leave", sent).status == 303
        Runner(place.database, job_table()).run_due()
    assert caller.count(assigneeId="none") == 1
    assert problems(place, asked) == []


def test_second_factors_and_forgotten_passwords(place: Place) -> None:
    caller = place.tenant()
    actor = place.database.read(lambda tx: act_as(tx, caller.email))
    with recorded() as asked:
        place.database.write(lambda tx: second_factor.begin(tx, actor))
        secret = place.database.read(lambda tx: second_factor.find_state(tx, actor)).secret
        assert secret is not None
        code = totp.code_at(secret, totp.step_at(clock.seconds()))
        codes = place.database.write(lambda tx: second_factor.confirm(tx, actor, code))
        assert place.database.read(lambda tx: second_factor.are_good(tx, actor, codes))
        told = [place.database.write(partial(second_factor.check, actor=actor, code=each)) for each in (codes[0], code)]
        place.database.write(lambda tx: second_factor.switch_off(tx, actor))
        assert place.database.write(partial(resets._take, email=caller.email, token="t")) is not None
        place.database.write(partial(resets.reset_password, token="t", hashed="x"))
    assert told == ["fits", "wrong"]
    assert problems(place, asked) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/audit-log", {"act": "project.created"}),
        ("/audit-log", {"createdAfter": "2026-01-01T00:00:00Z"}),
        ("/outbox", {"status": "sent"}),
        ("/outbox", {"channel": "email"}),
        ("/notifications", {"unread": "true"}),
        ("/notifications", {"unread": "false"}),
        ("/customers", {"search": "canary"}),
        ("/customers", {"tag": "vip"}),
    ],
    ids=str,
)
def test_filters_of_other_lists(place: Place, path: str, query: dict[str, Any]) -> None:
    caller = place.tenant()
    with recorded() as asked:
        answer = caller.get(path, **query)
    assert answer.status == 200, answer
    assert problems(place, asked) == []


def test_work_in_the_background(place: Place) -> None:
    """All that comes up by itself, and what follows from requests: exports, erasures, merges, deletions."""
    caller = place.tenant()
    names = ("create_export", "erase_customer", "merge_customers", "delete_webhook_endpoint")
    with recorded() as asked:
        for name in ("create_comment", "update_item", "delete_item", "redeliver_all_failed", *names, "delete_project"):
            send(caller, ROUTES[name], CALLS[name](caller))
        for kind in job_table().kinds.values():
            if kind.every is not None:
                place.database.write(partial(enqueue, kind=kind.name, payload={}))
        Runner(place.database, job_table()).run_due()
    tables = {table for table in all_tables().tables if any(re.search(rf"\b{table}\b", text) for text in asked)}
    assert tables >= {
        "jobs",
        "events",
        "feedback",
        "outbox",
        "webhook_deliveries",
        "notifications",
        "erasures",
        "exports",
    }
    assert problems(place, asked) == []


def test_rows_that_point_at_one_that_is_deleted_are_found_by_an_index() -> None:
    """Deleting looks for them, in each table that may have some."""
    missing = []
    for table in all_tables().sorted_tables:
        ways = [[column.name for column in index.columns] for index in table.indexes]
        ways.append([column.name for column in table.primary_key])
        for key in table.foreign_key_constraints:
            names = list(key.column_keys)
            if not any(set(way[: len(names)]) == set(names) for way in ways):
                missing.append((table.name, names))
    assert missing == []
