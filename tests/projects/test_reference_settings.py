"""Settings of a project as the reference names them: each value of each, and what SLA rules lead to."""

from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.tenants import Tenant, Tenants


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("privacySettings", {"pageUrl": each}) for each in ("off", "path", "full")),
        *(("privacySettings", {"location": each}) for each in ("off", "country")),
        *(("privacySettings", {"ip": each}) for each in ("none", "hashed", "country")),
        *(("disabledDefaultFields", [each]) for each in ("df_name", "df_email", "df_phone", "df_company")),
        *(("reopenWindowDays", each) for each in (1, 90)),
    ],
)
def test_each_value_of_a_setting(caller: Tenant, name: str, value: Any) -> None:
    path = f"/projects/{caller.project_id}"
    before = caller.get(path).data[name]
    expected = before | value if isinstance(value, dict) else value
    assert caller.patch(path, {name: value}).data[name] == expected
    assert caller.get(path).data[name] == expected


@pytest.mark.parametrize("priority", ["low", "medium", "high", "urgent"])
def test_a_rule_makes_items_of_its_priority_due_after_its_hours(caller: Tenant, clock: Clock, priority: str) -> None:
    rule = {"priority": priority, "hours": 6}
    assert caller.patch(f"/projects/{caller.project_id}", {"slaRules": [rule]}).data["slaRules"] == [rule]
    start = clock.seconds
    clock.advance(hours=6)
    due = clock.now()
    clock.seconds = start
    found = {each: caller.new_feedback(priority=each)["dueDate"] for each in ("low", "medium", "high", "urgent")}
    assert found == {**dict.fromkeys(found), priority: due}
    (listed,) = caller.get("/automations", projectId=caller.project_id, includeSystem="true").json()["automations"]
    assert listed["systemGenerated"] is True
