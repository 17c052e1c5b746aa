"""A customer who is erased: afterwards they are nowhere, and everybody else is where they were."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media.samples import picture, upload
from tests.records.archives import exported
from tests.records.leftovers import find_left
from tests.support.clock import Clock
from tests.support.databases import Instance
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish, settle
from userhero.kernel import clock as product_clock
from userhero.kernel import ids
from userhero.kernel.db import Database
from userhero.kernel.errors import ServiceUnavailable
from userhero.records import erasing
from userhero.records.actions.erase import ERASE
from userhero.records.actions.export import REMOVE

KEYED = [("idempotency-key", "first")]


class Canary:
    """Somebody whose every word can be found again, in everything that a workspace keeps of people."""

    def __init__(self, caller: Tenant) -> None:
        mark = ids.random_base62(10).lower()
        self.caller = caller
        self.email, self.second = f"{mark}@canary.example", f"{mark}x@canary.example"
        digits = str(int.from_bytes(mark.encode()[:4], "big"))[:7].rjust(7, "2")
        self.phone = f"+4930{digits}1"
        self.name, self.message, self.said = f"Nn{mark}", f"Mm{mark}", f"Ss{mark}"
        self.file, self.secret = f"ff{mark}", f"vv{mark}"
        caller.post("/webhook-endpoints", {"url": "https://hooks.example.invalid/x", "events": ["*"]})
        profile = {"name": self.name, "primaryEmail": self.email, "emails": [self.second], "phones": [self.phone],
                   "notes": self.secret}  # fmt: skip
        self.id = caller.post("/customers", profile, headers=KEYED).data["id"]
        self.profile = profile
        self.item = self._send()
        self.other = caller.new_feedback("Somebody else's", userEmail="other@example.com")
        self._talk(self.item)
        self._talk(self.other["id"])
        workflow = caller.post("/workflows", {"projectId": caller.project_id, "name": "B", "type": "issues"}).data
        self.card = caller.post(f"/workflows/{workflow['id']}/items", {"feedbackId": self.item}).data
        self.workflow = workflow["id"]

    def _send(self) -> str:
        caller = self.caller
        screenshot = upload(caller, picture()).data["url"]
        metadata = {"name": self.name, "phone": self.phone, "any": self.secret}
        context = {"pageUrl": f"https://example.com/{self.secret}", "country": "DE"}
        made = caller.new_feedback(
            self.message, userEmail=self.email, customMetadata=metadata, context=context, screenshotUrl=screenshot
        )
        caller.patch(f"/feedback/{made['id']}", {"assigneeId": caller.user_id})
        return str(made["id"])

    def _talk(self, feedback_id: str) -> None:
        stream = io.BytesIO()
        Image.new("RGB", (3, 3)).save(stream, "PNG")
        file = upload(self.caller, stream.getvalue(), feedbackId=feedback_id, name=f"{self.file}.png").data
        said = {"authorType": "customer", "authorName": self.name, "authorEmail": self.second, "message": self.said}
        body = {**said, "attachments": [file]}
        self.caller.post(f"/feedback/{feedback_id}/comments", body, headers=[("idempotency-key", feedback_id)])
        self.caller.post(f"/feedback/{feedback_id}/comments", {"authorType": "agent", "message": "Thank you."})
        others = {"authorType": "customer", "authorName": "Other", "authorEmail": "other@example.com", "message": "Oh"}
        self.caller.post(f"/feedback/{feedback_id}/comments", others)

    @property
    def who(self) -> list[str]:
        """What says who they are."""
        return [self.email, self.second, self.phone, self.name, self.secret, self.file]

    @property
    def words(self) -> list[str]:
        """What they said."""
        return [self.message, self.said]


def erased(canary: Canary, database: Database, **wanted: Any) -> Any:
    """The erasure, done."""
    made = canary.caller.post(f"/customers/{canary.id}/erase", wanted).data
    assert (made["customerId"], made["finishedAt"]) == (canary.id, None)
    finish(database, ERASE)
    found = canary.caller.get(f"/erasures/{made['id']}").data
    assert found["status"] == "done"
    assert found["progress"]["done"] == found["progress"]["total"] > 0
    settle(database, REMOVE, "media.remove")
    return found


@pytest.mark.figure(no="H17")
@pytest.mark.case("GDPR-02")
def test_nothing_is_left(tenant: Tenants, database: Database, instance: Instance, tmp_path: Path) -> None:
    """GDPR-02, GDPR-05, IDM-28: neither in a table nor in a file, whatever had been written down about them."""
    canary = Canary(tenant())
    caller = canary.caller
    settle(database)
    archive = exported(caller, database, customerId=canary.id, includeMedia=True)
    merged = caller.post("/customers", {"primaryEmail": f"m{canary.email}", "name": canary.name}).data["id"]
    caller.new_feedback(canary.message, userEmail=f"m{canary.email}")
    caller.request("POST", f"/customers/{canary.id}/merge", json={"sourceCustomerId": merged})
    assert len({word.partition(" in ")[0] for word in find_left(instance, canary.who[:4], tmp_path)}) == 4
    before = caller.get(f"/feedback/{canary.other['id']}").data

    erased(canary, database)

    assert find_left(instance, [*canary.who, *canary.words], tmp_path) == []
    check_problem(caller.get(f"/customers/{canary.id}"), "not_found")
    check_problem(caller.get(f"/feedback/{canary.item}"), "not_found")
    assert caller.get(f"/exports/{archive['id']}").data["status"] == "expired"
    after = caller.get(f"/feedback/{canary.other['id']}").data
    assert [each["message"] for each in after["customerComments"]] == ["Thank you.", "Oh"]
    same = ("ticketNumber", "message", "userEmail", "customerId", "votes", "createdAt")
    assert [after[name] for name in same] == [before[name] for name in same]
    card = caller.get(f"/workflows/{canary.workflow}/items/{canary.card['id']}").data
    assert (card["title"], card["snapshot"], card["feedbackId"]) == ("Erased feedback", None, None)


def test_the_words_can_be_kept(tenant: Tenants, database: Database, instance: Instance, tmp_path: Path) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    settle(database)
    erased(canary, database, content="keep")
    assert find_left(instance, canary.who, tmp_path) == []
    item = caller.get(f"/feedback/{canary.item}").data
    assert (item["message"], item["ticketNumber"]) == (canary.message, 1)
    gone = ("userEmail", "userName", "userPhone", "customerId", "screenshotUrl", "customMetadata")
    assert {item[name] for name in gone} == {None}
    assert item["context"] == {}
    for feedback_id in (canary.item, canary.other["id"]):
        theirs, ours, others = caller.get(f"/feedback/{feedback_id}").data["customerComments"]
        assert (theirs["message"], theirs["authorName"], theirs["attachments"]) == (canary.said, "Removed customer", [])
        assert (ours["message"], others["authorName"]) == ("Thank you.", "Other")
    assert caller.count(search=canary.said) == 2


@pytest.mark.case("IDM-28")
@pytest.mark.parametrize("how", ["delete", "erase"])
def test_what_was_answered_is_forgotten(tenant: Tenants, database: Database, how: str) -> None:
    """IDM-28: the key stays used, so that the customer is not made again either."""
    canary = Canary(tenant())
    caller = canary.caller
    again = caller.post("/customers", canary.profile, headers=KEYED)
    assert again.header("idempotent-replayed") == "true"
    assert again.data["id"] == canary.id
    if how == "delete":
        caller.delete(f"/customers/{canary.id}")
    else:
        caller.post(f"/customers/{canary.id}/erase")
        finish(database, ERASE)
    settle(database)
    with unchanged(database, caller):
        answer = caller.post("/customers", canary.profile, headers=KEYED)
        check_problem(answer, "not_found")
    assert answer.header("idempotent-replayed") == "true"
    assert canary.name.encode() not in answer.body
    check_problem(caller.post("/customers", {"name": "Else"}, headers=KEYED), "conflict")


def test_answers_about_what_they_sent_are_forgotten(tenant: Tenants, database: Database) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    body = {"projectId": caller.project_id, "message": canary.message, "userEmail": canary.email}
    calls = [("/feedback", body, [("idempotency-key", "item")])]
    item = caller.post(*calls[0][:2], headers=calls[0][2]).data
    said = {"authorType": "customer", "authorName": canary.name, "authorEmail": canary.email, "message": canary.said}
    calls.append((f"/feedback/{item['id']}/comments", said, [("idempotency-key", "comment")]))
    for path, wanted, key in calls:
        caller.post(path, wanted, headers=key)
        assert caller.post(path, wanted, headers=key).header("idempotent-replayed") == "true"
    erased(canary, database)
    with unchanged(database, caller):
        for path, wanted, key in calls:
            check_problem(caller.post(path, wanted, headers=key), "not_found")


def test_asked_for_again_it_is_the_same(tenant: Tenants, database: Database) -> None:
    canary, other = Canary(tenant()), tenant()
    settle(database)
    with unchanged(database, canary.caller, other):
        check_problem(other.post(f"/customers/{canary.id}/erase"), "not_found")
    found = erased(canary, database)
    again = canary.caller.post(f"/customers/{canary.id}/erase")
    assert (again.status, again.data) == (201, found)
    check_problem(other.post(f"/customers/{canary.id}/erase"), "not_found")
    check_problem(other.request("GET", f"/erasures/{found['id']}"), "not_found")


@pytest.mark.case("GDPR-09")
def test_who_comes_back_is_somebody_new(tenant: Tenants, database: Database) -> None:
    """GDPR-09."""
    canary = Canary(tenant())
    caller = canary.caller
    made = caller.post(f"/customers/{canary.id}/erase").data
    new = caller.new_feedback("Hello again", userEmail=canary.email)
    assert new["customerId"] not in (canary.id, None)
    finish(database, ERASE)
    assert caller.get(f"/erasures/{made['id']}").data["status"] == "done"
    assert caller.get(f"/feedback/{new['id']}").data["userEmail"] == canary.email
    assert caller.get(f"/customers/{new['customerId']}").data["primaryEmail"] == canary.email


@pytest.mark.case("GDPR-05")
def test_others_with_a_similar_address_stay(tenant: Tenants, database: Database) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    caller.post("/customers", {"primaryEmail": f"not-{canary.email}", "name": "Not them"})
    erased(canary, database)
    shown = str(caller.get("/events", pageSize=100).json())
    assert f"not-{canary.email}" in shown
    assert f"'{canary.email}'" not in shown


@pytest.mark.case("GDPR-10")
def test_readers_of_events_go_on_from_one_that_was_erased(tenant: Tenants, database: Database) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    first = caller.get("/events", pageSize=1).json()["data"][0]
    assert first["event"] == "customer.created"
    erased(canary, database)
    later = caller.get("/events", after=first["id"], pageSize=100).json()["data"]
    assert "customer.deleted" in [event["event"] for event in later]
    assert first["id"] not in [event["id"] for event in later]


@pytest.mark.case("GDPR-03", "DUR-06")
def test_crashes_lose_nothing(
    tenant: Tenants, database: Database, instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GDPR-03: it fails at each of its units of work in turn, and is gone on with."""
    canary = Canary(tenant())
    settle(database)
    erasure_id = canary.caller.post(f"/customers/{canary.id}/erase").data["id"]
    real = database.write

    class Failing:
        """The database, which goes away once so many units were done."""

        def __init__(self, left: int) -> None:
            self.left = left

        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        def write(self, unit: Any) -> Any:
            if self.left == 0:
                raise ServiceUnavailable("gone")
            self.left -= 1
            return real(unit)

    for left in range(40):
        try:
            erasing.erase_rest(Failing(left), erasure_id)  # type: ignore[arg-type]
        except ServiceUnavailable:
            continue
    finish(database, ERASE)
    assert canary.caller.get(f"/erasures/{erasure_id}").data["status"] == "done"
    settle(database, REMOVE, "media.remove")
    assert find_left(instance, [*canary.who, *canary.words], tmp_path) == []


def test_while_others_write(tenant: Tenants, database: Database) -> None:
    canary = Canary(tenant())
    caller = canary.caller
    made: list[str] = []

    def write() -> None:
        made.extend(caller.new_feedback("Busy", userEmail="busy@example.com")["id"] for _ in range(15))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    erased(canary, database)
    for thread in threads:
        thread.join()
    assert caller.count(search="Busy") == len(made) == 45
    assert caller.get("/customers", email="busy@example.com").data["feedbackCount"] == len(made)


def test_the_evidence_goes_after_three_years(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    customer_id = caller.post("/customers", {"name": "Jane"}).data["id"]
    found = caller.post(f"/customers/{customer_id}/erase").data
    finish(database, ERASE)
    clock.advance(days=3 * 365 - 1)
    finish(database, "records.forget_evidence")
    assert caller.get(f"/erasures/{found['id']}").data["status"] == "done"
    clock.advance(days=1)
    finish(database, "records.forget_evidence")
    check_problem(caller.get(f"/erasures/{found['id']}"), "not_found")
    assert product_clock.now() > found["createdAt"]


def test_who_was_deleted_before_can_be_erased(tenant: Tenants, database: Database) -> None:
    """By their address: what they sent belongs to nobody since."""
    caller = tenant()
    item = caller.new_feedback("Old", userEmail="gone@example.com")
    caller.delete(f"/customers/{item['customerId']}")
    again = caller.post("/customers", {"primaryEmail": "gone@example.com"}).data["id"]
    caller.post(f"/customers/{again}/erase")
    finish(database, ERASE)
    check_problem(caller.get(f"/feedback/{item['id']}"), "not_found")
