"""``/notifications``: what the key's owner has heard, read and unread."""

from typing import Any

from tests.notifications.people import After, change, heard, note
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish, settle
from userhero.kernel import clock as product_clock
from userhero.kernel.db import Database, Transaction
from userhero.notifications.actions.mark_read import CHUNK, READ
from userhero.notifications.actions.tell import tell
from userhero.notifications.notice import Notice
from userhero.workspaces import Teammate


def unread(person: Tenant) -> int:
    count = person.get("/notifications/unread").data["unread"]
    assert count == len(heard(person, unread="true")) or count > 100
    return int(count)


def mentioned(jane: Tenant, john: Tenant, times: int, after: After) -> list[str]:
    item = jane.new_feedback()
    for number in range(times):
        note(jane, item, f"Number {number}", mentions=[john.user_id])
    after()
    return [each["id"] for each in heard(john)]


def test_a_notification_is_what_it_says(jane: Tenant, john: Tenant, after: After) -> None:
    item = jane.new_feedback()
    note(jane, item, "One\n\n<script>two</script> " + "x" * 4000, mentions=[john.user_id])
    after()
    (found,) = heard(john)
    assert found.keys() == {
        "id", "workspaceId", "kind", "feedbackId", "ticketNumber", "title", "excerpt", "readAt", "createdAt"
    }  # fmt: skip
    assert found["excerpt"].startswith("One <script>two</script> xxx")
    assert len(found["excerpt"]) == 280
    assert (found["workspaceId"], found["readAt"]) == (jane.workspace_id, None)


def test_reading_some_and_all(jane: Tenant, john: Tenant, clock: Clock, after: After) -> None:
    first, second, third = mentioned(jane, john, 3, after)
    assert unread(john) == 3
    assert john.post("/notifications/read", {"ids": [first, third, first]}).data == {"unread": 1}
    assert [each["id"] for each in heard(john, unread="true")] == [second]
    assert {each["id"]: each["readAt"] for each in heard(john, unread="false")} == {
        first: product_clock.now(), third: product_clock.now()
    }  # fmt: skip
    clock.advance(1)
    assert john.post("/notifications/read", {"ids": [first]}).data == {"unread": 1}
    assert heard(john)[0]["readAt"] < product_clock.now(), "read once is read then"
    assert john.post("/notifications/read", {"all": True}).data == {"unread": 0}
    assert unread(john) == 0


def test_they_are_ones_own(jane: Tenant, john: Tenant, tenant: Tenants, after: After) -> None:
    (found,) = mentioned(jane, john, 1, after)
    assert heard(jane) == []
    for other in (jane, tenant()):
        check_problem(other.post("/notifications/read", {"ids": [found]}), "not_found")
    check_problem(john.post("/notifications/read", {"ids": [found, "ntf_1"]}), "not_found")
    assert jane.post("/notifications/read", {"all": True}).data == {"unread": 0}
    assert unread(john) == 1
    wrong: list[dict[str, Any]] = [{}, {"all": False}, {"all": True, "ids": [found]}, {"ids": []}]
    for body in wrong:
        check_problem(john.post("/notifications/read", body), "bad_request")


def many(database: Database, person: Tenant, number: int) -> None:
    me = Teammate(person.user_id, "John", person.email, "admin")

    def unit(tx: Transaction) -> None:
        for count in range(number):
            name = f"evt_{person.user_id}_{count}"
            tell(
                tx, Notice(kind="automation", event_id=name, workspace_id=person.workspace_id, title="x", subject="x"),
                [me],
            )  # fmt: skip

    database.write(unit)


def test_reading_very_many(john: Tenant, database: Database) -> None:
    many(database, john, CHUNK + 3)
    assert john.count("/notifications", unread="true") == CHUNK + 3
    assert john.post("/notifications/read", {"all": True}).data == {"unread": 0}
    settle(database, READ)
    assert john.count("/notifications", unread="true") == 0


def test_they_are_kept_for_ninety_days(jane: Tenant, john: Tenant, clock: Clock, database: Database) -> None:
    mentioned(jane, john, 1, lambda: settle(database))
    clock.advance(days=89)
    finish(database, "notifications.purge")
    assert len(heard(john)) == 1
    clock.advance(days=2)
    finish(database, "notifications.purge")
    assert heard(john) == []


def test_who_leaves_takes_them_along(jane: Tenant, john: Tenant, tenant: Tenants, after: After) -> None:
    mentioned(jane, john, 1, after)
    change(jane, jane.new_feedback(), assigneeId=jane.user_id)
    check_problem(tenant.colleague(jane, "none").get("/notifications"), "not_found")
