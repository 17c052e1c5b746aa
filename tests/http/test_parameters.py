"""The query string: known parameters, each once, in range; anything else is refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

_kept: list[Tenant] = []


def _shared(tenant: Tenants) -> Tenant:
    if not _kept:
        _kept.append(tenant())
        for number in range(3):
            _kept[0].new_feedback(f"Item {number}")
    return _kept[0]


def raw(caller: Tenant, query: str, path: str = "/feedback") -> Any:
    """A read with exactly this query string after the workspace."""
    return caller.request("GET", f"{path}?workspaceId={caller.workspace_id}&{query}")


@pytest.mark.case("JSON-09")
@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "1.0",
        "1.5",
        "1e2",
        "+1",
        "01x",
        "abc",
        "",
        "%20" + "1",
        "1%20",
        "1_000",
        "%EF%BC%91",
        "%D9%A1",
        "%C2%B2",
        "0x1",
        "true",
        "null",
        "[]",
        "9223372036854775808",
        "9" * 40,
        "NaN",
        "Infinity",
    ],
)
def test_a_page_is_a_positive_whole_number(tenant: Tenants, number: str) -> None:
    caller = _shared(tenant)
    check_problem(raw(caller, f"page={number}"), "bad_request", field="page")
    check_problem(raw(caller, f"pageSize={number}"), "bad_request", field="pageSize")
    check_problem(raw(caller, f"page={number}", "/projects"), "bad_request", field="page")


@pytest.mark.case("JSON-09")
@pytest.mark.parametrize("size", ["101", "1000000", "100.0"])
def test_a_page_has_at_most_100_items(tenant: Tenants, size: str) -> None:
    check_problem(raw(_shared(tenant), f"pageSize={size}"), "bad_request", field="pageSize")


@pytest.mark.case("JSON-11")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sort=message", "sort"),
        ("sort=id", "sort"),
        ("sort=createdAt,votes", "sort"),
        ("sort=", "sort"),
        ("sort=created_at", "sort"),
        ("sort=createdAt%3B%20DROP%20TABLE%20feedback", "sort"),
        ("order=up", "order"),
        ("order=DESC", "order"),
        ("order=", "order"),
        ("includeTotal=yes", "includeTotal"),
        ("includeTotal=", "includeTotal"),
        ("priority=highest", "priority"),
        ("isPublic=maybe", "isPublic"),
        ("slaBreached=2", "slaBreached"),
        ("createdAfter=yesterday", "createdAfter"),
        ("createdBefore=2026-02-30", "createdBefore"),
        ("updatedAfter=0001-01-01T00:00:00%2B14:00", "updatedAfter"),
        ("createdAfter=9999-12-31T23:59:59-14:00", "createdAfter"),
        ("createdAfter=1700000000", "createdAfter"),
        ("createdAfter=", "createdAfter"),
        ("nothing=1", "nothing"),
        ("page_size=5", "page_size"),
        ("Status=new", "Status"),
        ("workspace_id=ws_1", "workspace_id"),
        ("access_token=sk_live_x", "access_token"),
        ("%00=1", "\0"),
        ("status=a%00b", "status"),
        ("cursor=%00", "cursor"),
        ("customField.cf_nothing=1", "customField.cf_nothing"),
        ("customField.=1", "customField."),
        ("customField=1", "customField"),
        ("customField.a=1&customField=1", "customField.a"),
        ("page.x=1", "page"),
        ("status.x=1", "status"),
        ("nothing.x=1", "nothing"),
    ],
)
def test_what_is_unknown_or_malformed_is_named(tenant: Tenants, query: str, field: str) -> None:
    error = check_problem(raw(_shared(tenant), query), "bad_request")
    assert [detail["field"] for detail in error["details"]] == [field], error


@pytest.mark.parametrize(
    "query",
    ["page=1&page=1", "page=1&page=2", "status=new&status=resolved", "workspaceId=x", "pageSize=1&page%53ize=2"],
)
def test_a_parameter_given_twice_is_refused(tenant: Tenants, query: str) -> None:
    check_problem(raw(_shared(tenant), query), "bad_request", naming="more than once")


@pytest.mark.parametrize(
    "query",
    ["status=%ff", "status=%c0%af", "%ff=1", "status=%ed%a0%80", "a=1&" * 101, "&".join(f"p{n}" for n in range(5000))],
)
def test_a_query_that_is_no_text_or_too_long_is_refused(tenant: Tenants, query: str) -> None:
    check_problem(raw(_shared(tenant), query), "bad_request")


def test_a_raw_byte_above_ascii_is_refused(tenant: Tenants) -> None:
    """Query strings are percent-encoded; what is not could mean anything."""
    caller = _shared(tenant)
    check_problem(raw(caller, "status=é"), "bad_request")


@pytest.mark.parametrize("status", ["%", "a%2", "%zz", "a b", "new+", "%F0%9F%A6%B8", "'", '"', "--", "\\"])
def test_odd_values_are_only_values(tenant: Tenants, status: str) -> None:
    answer = raw(_shared(tenant), f"status={status}".replace(" ", "%20"))
    assert answer.status == 200, answer
    assert answer.json()["data"] == []


def test_an_empty_value_of_a_text_filter_matches_nothing(tenant: Tenants) -> None:
    caller = _shared(tenant)
    for name in ("status", "category", "tag", "userEmail"):
        answer = raw(caller, f"{name}=")
        assert answer.status in (200, 400), answer
        if answer.status == 200:
            assert answer.json()["data"] == []


def test_the_workspace_must_be_named_where_the_reference_says_so(tenant: Tenants, database: Database) -> None:
    caller = _shared(tenant)
    item = caller.new_feedback()
    with unchanged(database, caller):
        for path in ("/feedback", "/projects"):
            check_problem(caller.get(path, workspaceId=None), "bad_request", field="workspaceId")
        check_problem(caller.request("POST", "/projects", json={"name": "x"}), "bad_request", field="workspaceId")
        for path in (f"/feedback/{item['id']}", f"/projects/{caller.project_id}"):
            answer = caller.request("PATCH", path, json={})
            check_problem(answer, "bad_request", field="workspaceId")


@pytest.mark.case("TEN-03")
def test_the_workspace_is_optional_where_an_object_is_named(tenant: Tenants) -> None:
    caller = _shared(tenant)
    item = caller.new_feedback()
    assert caller.get(f"/feedback/{item['id']}", workspaceId=None).data["id"] == item["id"]
    assert caller.get(f"/projects/{caller.project_id}", workspaceId=None).status == 200
    assert caller.delete(f"/feedback/{item['id']}", workspaceId=None).data == {"id": item["id"], "deleted": True}


def test_the_workspace_is_accepted_everywhere(tenant: Tenants) -> None:
    """In the query of a write too, where it has to agree with the body."""
    caller = _shared(tenant)
    assert caller.get("/workspaces").status == 200
    answer = caller.request(
        "POST",
        "/feedback",
        json={"projectId": caller.project_id, "message": "x", "workspaceId": caller.workspace_id},
        workspaceId=caller.workspace_id,
    )
    assert answer.status == 201, answer


@pytest.mark.case("TEN-11")
def test_query_and_body_must_name_one_workspace(tenant: Tenants, database: Database) -> None:
    caller, other = _shared(tenant), tenant()
    item = caller.new_feedback()
    with unchanged(database, caller, other):
        for named in (other.workspace_id, "ws_none", ""):
            for method, path, body in (
                ("POST", "/feedback", {"projectId": caller.project_id, "message": "x"}),
                ("PATCH", f"/feedback/{item['id']}", {"status": "resolved"}),
            ):
                sent = {"workspaceId": caller.workspace_id, **body}
                answer = caller.request(method, path, json=sent, workspaceId=named)
                check_problem(answer, "bad_request", field="workspaceId")


printable = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60)


@given(query=printable)
@examples(80)
def test_no_query_is_a_crash(tenant: Tenants, query: str) -> None:
    caller = _shared(tenant)
    for path in ("/feedback", "/projects", "/workspaces", f"/projects/{caller.project_id}"):
        answer = caller.request("GET", f"{path}?{query}")
        assert answer.status in (200, 400, 404), answer
        if answer.status != 200:
            check_problem(answer, answer.error["code"], echoes=True)


@pytest.mark.parametrize(
    "segment", ["%7B%7D", "%7Bproject_id%7D", "%00", "a%00", "%20", "..", "%2e%2e", "*", "%25", "%"]
)
def test_an_odd_id_is_unknown(tenant: Tenants, segment: str) -> None:
    caller = _shared(tenant)
    for method in ("GET", "DELETE"):
        check_problem(caller.request(method, f"/projects/{segment}"), "not_found")
    check_problem(caller.patch(f"/projects/{segment}"), "not_found")


@pytest.mark.case("TEN-12")
@given(
    segment=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda s: "/" not in s)
)
@examples(40)
def test_no_id_is_a_crash(tenant: Tenants, segment: str) -> None:
    from_text = "".join(f"%{byte:02x}" for byte in segment.encode())
    caller = _shared(tenant)
    for path in (f"/feedback/{from_text}", f"/projects/{from_text}"):
        check_problem(caller.get(path), "not_found")
        check_problem(caller.delete(path), "not_found")
        check_problem(caller.patch(path), "not_found")
    answer = caller.get(f"/feedback/number/{from_text}")
    assert answer.status in (200, 400, 404), answer


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "abc", "%23", "%23%231", "1e3", "%EF%BC%91", "", "%201"])
def test_a_ticket_number_is_a_positive_whole_number(tenant: Tenants, number: str) -> None:
    answer = _shared(tenant).get(f"/feedback/number/{number}")
    check_problem(answer, "bad_request" if number else "not_found")


@pytest.mark.parametrize("number", ["1" + "0" * 18, "9" * 20, "1" + "0" * 20, "9" * 5000])
def test_a_ticket_number_may_be_longer_than_any(tenant: Tenants, number: str) -> None:
    check_problem(_shared(tenant).get(f"/feedback/number/{number}"), "not_found")


def test_a_ticket_number_may_have_a_hash(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback()
    for spelled in (str(item["ticketNumber"]), f"%23{item['ticketNumber']}", f"0{item['ticketNumber']}"):
        assert caller.get(f"/feedback/number/{spelled}").data["id"] == item["id"]
    check_problem(caller.get("/feedback/number/2"), "not_found")
    check_problem(caller.get(f"/feedback/number/{2**63 - 1}"), "not_found")
