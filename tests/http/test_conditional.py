"""``ETag``, ``If-None-Match`` and ``If-Match``: read only what changed, change only what was read."""

import re
from typing import Any

import pytest

from tests.support.client import Response
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database


def objects(caller: Tenant) -> dict[str, dict[str, Any]]:
    """A single object of each kind, by its path, and a change of it."""
    item = caller.new_feedback()
    return {
        f"/feedback/{item['id']}": {"status": "resolved"},
        f"/projects/{caller.project_id}": {"name": "Renamed"},
    }


def tag_of(answer: Response) -> str:
    found = answer.header("etag")
    assert found is not None, answer
    assert re.fullmatch(r'"[!-~]+"', found), found
    return found


def test_a_tag_stands_for_what_was_sent(tenant: Tenants) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        first = caller.get(path)
        assert tag_of(caller.get(path)) == tag_of(first)
        changed = caller.patch(path, change)
        assert tag_of(changed) != tag_of(first)
        assert tag_of(changed) == tag_of(caller.get(path)), "a write answers with the tag of the new state"
    created = caller.post("/feedback", {"projectId": caller.project_id, "message": "x"})
    assert tag_of(created) == tag_of(caller.get(f"/feedback/{created.data['id']}"))


def test_lists_have_no_tag(tenant: Tenants) -> None:
    caller = tenant()
    for path in ("/feedback", "/projects", "/workspaces"):
        assert caller.get(path).header("etag") is None
    assert caller.delete(f"/projects/{caller.project_id}").header("etag") is None


@pytest.mark.parametrize(
    "spelled",
    ["{tag}", "W/{tag}", '"other", {tag}', '{tag},"other"', 'W/"other" , W/{tag} ', "*", " * "],
)
def test_what_has_not_changed_is_not_sent_again(tenant: Tenants, spelled: str) -> None:
    caller = tenant()
    for path in objects(caller):
        tag = tag_of(caller.get(path))
        answer = caller.get(path, headers=[("if-none-match", spelled.format(tag=tag))])
        assert answer.status == 304, answer
        assert answer.body == b""
        assert tag_of(answer) == tag
        assert answer.header("content-length") in (None, "0")


@pytest.mark.parametrize("header", ['"other"', "", "other", '"', "W/", '"*"', "{bare}", "é"])
def test_what_has_changed_is_sent(tenant: Tenants, header: str) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        before = tag_of(caller.get(path))
        answer = caller.get(path, headers=[("if-none-match", header.format(bare=before.strip('"')))])
        assert answer.status == 200, answer
        caller.patch(path, change)
        assert caller.get(path, headers=[("if-none-match", before)]).data == caller.get(path).data


def test_writes_ignore_if_none_match(tenant: Tenants) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        tag = tag_of(caller.get(path))
        assert caller.patch(path, change, headers=[("if-none-match", tag)]).status == 200
        assert caller.patch(path, change, headers=[("if-none-match", "*")]).status == 200


@pytest.mark.parametrize("spelled", ["{tag}", '"other", {tag}', "*"])
def test_a_change_goes_through_where_the_object_is_as_read(tenant: Tenants, spelled: str) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        headers = [("if-match", spelled.format(tag=tag_of(caller.get(path))))]
        assert caller.patch(path, change, headers=headers).status == 200
        headers = [("if-match", spelled.format(tag=tag_of(caller.get(path))))]
        assert caller.delete(path, headers=headers).status == 200


@pytest.mark.parametrize("header", ['"stale"', "stale", "{bare}", '"stale", "staler"', '"*"', ""])
def test_a_change_of_something_newer_is_refused(tenant: Tenants, database: Database, header: str) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        headers = [("if-match", header.format(bare=tag_of(caller.get(path)).strip('"')))]
        with unchanged(database, caller):
            check_problem(caller.patch(path, change, headers=headers), "precondition_failed")
            check_problem(caller.delete(path, headers=headers), "precondition_failed")


def test_of_two_who_read_the_same_one_wins(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    for path, change in objects(caller).items():
        read = [("if-match", tag_of(caller.get(path)))]
        assert caller.patch(path, change, headers=read).status == 200
        with unchanged(database, caller):
            check_problem(caller.patch(path, change, headers=read), "precondition_failed")
            check_problem(caller.delete(path, headers=read), "precondition_failed")


def test_a_precondition_reveals_nothing(tenant: Tenants) -> None:
    """Unknown and somebody else's objects answer as they do without one."""
    caller, other = tenant(), tenant()
    for path, change in objects(other).items():
        for header in ("*", '"x"', tag_of(other.get(path))):
            for answer in (
                caller.patch(path, change, headers=[("if-match", header)]),
                caller.delete(path, headers=[("if-match", header)]),
                caller.get(path, headers=[("if-none-match", header)]),
                caller.delete("/feedback/fb_none", headers=[("if-match", header)]),
            ):
                check_problem(answer, "not_found")


def test_an_invalid_change_is_told_so_first(tenant: Tenants) -> None:
    caller = tenant()
    for path in objects(caller):
        answer = caller.patch(path, {"nonsense": 1}, headers=[("if-match", '"stale"')])
        check_problem(answer, "bad_request")
