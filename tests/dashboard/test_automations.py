"""The pages of automations: seen, built without a script, tried, saved, switched and deleted."""

from typing import Any

import pytest

from tests.dashboard.forms import HOSTILE, Opened, inert, opened, parsed, wrong_on
from tests.support.client import Client
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in
from tests.ui.pages import Page, text
from userhero.kernel.db import Database
from userhero.workspaces.types import ROLES

TREE = {
    "combinator": "and",
    "rules": [
        {"field": "category", "operator": "equals", "value": "bug"},
        {
            "combinator": "or",
            "rules": [
                {"field": "message", "operator": "contains", "value": ["crash", "freeze"]},
                {"field": "rating", "operator": "less_than", "value": 2.5},
                {"field": "isPublic", "operator": "equals", "value": True},
                {"field": "customField.cf_plan", "operator": "equals", "value": "5"},
                {"field": "metadata.plan.seats", "operator": "greater_than", "value": 5},
                {"field": "createdAt", "operator": "older_than", "value": 24},
                {"field": "assigneeId", "operator": "is_not_set"},
                {"field": "priority", "operator": "in", "value": ["high", "urgent"]},
            ],
        },
    ],
}


def list_of(jane: Tenant) -> str:
    return f"/app/{jane.workspace_id}/automations"


def new_page(jane: Tenant, visitor: Visitor) -> Opened:
    return opened(visitor, f"{list_of(jane)}/new", project=jane.project_id)


def sent(page: Opened, what: str, **fields: str) -> Opened:
    """The form again, after one of its buttons."""
    answer = page.send(do=what, **{name.replace("__", "."): value for name, value in fields.items()})
    assert answer.status == 200, answer.body
    return Opened(page.visitor, page.path, parsed(answer))


def saved(jane: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = jane.get("/automations", projectId=jane.project_id).json()["automations"]
    return found


def an_automation(jane: Tenant, **fields: Any) -> dict[str, Any]:
    body = {"projectId": jane.project_id, "name": "Bugs", "scope": "feedback.created", "actions": [
        {"type": "add_tag", "params": {"tag": "seen"}}]} | fields  # fmt: skip
    made: dict[str, Any] = jane.post("/automations", body).json()
    return made


def focus_of(page: Page) -> list[str | None]:
    return [each.get("id") for each in page.all() if "autofocus" in each.attrib]


def test_building_one_from_nothing_without_a_script(jane: Tenant, visitor: Visitor) -> None:
    page = new_page(jane, visitor)
    page = sent(page, "rule c", name="Urgent bugs")
    assert focus_of(page.page) == ["c.0.field"]
    page = sent(page, "show", c__0__field="message")
    page = sent(page, "group c", c__0__operator="contains", c__0__value="crash\nfreeze\n")
    assert focus_of(page.page) == ["c.1.0.field"]
    page = sent(page, "show", **{"c.1.0.field": "priority"})
    page = sent(page, "rule c.1", **{"c.1.0.value": "urgent"})
    page = sent(page, "show", **{"c.1.1.value": "bug", "a.0.type": "set_priority"})
    page = sent(page, "act", **{"a.0.priority": "high"})
    page = sent(page, "up a.1", **{"a.1.tag": "triage"})
    answer = page.send(do="save")
    assert answer.header("location") == f"{list_of(jane)}?project={jane.project_id}&done=saved"
    (made,) = saved(jane)
    assert made["name"] == "Urgent bugs"
    assert made["conditions"] == {
        "combinator": "and",
        "rules": [
            {"field": "message", "operator": "contains", "value": ["crash", "freeze"]},
            {
                "combinator": "or",
                "rules": [
                    {"field": "priority", "operator": "equals", "value": "urgent"},
                    {"field": "category", "operator": "equals", "value": "bug"},
                ],
            },
        ],
    }
    assert made["actions"] == [
        {"type": "add_tag", "params": {"tag": "triage"}},
        {"type": "set_priority", "params": {"priority": "high"}},
    ]
    shown = text(opened(visitor, list_of(jane), done="saved").page.by_id("main"))
    assert "Message contains crash, freeze and (Priority is urgent or Type is bug)" in shown
    assert "Add the tag triage; set the priority to high" in shown


def test_what_is_opened_and_saved_stays_as_it_is(jane: Tenant, visitor: Visitor) -> None:
    fields = [{"id": "cf_plan", "type": "text", "label": "Plan", "required": False}]
    jane.patch(f"/projects/{jane.project_id}", {"customFieldDefinitions": fields})
    actions = [
        {"type": "set_status", "params": {"status": "in-progress"}},
        {"type": "set_priority", "params": {"priority": None}},
        {"type": "set_category", "params": {"category": None}},
        {"type": "assign_agent", "params": {"userId": jane.user_id}},
        {"type": "add_note", "params": {"content": "Line one\n{{feedback.ticketNumber}}"}},
        {"type": "send_reply", "params": {"message": "Thanks"}},
        {"type": "send_notification", "params": {"channel": "email", "to": jane.email, "message": "Look"}},
        {"type": "set_public", "params": {"isPublic": False}},
    ]
    before = an_automation(
        jane,
        conditions=TREE,
        actions=actions,
        scope="time.scheduled",
        schedule={"every": 4, "unit": "hours"},
        priority=7,
    )
    page = opened(visitor, f"{list_of(jane)}/{before['id']}")
    assert page.send(do="save").status == 303
    (after,) = saved(jane)
    kept = ("name", "scope", "enabled", "priority", "conditions", "actions", "schedule")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_trying_changes_nothing(jane: Tenant, visitor: Visitor, database: Database) -> None:
    jane.new_feedback("It crashes", category="bug")
    jane.new_feedback("Lovely")
    page = sent(new_page(jane, visitor), "rule c", name="")
    with unchanged(database, jane):
        page = sent(page, "try", **{"c.0.value": "bug"})
    shown = text(page.page.by_id("main"))
    assert "1 of the newest 2 items would match now" in shown
    assert "It crashes" in shown
    assert "Lovely" not in shown
    assert page.form()["c.0.value"] == "bug"


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"name": " "}, "name", "1 to 200"),
        ({"c.0.value": ""}, "c.0.value", "1 to 500"),
        ({"c.0.field": "rating", "c.0.operator": "equals", "c.0.value": "many"}, "c.0.value", "number"),
        ({"c.0.field": "nothing"}, "c.0.field", "one of the fields"),
        ({"c.0.field": "metadata", "c.0.path": ""}, "c.0.field", "one of the fields"),
        ({"a.0.tag": ""}, "a.0.tag", "1 to 50"),
        ({"a.0.type": "set_status", "a.0.status": "never"}, "a.0.status", "not a status"),
        ({"a.0.type": "send_reply", "a.0.message": "{{nonsense}}"}, "a.0.message", "placeholder"),
        ({"a.0.type": "explode"}, "a.0.type", ""),
        ({"scope": "time.scheduled", "every": "0", "unit": "days"}, "every", ""),
        ({"scope": "time.scheduled", "every": "x", "unit": "days"}, "every", ""),
        ({"scope": "never"}, "scope", ""),
        ({"priority": "-1"}, "priority", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(
    jane: Tenant, visitor: Visitor, database: Database, fields: dict[str, str], place: str, words: str
) -> None:
    page = sent(new_page(jane, visitor), "rule c", name="Mine")
    fields = {"c.0.value": "bug", "a.0.tag": "x"} | fields
    with unchanged(database, jane):
        answer = page.send(do="save", **fields)
    assert answer.status == 422
    there = parsed(answer)
    (wrong,) = (each for each in there.all() if each.get("id") == f"{place}-wrong")
    assert words in text(wrong)
    assert f'value="{fields.get("name", "Mine")}"' in answer.body.decode()


@pytest.mark.parametrize("what", ["drop c.9", "drop c", "rule c.0.0.0.0", "up a.9", "drop a.x", "group", "explode", ""])
def test_buttons_that_there_are_none_of_do_nothing(
    jane: Tenant, visitor: Visitor, database: Database, what: str
) -> None:
    page = sent(new_page(jane, visitor), "rule c")
    before = {name: value for name, value in page.form().items() if name != "form_id"}
    with unchanged(database, jane):
        after = sent(page, what).form()
    assert {name: value for name, value in after.items() if name != "form_id"} == before


def test_removing(jane: Tenant, visitor: Visitor) -> None:
    made = an_automation(jane, conditions=TREE, actions=[
        {"type": "add_tag", "params": {"tag": tag}} for tag in ("one", "two", "three")])  # fmt: skip
    page = opened(visitor, f"{list_of(jane)}/{made['id']}")
    page = sent(page, "drop c.1")
    page = sent(page, "drop a.1")
    page = sent(page, "down a.0")
    assert page.send(do="save").status == 303
    (after,) = saved(jane)
    assert after["conditions"]["rules"] == TREE["rules"][:1]
    assert [each["params"]["tag"] for each in after["actions"]] == ["three", "one"]


def test_a_form_sent_twice_makes_one(jane: Tenant, visitor: Visitor) -> None:
    page = new_page(jane, visitor)
    fields = {"name": "Once", "do": "save", "a.0.tag": "x"}
    assert [page.send(**fields).status for _ in range(2)] == [303, 303]
    other = page.send(**fields | {"name": "Other"})
    assert other.status == 409
    assert "sent before" in wrong_on(parsed(other))[0]
    assert [each["name"] for each in saved(jane)] == ["Once"]
    again = Opened(visitor, page.path, parsed(other))
    assert again.send(do="save").status == 303
    assert sorted(each["name"] for each in saved(jane)) == ["Once", "Other"]


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(
    jane: Tenant, visitor: Visitor, clock: Any
) -> None:
    made = an_automation(jane)
    page = opened(visitor, f"{list_of(jane)}/{made['id']}")
    clock.advance(1)
    jane.patch(f"/automations/{made['id']}", {"name": "Theirs"})
    answer = page.send(do="save", name="Mine")
    assert answer.status == 409
    assert saved(jane)[0]["name"] == "Theirs"
    again = Opened(visitor, page.path, parsed(answer))
    assert "Somebody has changed" in wrong_on(again.page)[0]
    assert again.form()["name"] == "Mine"
    assert again.send(do="save").status == 303
    assert saved(jane)[0]["name"] == "Mine"


def test_on_and_off(jane: Tenant, visitor: Visitor) -> None:
    made = an_automation(jane)
    for word, enabled in (("off", False), ("on", True)):
        page = opened(visitor, list_of(jane))
        answer = visitor.post(f"{page.path}/{made['id']}/switch", _form(page.page, "/switch"))
        assert answer.header("location") == f"{list_of(jane)}?project={jane.project_id}&done={word}"
        assert saved(jane)[0]["enabled"] is enabled


def _form(page: Page, ending: str) -> dict[str, str]:
    (form,) = (each for each in page.all("form") if each.get("action", "").endswith(ending))
    return {each.get("name", ""): each.get("value", "") for each in form.iter("input")}


def test_deleting_asks_once(jane: Tenant, visitor: Visitor, database: Database) -> None:
    made = an_automation(jane)
    page = opened(visitor, f"{list_of(jane)}/{made['id']}")
    with unchanged(database, jane):
        answer = page.send("/delete")
    assert answer.status == 422
    assert "Check the box" in " ".join(wrong_on(parsed(answer)))
    assert page.send("/delete", sure="on").status == 303
    assert saved(jane) == []


def test_the_history_says_what_it_did(jane: Tenant, visitor: Visitor) -> None:
    made = an_automation(jane, scope="manual", actions=[{"type": "assign_agent", "params": {"userId": jane.user_id}}])
    item = jane.new_feedback()
    jane.post(f"/automations/{made['id']}/run", {"feedbackId": item["id"]})
    page = opened(visitor, f"{list_of(jane)}/{made['id']}").page
    assert f"/app/{jane.workspace_id}/feedback/{item['id']}" in [each.get("href") for each in page.all("a")]
    assert "Jane Smith" in text(page.by_id("main"))


def test_those_of_sla_rules_are_shown_and_not_changed(jane: Tenant, visitor: Visitor) -> None:
    jane.patch(f"/projects/{jane.project_id}", {"slaRules": [{"priority": "urgent", "hours": 4}]})
    system = jane.get("/automations", projectId=jane.project_id, includeSystem="true").json()["automations"]
    page = opened(visitor, list_of(jane)).page
    assert len(system) == text(page.by_id("main")).count("from SLA rules") > 0
    assert (
        visitor.post(
            f"{list_of(jane)}/{system[0]['id']}", {"csrf": visitor.token_on(f"{list_of(jane)}/new"), "do": "save"}
        ).status
        == 403
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_may(jane: Tenant, tenant: Tenants, client: Client, database: Database, role: str) -> None:
    made = an_automation(jane)
    colleague = signed_in(database, client, tenant.colleague(jane, role))
    page = opened(colleague, list_of(jane)).page
    hrefs = [each.get("href", "") for each in page.all("a")]
    may = role in ("owner", "admin")
    assert any(href.endswith(made["id"]) for href in hrefs) is may
    assert any("/new" in href for href in hrefs) is may
    assert colleague.get(f"{list_of(jane)}/{made['id']}").status == (200 if may else 403)


def test_nothing_of_another_workspace(jane: Tenant, visitor: Visitor, tenant: Tenants, database: Database) -> None:
    other = tenant()
    made = an_automation(other)
    assert visitor.get(list_of(jane), project=other.project_id).status == 404
    with unchanged(database, other):
        for ending in ("", "/switch", "/delete"):
            fields = {"csrf": visitor.token_on(f"{list_of(jane)}/new"), "do": "save", "sure": "on", "enabled": "off"}
            assert visitor.post(f"{list_of(jane)}/{made['id']}{ending}", fields).status == 404
        page = new_page(jane, visitor)
        assert page.send(do="save", name="x", project=other.project_id).status == 404


def test_hostile_text_stays_text(jane: Tenant, visitor: Visitor) -> None:
    made = an_automation(
        jane,
        name=HOSTILE[:200],
        conditions={"combinator": "and", "rules": [{"field": "metadata.a", "operator": "equals", "value": HOSTILE}]},
        actions=[{"type": "add_note", "params": {"content": HOSTILE.replace("{{7*7}}", "")}}],
    )
    for path in (list_of(jane), f"{list_of(jane)}/{made['id']}"):
        inert(opened(visitor, path).page)
    places = ("name", "scope", "c.0.field", "c.0.operator", "c.0.value", "a.0.type", "at")
    answer = new_page(jane, visitor).send(do="show", **dict.fromkeys(places, HOSTILE))
    inert(parsed(answer))
