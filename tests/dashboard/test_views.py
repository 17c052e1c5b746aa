"""Saved views of the inbox: what they show and count, in which order, and who may change them."""

from xml.etree.ElementTree import Element

import pytest

from tests.dashboard.forms import HOSTILE, inbox_of, inert, messages_on, opened, parsed, wrong_on
from tests.support.client import Client, Response
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in
from tests.ui.pages import Page, text
from userhero.dashboard.saved import MAX_VIEWS
from userhero.kernel.db import Database


def views_of(jane: Tenant) -> str:
    return f"/app/{jane.workspace_id}/views"


def save(visitor: Visitor, jane: Tenant, name: str, *, shared: bool = False, **query: str) -> str:
    """Save what the inbox shows as a view; returns its id."""
    answer = opened(visitor, inbox_of(jane), **query)
    form = next(each for each in answer.page.all("form") if each.get("action") == views_of(jane))
    fields = {
        each.get("name", ""): each.get("value", "") for each in form.iter("input") if each.get("type") == "hidden"
    }
    sent = visitor.post(views_of(jane), fields | {"name": name} | ({"shared": "on"} if shared else {}))
    assert sent.status == 303, sent
    return str(sent.header("location")).rpartition("saved=")[2]


def links(visitor: Visitor, jane: Tenant, **query: str) -> list[Element]:
    """The links of the saved views, as the inbox shows them."""
    found = opened(visitor, inbox_of(jane), **query).page.with_class("saved")
    return [link for each in found for link in each.iter("a") if "saved=" in link.get("href", "")]


def shown(visitor: Visitor, jane: Tenant, **query: str) -> list[str]:
    return [text(link) for link in links(visitor, jane, **query)]


def act(visitor: Visitor, jane: Tenant, view: str, ending: str = "", **fields: str) -> Response:
    token = visitor.token_on(views_of(jane)) if view else ""
    return visitor.post(f"{views_of(jane)}/{view}{ending}", {"csrf": token, **fields})


def colleague(tenant: Tenants, jane: Tenant, client: Client, database: Database, role: str) -> Visitor:
    visitor = signed_in(database, client, tenant.colleague(jane, role))
    # A page with a form, whatever there is to see: its token serves for the others.
    save(visitor, jane, f"own of {role}", q="something")
    return visitor


def follow(visitor: Visitor, jane: Tenant, name: str) -> Page:
    link = next(each for each in links(visitor, jane) if text(each).startswith(name))
    query = dict(pair.split("=") for pair in link.get("href", "").partition("?")[2].split("&"))
    return opened(visitor, inbox_of(jane), **query).page


def test_a_view_shows_and_counts_what_it_was_saved_for(jane: Tenant, visitor: Visitor) -> None:
    for message, priority in (("door", "urgent"), ("bell", "urgent"), ("nice", "low")):
        jane.new_feedback(message, priority=priority)
    assert shown(visitor, jane) == []
    save(visitor, jane, "  Fire   drill ", priority="urgent", sort="oldest")
    save(visitor, jane, "Doors", q="door", view="all")
    assert shown(visitor, jane) == ["Fire drill 2", "Doors 1"]
    page = follow(visitor, jane, "Fire drill")
    assert messages_on(page) == ["door", "bell"]
    assert [text(each) for each in page.all("a") if each.get("aria-current") == "true"] == ["Fire drill 2"]
    jane.new_feedback("another door", priority="urgent")
    assert shown(visitor, jane) == ["Fire drill 3", "Doors 2"]


def test_a_view_says_me_to_whoever_looks(
    tenant: Tenants, jane: Tenant, visitor: Visitor, client: Client, database: Database
) -> None:
    john = tenant.colleague(jane, "member")
    for message, person in (("janes", jane), ("johns", john)):
        item = jane.new_feedback(message)
        jane.patch(f"/feedback/{item['id']}", {"assigneeId": person.user_id})
    jane.new_feedback("nobodys")
    save(visitor, jane, "Own", shared=True, assignee="me", view="all")
    assert messages_on(follow(visitor, jane, "Own")) == ["janes"]
    assert messages_on(follow(signed_in(database, client, john), jane, "Own")) == ["johns"]


def test_the_order_and_what_is_shared_first(jane: Tenant, visitor: Visitor) -> None:
    for name in ("a", "b", "c"):
        save(visitor, jane, name, tag=name)
    shared = save(visitor, jane, "for all", shared=True, tag="x")
    ids = {text(link)[0]: link.get("href", "").rpartition("saved=")[2] for link in links(visitor, jane)[1:]}
    assert act(visitor, jane, ids["c"], "/move", to="up").status == 303
    assert shown(visitor, jane) == ["for all 0", "a 0", "c 0", "b 0"]
    act(visitor, jane, ids["a"], "/move", to="down")
    assert shown(visitor, jane) == ["for all 0", "c 0", "a 0", "b 0"]
    # At the ends they stay.
    act(visitor, jane, ids["c"], "/move", to="up")
    act(visitor, jane, ids["b"], "/move", to="down")
    assert shown(visitor, jane) == ["for all 0", "c 0", "a 0", "b 0"]
    act(visitor, jane, shared, name="mine now")
    assert shown(visitor, jane) == ["c 0", "a 0", "b 0", "mine now 0"]
    act(visitor, jane, ids["a"], name="a", shared="on")
    assert shown(visitor, jane) == ["a 0", "c 0", "b 0", "mine now 0"]


def test_renamed_refined_and_deleted(jane: Tenant, visitor: Visitor) -> None:
    jane.new_feedback("door", tags=["old"])
    view = save(visitor, jane, "first", tag="old")
    assert act(visitor, jane, view, name="second").header("location") == f"{views_of(jane)}?done=changed"
    page = opened(visitor, inbox_of(jane), tag="old", priority="low", saved=view).page
    (form,) = (each for each in page.all("form") if each.get("action", "").endswith("/filters"))
    query = next(each.get("value", "") for each in form.iter("input") if each.get("name") == "query")
    assert act(visitor, jane, view, "/filters", query=query).header("location") == (
        f"{inbox_of(jane)}?priority=low&tag=old&saved={view}"
    )
    assert shown(visitor, jane) == ["second 0"]
    # Nothing differs, so there is nothing to save.
    page = opened(visitor, inbox_of(jane), tag="old", priority="low", saved=view).page
    assert page.with_class("keep") == []
    assert "Priority: low · Tag: old" in text(opened(visitor, views_of(jane)).page.by_id("main"))
    assert act(visitor, jane, view, "/delete").header("location") == f"{views_of(jane)}?done=deleted"
    assert shown(visitor, jane) == []
    assert opened(visitor, inbox_of(jane), saved=view).page.with_class("saved") == []
    assert "No saved views yet" in text(opened(visitor, views_of(jane)).page.by_id("main"))


def test_who_may_change_what(
    tenant: Tenants, jane: Tenant, visitor: Visitor, client: Client, database: Database
) -> None:
    shared, own = (save(visitor, jane, name, shared=name == "shared", tag="x") for name in ("shared", "own"))
    for role, may in (("admin", True), ("member", False), ("viewer", False)):
        other = colleague(tenant, jane, client, database, role)
        assert [name.rpartition(" ")[0] for name in shown(other, jane)] == ["shared", f"own of {role}"]
        ways: tuple[tuple[str, dict[str, str]], ...] = (
            ("", {"name": "x", "shared": "on"}),
            ("/move", {}),
            ("/filters", {"query": "tag=y"}),
        )
        for ending, fields in ways:
            if not may:
                with unchanged(database, jane):
                    assert act(other, jane, shared, ending, **fields).status == 403
            with unchanged(database, jane):
                assert act(other, jane, own, ending, **fields).status == 404
        with unchanged(database, jane):
            assert act(other, jane, own, "/delete").status == 404
        assert act(other, jane, shared, name="shared", shared="on").status == (303 if may else 403)
    member = colleague(tenant, jane, client, database, "member")
    made = save(member, jane, "by a member", shared=True, tag="z")
    assert act(member, jane, made, name="by a member still", shared="on").status == 303
    # Taken back by somebody else, it is its maker's alone.
    assert act(visitor, jane, made, name="back").status == 303
    assert "back 0" in shown(member, jane)
    assert "back 0" not in shown(visitor, jane)


def test_who_only_looks_keeps_views_but_shares_none(
    tenant: Tenants, jane: Tenant, client: Client, database: Database
) -> None:
    viewer = colleague(tenant, jane, client, database, "viewer")
    page = opened(viewer, inbox_of(jane), tag="x").page
    assert [each for each in page.all("input") if each.get("name") == "shared"] == []
    token = viewer.token_on(views_of(jane))
    own = links(viewer, jane)[0].get("href", "").rpartition("saved=")[2]
    with unchanged(database, jane):
        fields = {"csrf": token, "form_id": "form_x", "name": "x", "shared": "on", "query": "tag=x"}
        assert viewer.post(views_of(jane), fields).status == 403
        assert act(viewer, jane, own, name="x", shared="on").status == 403


def test_another_workspace_has_none_of_it(
    tenant: Tenants, jane: Tenant, visitor: Visitor, client: Client, database: Database
) -> None:
    view = save(visitor, jane, "secret", shared=True, tag="x")
    other = tenant()
    stranger = signed_in(database, client, other)
    save(stranger, other, "theirs", tag="x")
    assert shown(stranger, other) == ["theirs 0"]
    for ending in ("", "/move", "/filters", "/delete"):
        with unchanged(database, jane, other):
            assert act(stranger, other, view, ending, name="x", query="tag=y").status == 404


@pytest.mark.parametrize(("name", "said"), [(" ", "Give it a name."), ("x" * 61, "60 characters")])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    jane: Tenant, visitor: Visitor, database: Database, name: str, said: str
) -> None:
    view = save(visitor, jane, "fine", tag="x")
    token = visitor.token_on(views_of(jane))
    new = {"csrf": token, "form_id": "form_x", "query": "tag=y&priority=low", "name": name, "shared": "on"}
    with unchanged(database, jane):
        for answer in (visitor.post(views_of(jane), new), act(visitor, jane, view, name=name)):
            assert answer.status == 422
            page = parsed(answer)
            assert any(said in each for each in wrong_on(page))
            assert name in [each.get("value") for each in page.all("input") if each.get("name") == "name"]
    page = parsed(visitor.post(views_of(jane), new))
    (query,) = (each.get("value") for each in page.all("input") if each.get("name") == "query")
    assert query == "tag=y&priority=low"


def test_a_form_that_is_sent_twice_makes_one(jane: Tenant, visitor: Visitor) -> None:
    save(visitor, jane, "first", tag="x")
    token = visitor.token_on(views_of(jane))
    form = {"csrf": token, "form_id": "form_x", "query": "tag=y", "name": "one"}
    assert [visitor.post(views_of(jane), form).status for _ in range(2)] == [303, 303]
    assert visitor.post(views_of(jane), form | {"name": "two"}).status == 409
    assert shown(visitor, jane) == ["first 0", "one 0"]


def test_there_is_an_end_to_views(jane: Tenant, visitor: Visitor, database: Database) -> None:
    for number in range(MAX_VIEWS):
        last = save(visitor, jane, f"{number}", tag="x")
    token = visitor.token_on(views_of(jane))
    with unchanged(database, jane):
        form = {"csrf": token, "form_id": "form_x", "query": "tag=y", "name": "one more"}
        answer = visitor.post(views_of(jane), form)
        assert answer.status == 422
        assert "You have 30 views" in wrong_on(parsed(answer))[0]
    act(visitor, jane, last, name="shared", shared="on")
    assert visitor.post(views_of(jane), form).status == 303


def test_nonsense_and_hostile_text(jane: Tenant, visitor: Visitor) -> None:
    jane.new_feedback("here")
    save(visitor, jane, HOSTILE[:60], q=HOSTILE)
    token = visitor.token_on(views_of(jane))
    for number, query in enumerate((HOSTILE, "status=gone&view=nowhere", "customer=cust_gone", "&&&=", "from=x&q=")):
        form = {"csrf": token, "form_id": f"form_{number}", "query": query, "name": f"n{number}"}
        assert visitor.post(views_of(jane), form).status == 303
    for path in (views_of(jane), inbox_of(jane)):
        inert(opened(visitor, path).page)
    # What is gone has no number; opening it says so.
    assert "n2" in shown(visitor, jane)
    assert visitor.get(inbox_of(jane), customer="cust_gone").status == 404


def test_what_takes_long_is_counted_once_it_is_opened(
    jane: Tenant, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userhero.dashboard.tallies.COUNTED", 1)
    for _ in range(2):
        jane.new_feedback("door", tags=["x"])
    views = {"tag": save(visitor, jane, "tag", tag="x"), "assignee": save(visitor, jane, "assignee", assignee="none")}
    assert shown(visitor, jane) == ["tag", "assignee 1+"]
    assert shown(visitor, jane, tag="x", saved=views["tag"]) == ["tag 1+", "assignee 1+"]


@pytest.mark.parametrize("name", ["q", "tag", "type", "customer"])
def test_a_view_of_what_no_address_can_ask_for_leaves_the_inbox_as_it_is(
    jane: Tenant, visitor: Visitor, name: str
) -> None:
    save(visitor, jane, "Slow", q="slow")
    form = {"csrf": visitor.token_on(views_of(jane)), "form_id": "form_x", "name": "Bad", "shared": "on"}
    assert visitor.post(views_of(jane), form | {"query": f"view=all&priority=low&{name}=a%00b"}).status == 303
    assert visitor.get(inbox_of(jane)).status == 200
    assert shown(visitor, jane) == ["Bad 0", "Slow 0"]


def test_a_query_of_too_many_parts_is_refused(jane: Tenant, visitor: Visitor, database: Database) -> None:
    view = save(visitor, jane, "Slow", q="slow")
    form = {"csrf": visitor.token_on(views_of(jane)), "form_id": "form_x", "name": "Bad", "query": "&" * 60}
    with unchanged(database, jane):
        answer = visitor.post(views_of(jane), form)
        assert act(visitor, jane, view, "/filters", query="&" * 60).status == 422
    assert answer.status == 422
    assert "The filters are too long to be saved." in wrong_on(parsed(answer))
