"""What the audit log says, who may read it, and for how long it is kept."""

from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.support.acts import log_of
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import API, Tenant, Tenants
from tests.support.work import finish
from userhero import workspaces
from userhero.kernel.actor import OPERATOR
from userhero.kernel.audit import CHUNK, MAX_VALUE_BYTES, Subject, audit_log, record
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.errors import Forbidden
from userhero.kernel.jobs import enqueue
from userhero.workspaces.audit_queries import list_audit_log
from userhero.workspaces.audit_types import AuditList

_KEPT = Statement(select(audit_log.c.id).where(audit_log.c.workspace_id == bindparam("workspace")))


@pytest.fixture
def jane(tenant: Tenants) -> Tenant:
    return tenant()


def acts(caller: Tenant, **query: Any) -> list[tuple[str, str]]:
    return [(each["act"], each["subject"]["id"]) for each in caller.get("/audit-log", **query).data]


def newest(caller: Tenant) -> Any:
    return caller.get("/audit-log", pageSize=1).data[0]


def test_what_a_change_was(jane: Tenant) -> None:
    path = f"/projects/{jane.project_id}"
    jane.patch(path, {"name": "Our App", "domain": "app.example.com", "reopenWindowDays": 14})
    record = newest(jane)
    assert record["before"] == {"name": "My App", "domain": None}
    assert record["after"] == {"name": "Our App", "domain": "app.example.com"}
    assert record["subject"] == {"type": "project", "id": jane.project_id, "name": "Our App"}
    jane.patch(path, {"domain": None})
    assert (newest(jane)["before"], newest(jane)["after"]) == ({"domain": "app.example.com"}, {"domain": None})
    shown = jane.get(path).data
    jane.delete(path)
    gone = newest(jane)
    assert gone["after"] is None
    untold = {"id", "workspaceId", "createdAt", "updatedAt"}
    assert gone["before"] == {name: value for name, value in shown.items() if name not in untold and value is not None}


def test_settings_of_a_project_are_acts_too(jane: Tenant) -> None:
    changes: list[dict[str, Any]] = [
        {"privacySettings": {"ip": "none"}},
        {"slaRules": [{"priority": "urgent", "hours": 4}]},
        {"statuses": [{"id": "in-review", "label": "In Review"}]},
        {"customFieldDefinitions": [{"id": "cf_plan", "type": "text", "label": "Plan"}]},
        {"publicPortal": {"enabled": True, "slug": f"audit-{jane.project_id[-12:]}"}},
        {"embeddedPortal": {"enabled": True}},
    ]
    for change in changes:
        assert jane.patch(f"/projects/{jane.project_id}", change).status == 200
        assert newest(jane)["after"].keys() == change.keys()


def test_it_is_listed_newest_first_and_filtered(clock: Clock, jane: Tenant, tenant: Tenants) -> None:
    john = tenant.colleague(jane, "admin")
    clock.advance(hours=1)
    between = clock.now()
    clock.advance(hours=1)
    jane.patch(f"/projects/{jane.project_id}", {"name": "One"})
    widget = john.post("/widgets", {"projectId": jane.project_id, "name": "Two"}).data["id"]
    made, changed = ("widget.created", widget), ("project.updated", jane.project_id)
    assert acts(jane, createdAfter=between) == [made, changed]
    assert acts(jane, createdAfter=between, order="asc") == [changed, made]
    assert acts(jane, actorId=john.user_id) == [made]
    assert acts(jane, act="project.updated") == [changed]
    assert acts(jane, subjectId=widget) == [made]
    assert acts(jane, subjectId=widget, act="project.updated") == []
    assert acts(jane, createdBefore=between) == [
        ("key.created", john.key_id), ("member.added", john.user_id), ("key.created", jane.key_id),
        ("project.created", jane.project_id), ("workspace.created", jane.workspace_id),
    ]  # fmt: skip
    first = jane.get("/audit-log", pageSize=2, includeTotal="true", actorId=jane.user_id).json()
    assert first["pagination"]["total"] == 2
    page = jane.get("/audit-log", pageSize=1).json()
    following = jane.get("/audit-log", pageSize=1, cursor=page["pagination"]["nextCursor"]).data
    assert [(each["act"], each["subject"]["id"]) for each in (*page["data"], *following)] == [made, changed]
    check_problem(jane.get("/audit-log", createdAfter="yesterday"), "bad_request", field="createdAfter")
    check_problem(jane.get("/audit-log", createdBefore="yesterday"), "bad_request", field="createdBefore")


def test_it_cannot_be_written_to(jane: Tenant) -> None:
    record = newest(jane)["id"]
    check_problem(jane.post("/audit-log", {"act": "project.updated"}), "method_not_allowed")
    check_problem(jane.delete("/audit-log"), "method_not_allowed")
    for method in ("PATCH", "DELETE"):
        check_problem(jane.request(method, f"/audit-log/{record}"), "not_found")


def test_whoever_is_no_owner_or_admin_may_not_read_it_however_they_come(
    jane: Tenant, tenant: Tenants, database: Database
) -> None:
    viewer, admin = tenant.colleague(jane, "viewer"), tenant.colleague(jane, "admin")
    query = AuditList(workspace_id=jane.workspace_id)

    def length(tx: Transaction, email: str) -> int:
        return len(list_audit_log(tx, workspaces.act_as(tx, email), query).items)

    assert database.read(lambda tx: length(tx, admin.email)) > 0
    with pytest.raises(Forbidden):
        database.read(lambda tx: length(tx, viewer.email))


def test_people_keys_and_plans(jane: Tenant, tenant: Tenants, database: Database) -> None:
    john = tenant.colleague(jane, "member")

    def unit(tx: Transaction) -> None:
        workspaces.set_member(tx, jane.workspace_id, email=john.email, role="member")
        workspaces.set_member(tx, jane.workspace_id, email=john.email, role="admin")
        workspaces.set_member(tx, jane.workspace_id, email=john.email, role="none")
        workspaces.set_member(tx, jane.workspace_id, email=john.email, role="none")
        workspaces.set_workspace(tx, jane.workspace_id, plan="pro_max", api_access=True)
        workspaces.set_workspace(tx, jane.workspace_id, plan="pro", api_access=True)
        workspaces.revoke_key(tx, tenant_key.key_id)

    tenant_key = tenant.with_key(jane, scopes=frozenset({"feedback:read"}))
    before = log_of(jane)
    database.write(unit)
    records = [each for key, each in log_of(jane).items() if key not in before]
    assert [(each["act"], each["subject"], each["before"], each["after"]) for each in reversed(records)] == [
        (
            "member.role_changed",
            {"type": "member", "id": john.user_id, "name": "John Doe"},
            {"role": "member"},
            {"role": "admin"},
        ),
        ("member.removed", {"type": "member", "id": john.user_id, "name": "John Doe"}, {"role": "admin"}, None),
        (
            "workspace.updated",
            {"type": "workspace", "id": jane.workspace_id, "name": "Acme Inc"},
            {"plan": "pro_max"},
            {"plan": "pro"},
        ),
        (
            "key.revoked",
            {"type": "key", "id": tenant_key.key_id, "name": "Test"},
            {"name": "Test", "userId": jane.user_id},
            None,
        ),
    ]
    assert all(each["actor"]["userId"] == each["actor"]["via"] == "operator" for each in records)
    assert all(each["address"] is each["requestId"] is each["userAgent"] is None for each in records)
    (made,) = (each for each in before.values() if each["subject"]["id"] == tenant_key.key_id)
    assert made["after"] == {"name": "Test", "userId": jane.user_id, "scopes": ["feedback:read"], "expiresAt": None}


def test_nothing_stays_of_those_who_go(jane: Tenant) -> None:
    item = jane.new_feedback(userEmail="sam@example.org", message="Call me Sam")
    other = jane.post("/customers", {"name": "Samantha", "primaryEmail": "samantha@example.org"}).data["id"]
    jane.post(f"/customers/{item['customerId']}/merge", {"sourceCustomerId": other})
    jane.delete(f"/customers/{item['customerId']}")
    jane.delete(f"/feedback/{item['id']}")
    records = jane.get("/audit-log", pageSize=3).data
    assert [(each["act"], each["subject"]["name"], each["before"], each["after"]) for each in records] == [
        ("feedback.deleted", "#1", {"projectId": jane.project_id}, None),
        ("customer.deleted", None, {"feedbackCount": 1}, None),
        ("customer.merged", None, None, {"mergedSourceId": other, "mergedFeedbackCount": 0}),
    ]
    assert "sam" not in str(records).lower()


def test_a_large_value_is_left_out(jane: Tenant) -> None:
    options = [f"{number:03}" + "x" * 97 for number in range(200)]
    fields = [{"id": "cf_plan", "type": "select", "label": "Plan", "options": options}]
    jane.patch(f"/projects/{jane.project_id}", {"name": "Large", "customFieldDefinitions": fields})
    after = newest(jane)["after"]
    assert after["name"] == "Large"
    assert after["customFieldDefinitions"].keys() == {"bytes"}
    assert MAX_VALUE_BYTES < after["customFieldDefinitions"]["bytes"] < 2 * MAX_VALUE_BYTES


def test_of_many_who_remove_the_same_one_leaves_a_record(jane: Tenant, client: Client) -> None:
    item, widget = jane.new_feedback()["id"], jane.widget_id
    hook = jane.post("/webhooks", {"name": "Zapier"}).data["id"]
    for path in (f"/feedback/{item}", f"/widgets/{widget}", f"/webhooks/{hook}", f"/projects/{jane.project_id}"):
        call = client.prepared("DELETE", API + path, headers=[jane.authorization])
        assert 200 in [answer.status for answer in client.together([call] * 5)]
        removed = [each for each in acts(jane, pageSize=100) if each[1] == path.rpartition("/")[2]]
        assert [act.endswith("deleted") for act, _ in removed].count(True) == 1, removed


@pytest.mark.case("GDPR-08")
def test_records_are_kept_for_a_year(jane: Tenant, database: Database, clock: Clock) -> None:
    def many(tx: Transaction) -> None:
        for number in range(CHUNK + 1):
            record(tx, OPERATOR, jane.workspace_id, "project.deleted", Subject(f"proj_{number}"))

    def count() -> int:
        return len(database.read(lambda tx: tx.texts(_KEPT, workspace=jane.workspace_id)))

    def kept() -> int:
        # One of our own: the application may be at one that it began before the clock was moved.
        database.write(lambda tx: enqueue(tx, "audit.purge", {}, key="test"))
        finish(database, "audit.purge")
        return count()

    database.write(many)
    everything = count()
    assert everything > CHUNK
    clock.advance(days=364)
    jane.patch(f"/projects/{jane.project_id}", {"name": "Later"})
    assert kept() == everything + 1
    clock.advance(days=1, hours=1)
    assert kept() == 1
    assert acts(jane) == [("project.updated", jane.project_id)]
