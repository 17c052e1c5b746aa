"""Privacy settings: what a project does not keep is gone before anything is stored, promoted or announced."""

from typing import Any

import pytest

from tests.support.problems import rows_of
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

CONTEXT: dict[str, Any] = {
    "pageUrl": "https://shop.example/cart?token=CANARY1#pay",
    "page": "/cart?token=CANARY1",
    "referrer": "https://CANARY2.example/",
    "browser": "CANARY3",
    "user_agent": "CANARY3",
    "osVersion": "CANARY3",
    "deviceType": "CANARY4",
    "viewport": {"width": 1, "height": "CANARY4"},
    "timezone": "CANARY5",
    "locale": "CANARY5",
    "country": "CANARY6",
    "ip": "CANARY7",
    "nested": [{"User-Agent": "CANARY3", "page_url": "https://a.example/b?CANARY1", "kept": 1}],
    "build": "kept",
}
METADATA = {"secret": "CANARY8", "email": "CANARY8@example.com", "customFields": {"df_name": "Alice"}}


def stored(database: Database, caller: Tenant) -> str:
    """Everything that is kept of the tenant, events too."""
    return repr(rows_of(database, caller))


@pytest.mark.case("GDPR-11")
@pytest.mark.parametrize(
    ("settings_given", "canary"),
    [
        ({"pageUrl": "off"}, "CANARY1"),
        ({"pageUrl": "path"}, "CANARY1"),
        ({"referrer": False}, "CANARY2"),
        ({"browserAndOs": False}, "CANARY3"),
        ({"deviceAndViewport": False}, "CANARY4"),
        ({"timezoneAndLocale": False}, "CANARY5"),
        ({"location": "off"}, "CANARY6"),
        ({"ip": "none"}, "CANARY7"),
        ({"ip": "hashed"}, "CANARY7"),
        ({"ip": "country"}, "CANARY7"),
        ({"customMetadata": False}, "CANARY8"),
    ],
)
def test_what_is_not_kept_is_nowhere(tenant: Tenants, database: Database, settings_given: Any, canary: str) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"privacySettings": settings_given})
    item = caller.new_feedback(context=CONTEXT, customMetadata=METADATA)
    caller.patch(f"/feedback/{item['id']}", {"customMetadata": {**METADATA, "again": "CANARY8"}})
    kept = stored(database, caller)
    assert canary.lower() not in kept.lower()
    others = {f"CANARY{number}" for number in range(1, 9)} - {canary, "CANARY7"}
    assert all(other in kept for other in others), "what the setting does not name is kept"
    assert item["context"]["build"] == "kept"
    assert item["context"]["nested"][0]["kept"] == 1


def test_by_default_all_is_kept_but_addresses_and_places(tenant: Tenants) -> None:
    context = {
        "page": "/settings",
        "browser": "Chrome",
        "location": {"country": "DE", "city": "Berlin"},
        "geo": "Berlin",
        "city": "Berlin",
        "ip": "192.0.2.1",
    }
    caller = tenant()
    kept = caller.new_feedback(context=context)["context"]
    digest = kept.pop("ip")
    assert kept == {"page": "/settings", "browser": "Chrome", "location": {"country": "DE"}}
    assert digest != "192.0.2.1"
    assert caller.new_feedback(context=context)["context"]["ip"] == digest, "the same address gives the same word"


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("https://shop.example/cart?x=1#y", "/cart"),
        ("/cart?x=1", "/cart"),
        ("https://shop.example", ""),
        ("https://user:pass@shop.example/a", "/a"),
    ],
)
def test_of_a_page_only_its_path_may_be_kept(tenant: Tenants, page: str, path: str) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"privacySettings": {"pageUrl": "path"}})
    assert caller.new_feedback(context={"url": page, "fullUrl": 1})["context"] == {"url": path}


def test_without_metadata_the_values_of_fields_are_kept(tenant: Tenants) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"privacySettings": {"customMetadata": False}})
    item = caller.new_feedback(customMetadata=METADATA)
    assert item["customMetadata"] == {"customFields": {"df_name": "Alice"}}
    assert (item["userName"], item["userEmail"], item["customerId"]) == ("Alice", None, None)
    assert caller.new_feedback(customMetadata={"a": 1})["customMetadata"] is None
