"""Privacy, portals and SLA rules of a project: how they are changed and what they start as."""

from typing import Any

import pytest

from tests.support.client import Response
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

BRANDING = {
    "logoUrl": None,
    "primaryColor": "#6366f1",
    "backgroundColor": "#ffffff",
    "textColor": "#1f2937",
    "welcomeMessage": None,
    "showBadge": True,
}


def change(caller: Tenant, **settings: Any) -> Response:
    return caller.patch(f"/projects/{caller.project_id}", settings)


def test_a_new_project_has_the_defaults(tenant: Tenants) -> None:
    found = tenant().post("/projects", {"name": "New"}).data
    assert found["privacySettings"] == {
        "pageUrl": "full",
        "referrer": True,
        "browserAndOs": True,
        "deviceAndViewport": True,
        "timezoneAndLocale": True,
        "location": "country",
        "customMetadata": True,
        "ip": "hashed",
    }
    assert found["publicPortal"] is None
    assert found["embeddedPortal"] is None
    assert found["disabledDefaultFields"] == []
    assert found["slaRules"] == []
    assert found["customerCommentsEnabled"] is True
    assert found["reopenWindowDays"] == 14


def test_privacy_settings_that_are_absent_stay(tenant: Tenants) -> None:
    caller = tenant()
    change(caller, privacySettings={"pageUrl": "path"})
    found = change(caller, privacySettings={"referrer": False}).data["privacySettings"]
    assert (found["pageUrl"], found["referrer"], found["browserAndOs"]) == ("path", False, True)


def test_portal_settings_that_are_absent_stay_branding_too(tenant: Tenants) -> None:
    caller = tenant()
    change(caller, publicPortal={"enabled": True, "slug": f"portal-{caller.project_id[-8:]}"})
    change(caller, publicPortal={"branding": {"textColor": "#000000"}})
    found = change(caller, publicPortal={"branding": {"welcomeMessage": "Hi"}, "requireModeration": False})
    assert found.data["publicPortal"] == {
        "enabled": True,
        "slug": f"portal-{caller.project_id[-8:]}",
        "requireModeration": False,
        "branding": {**BRANDING, "textColor": "#000000", "welcomeMessage": "Hi"},
    }
    embedded = {"enabled": True, "allowedOrigins": ["https://app.example.com"]}
    change(caller, embeddedPortal=embedded)
    assert change(caller, embeddedPortal={"theme": "dark"}).data["embeddedPortal"] == {
        **embedded,
        "defaultLocale": "en",
        "theme": "dark",
        "showMetricCards": True,
    }
    cleared = change(caller, publicPortal=None, embeddedPortal=None).data
    assert (cleared["publicPortal"], cleared["embeddedPortal"]) == (None, None)


def test_an_enabled_portal_gets_a_slug_from_the_name(tenant: Tenants) -> None:
    caller = tenant()
    name = f"Müller & Söhne {caller.project_id[-10:]}"
    found = change(caller, name=name, publicPortal={"enabled": True}).data
    assert found["publicPortal"]["slug"] == f"muller-sohne-{caller.project_id[-10:]}"
    other = caller.post("/projects", {"name": name}).data["id"]
    second = caller.patch(f"/projects/{other}", {"publicPortal": {"enabled": True}}).data
    assert second["publicPortal"]["slug"] == f"muller-sohne-{caller.project_id[-10:]}-2"
    nameless = caller.post("/projects", {"name": "設定"}).data["id"]
    assert caller.patch(f"/projects/{nameless}", {"publicPortal": {"enabled": True}}).data["publicPortal"]["slug"]


def test_a_slug_belongs_to_one_project_of_the_whole_server(tenant: Tenants, database: Database) -> None:
    first, second = tenant(), tenant()
    slug = f"slug-{first.project_id[-12:]}"
    assert change(first, publicPortal={"slug": slug}).status == 200
    assert change(first, publicPortal={"slug": slug, "enabled": True}).status == 200, "its own slug is no conflict"
    with unchanged(database, first, second):
        check_problem(change(second, name="Renamed", publicPortal={"slug": slug}), "conflict", naming=slug)
    change(first, publicPortal={"slug": f"{slug}-b"})
    assert change(second, publicPortal={"slug": slug}).data["publicPortal"]["slug"] == slug
    change(second, publicPortal=None)
    assert change(first, publicPortal={"slug": slug}).status == 200
    first.delete(f"/projects/{first.project_id}")
    assert change(second, publicPortal={"slug": slug}).status == 200


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"privacySettings": {"pageUrl": "some"}}, "privacySettings.pageUrl"),
        ({"privacySettings": {"referrer": None}}, "privacySettings.referrer"),
        ({"privacySettings": {"cookies": True}}, "privacySettings.cookies"),
        ({"privacySettings": None}, "privacySettings"),
        ({"publicPortal": {"slug": "Has Blanks"}}, "publicPortal.slug"),
        ({"publicPortal": {"branding": {"primaryColor": "red"}}}, "publicPortal.branding.primaryColor"),
        ({"publicPortal": {"branding": {"logoUrl": "javascript:alert(1)"}}}, "publicPortal.branding.logoUrl"),
        ({"embeddedPortal": {"allowedOrigins": ["http://a.example"]}}, "embeddedPortal.allowedOrigins[...]"),
        ({"slaRules": [{"priority": "urgent", "hours": -1}]}, "slaRules[...].hours"),
        ({"slaRules": [{"priority": "soon", "hours": 1}]}, "slaRules[...].priority"),
        ({"slaRules": [{"priority": "low", "hours": 1}, {"priority": "low", "hours": 2}]}, "slaRules"),
        ({"reopenWindowDays": 0}, "reopenWindowDays"),
        ({"reopenWindowDays": 91}, "reopenWindowDays"),
        ({"disabledDefaultFields": ["cf_a"]}, "disabledDefaultFields[...]"),
        ({"name": " "}, "name"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, given: Any, where: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(change(caller, **given), "bad_request", naming=where.split("[", maxsplit=1)[0])


def test_sla_rules_are_replaced_whole_and_zero_hours_remove_one(tenant: Tenants) -> None:
    caller = tenant()
    rules = [{"priority": "urgent", "hours": 4}, {"priority": "high", "hours": 24}]
    assert change(caller, slaRules=rules).data["slaRules"] == rules
    found = change(caller, slaRules=[{"priority": "urgent", "hours": 0}, {"priority": "low", "hours": 1.5}])
    assert found.data["slaRules"] == [{"priority": "low", "hours": 1.5}]
    assert b'"hours":24}' in change(caller, slaRules=rules).body


def test_a_change_to_nothing_changes_nothing(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    with unchanged(database, caller):
        assert change(caller).status == 200


def test_deleting_a_project_counts_its_items_no_longer_for_the_customers(tenant: Tenants) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    address = f"a{caller.project_id[-8:]}@example.com"
    for project in (other, other, caller.project_id):
        item = caller.post("/feedback", {"projectId": project, "message": "x", "userEmail": address}).data
    caller.delete(f"/projects/{other}")
    left = caller.get("/feedback", customerId=item["customerId"], includeTotal="true").json()
    assert left["pagination"]["total"] == 1
    answer = caller.get(f"/customers/{item['customerId']}")
    if answer.status == 200:
        assert answer.data["feedbackCount"] == 1
