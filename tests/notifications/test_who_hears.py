"""Who hears of what: each event tells the people around an item, once, and never who did it."""

import pytest

from tests.notifications.people import After, change, comment, heard, mails_to, note, titles, written
from tests.support.clock import Clock
from tests.support.tenants import Tenant, Tenants
from tests.support.work import settle
from userhero.kernel.db import Database, Transaction
from userhero.kernel.events import emit
from userhero.notifications.actions.retry import FORGET
from userhero.webhooks.endpoint_types import EndpointDisabled

SAM = "sam@example.org"


def test_a_customers_reply_is_for_assignee_and_watchers(
    jane: Tenant, john: Tenant, tenant: Tenants, database: Database, after: After
) -> None:
    other, item = tenant.colleague(jane, "admin"), jane.new_feedback(userEmail=SAM)
    change(jane, item, assigneeId=john.user_id, watcherIds=[jane.user_id, john.user_id])
    comment(jane, item, "Still broken", authorEmail=SAM)
    after()
    said = ("customer_replied", "Sam Lee replied on #1")
    assert titles(john) == [("assigned", "Jane Smith assigned #1 to you"), said]
    # She sent it in for the customer, who is the one who said it.
    assert titles(jane) == [said]
    assert titles(other) == []
    (shown,) = heard(jane)
    assert (shown["feedbackId"], shown["ticketNumber"], shown["excerpt"]) == (item["id"], 1, "Still broken")
    assert mails_to(database, jane, jane.email) == [said]
    assert mails_to(database, jane, SAM) == []


def test_a_customers_reply_that_is_nobodys_is_for_those_in_charge(
    jane: Tenant, john: Tenant, tenant: Tenants, database: Database, after: After
) -> None:
    member, item = tenant.colleague(jane, "member"), jane.new_feedback(userEmail=SAM)
    comment(jane, item, authorEmail=SAM)
    after()
    told = [("customer_replied", "Sam Lee replied on #1")]
    assert (titles(jane), titles(john)) == (told, told)
    assert mails_to(database, jane, member.email) == []


def test_a_member_who_writes_as_a_customer_hears_nothing(jane: Tenant, after: After) -> None:
    item = jane.new_feedback()
    change(jane, item, watcherIds=[jane.user_id])
    comment(jane, item, authorEmail=jane.email.upper())
    after()
    assert titles(jane) == []


def test_an_agents_reply_is_for_the_customer(jane: Tenant, john: Tenant, database: Database, after: After) -> None:
    item = jane.new_feedback("Secret words of the form", userEmail=SAM, customMetadata={"name": "<b>Sam</b>"})
    change(jane, item, watcherIds=[john.user_id])
    comment(jane, item, "We are on it")
    after()
    assert titles(john) == []
    assert mails_to(database, jane, SAM) == [("reply", "Jane Smith replied to your feedback #1")]
    (mail,) = written(database, jane)
    assert mail["content"]["quote"] == "We are on it"
    # Anybody can fill in a form with anybody's address.
    assert "Secret" not in str(mail["content"])
    assert "Sam" not in str(mail["content"])


def test_a_reply_goes_to_the_customers_own_address(jane: Tenant, database: Database, after: After) -> None:
    customer = jane.post("/customers", {"name": "Sam", "primaryPhone": "+14155552671", "primaryEmail": SAM}).data
    item = jane.new_feedback(customMetadata={"phone": "+14155552671"})
    assert (item["customerId"], item["userEmail"]) == (customer["id"], None)
    comment(jane, item, "Hello")
    after()
    assert [kind for kind, _ in mails_to(database, jane, SAM)] == ["reply"]


def test_without_an_address_there_is_no_mail(jane: Tenant, database: Database, after: After) -> None:
    item = jane.new_feedback()
    comment(jane, item, "Hello")
    change(jane, item, status="resolved")
    own = jane.new_feedback(userEmail=jane.email)
    comment(jane, own, "To myself")
    change(jane, own, status="resolved")
    after()
    assert written(database, jane) == []


def test_a_mention_goes_before_watching(jane: Tenant, john: Tenant, tenant: Tenants, after: After) -> None:
    watcher, item = tenant.colleague(jane, "admin"), jane.new_feedback()
    change(jane, item, watcherIds=[watcher.user_id, jane.user_id, john.user_id])
    note(jane, item, "Please look", mentions=[john.user_id, jane.user_id])
    after()
    assert titles(john) == [("mentioned", "Jane Smith mentioned you on #1")]
    assert titles(watcher) == [("note_added", "Jane Smith added a note on #1")]
    assert titles(jane) == []


def test_assigning_to_oneself_tells_nobody(jane: Tenant, john: Tenant, after: After) -> None:
    item = jane.new_feedback()
    change(jane, item, assigneeId=jane.user_id)
    change(jane, item, assigneeId=None)
    change(jane, item, assigneeId=john.user_id, priority="high")
    change(jane, item, priority="low")
    after()
    assert titles(jane) == []
    assert titles(john) == [("assigned", "Jane Smith assigned #1 to you")]


def test_a_change_of_status_is_for_watchers_in_the_product(
    jane: Tenant, john: Tenant, database: Database, after: After
) -> None:
    item = jane.new_feedback()
    change(jane, item, watcherIds=[john.user_id, jane.user_id])
    change(jane, item, status="in-progress")
    after()
    assert titles(john) == [("status_changed", "#1 is now In Progress")]
    assert titles(jane) == []
    assert written(database, jane) == []


def test_one_event_tells_a_person_once(jane: Tenant, john: Tenant, after: After) -> None:
    item = jane.new_feedback()
    change(jane, item, assigneeId=john.user_id, watcherIds=[john.user_id], status="in-progress")
    after()
    assert [kind for kind, _ in titles(john)] == ["assigned"]


def test_a_resolution_is_told_once(jane: Tenant, database: Database, after: After) -> None:
    shipped = {"label": "Shipped", "category": "resolved"}
    silent = {"label": "Merged away", "category": "resolved", "visibleToCustomers": False}
    jane.patch(f"/projects/{jane.project_id}", {"statuses": [shipped, silent]})
    item = jane.new_feedback(userEmail=SAM)
    for status in ("shipped", "resolved", "resolved", "shipped"):
        change(jane, item, status=status)
    after()
    told = [("resolved", "Your feedback #1: Shipped")]
    assert mails_to(database, jane, SAM) == told
    change(jane, item, status="reopened")
    change(jane, item, status="resolved")
    after()
    assert mails_to(database, jane, SAM) == [*told, ("resolved", "Your feedback #1: Resolved")]
    hidden = jane.new_feedback(userEmail="ann@example.org")
    change(jane, hidden, status="merged-away")
    after()
    assert mails_to(database, jane, "ann@example.org") == []


@pytest.mark.parametrize("is_assigned", [True, False])
def test_deadlines(
    jane: Tenant, john: Tenant, tenant: Tenants, clock: Clock, database: Database, *, is_assigned: bool
) -> None:
    """For those who look after the item; where nobody does, for owners and admins."""
    viewer = tenant.colleague(jane, "viewer")
    jane.patch(f"/projects/{jane.project_id}", {"slaRules": [{"priority": "high", "hours": 4}]})
    item = jane.new_feedback(priority="high")
    if is_assigned:
        change(jane, item, assigneeId=jane.user_id)
    clock.advance(hours=3, minutes=30)
    settle(database, "feedback.check_deadlines")
    clock.advance(hours=1)
    settle(database, "feedback.check_deadlines")
    told = [("sla_warning", "Feedback #1 is due soon"), ("sla_breached", "Feedback #1 is overdue")]
    assert titles(jane) == told
    assert titles(john) == ([] if is_assigned else told)
    assert mails_to(database, jane, viewer.email) == []


def test_an_endpoint_that_is_switched_off(
    jane: Tenant, john: Tenant, tenant: Tenants, database: Database, after: After
) -> None:
    member = tenant.colleague(jane, "member")
    event = EndpointDisabled(
        id="whe_1", project_id=None, url="https://example.com/x", reason="failing", failing_since="x", disabled_at="x"
    )

    def unit(tx: Transaction) -> None:
        emit(tx, jane.workspace_id, event)

    database.write(unit)
    after()
    told = ("webhook_trouble", "A webhook endpoint was switched off after five days of failures: https://example.com/x")
    for person in (jane, john):
        assert titles(person) == [told]
        assert mails_to(database, jane, person.email) == [told]
    assert mails_to(database, jane, member.email) == []


def test_what_is_gone_tells_nobody(jane: Tenant, john: Tenant, database: Database, after: After) -> None:
    """An item that was removed takes along what was to be told of it; a member who left hears no more."""
    item, kept = jane.new_feedback(userEmail=SAM), jane.new_feedback()
    change(jane, kept, watcherIds=[john.user_id])
    note(jane, item, mentions=[john.user_id])
    comment(jane, item)
    after()
    assert len(heard(john)) == 1
    jane.delete(f"/feedback/{item['id']}")
    after()
    assert heard(john) == written(database, jane) == []


def test_who_is_forgotten_is_in_no_outbox(jane: Tenant, database: Database, after: After) -> None:
    item = jane.new_feedback(userEmail=SAM)
    comment(jane, item)
    after()
    assert mails_to(database, jane, SAM) != []
    jane.delete(f"/customers/{item['customerId']}")
    settle(database, FORGET)
    assert written(database, jane) == []


def test_a_first_answer_that_is_late(jane: Tenant, clock: Clock, database: Database) -> None:
    rules = [{"priority": "high", "hours": 40, "firstResponseHours": 1}]
    jane.patch(f"/projects/{jane.project_id}", {"slaRules": rules})
    jane.new_feedback(priority="high")
    clock.advance(hours=1, minutes=2)
    settle(database, "feedback.check_deadlines")
    assert titles(jane) == [("sla_breached", "Feedback #1 still waits for its first answer")]
