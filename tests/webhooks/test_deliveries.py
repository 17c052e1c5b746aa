"""``/api/hooks/{slug}``: signed deliveries become feedback, once; nothing else is let in."""

import hmac
import json
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from tests.support.work import finish
from tests.webhooks.senders import Sender, sender
from userhero.kernel.db import Database
from userhero.kernel.http.hooks import Hooks

BODY = b'{"message": "Bug report"}'


@pytest.mark.case("WHI-01")
def test_the_reference_example_works(tenant: Tenants, client: Client) -> None:
    """WHI-01."""
    caller = tenant()
    answer = sender(caller, client).send(BODY)
    assert answer.status == 201
    assert answer.json() == {"success": True, "feedbackId": answer.json()["feedbackId"]}
    item = caller.get(f"/feedback/{answer.json()['feedbackId']}").data
    assert (item["message"], item["source"], item["projectId"]) == ("Bug report", "webhook", caller.project_id)
    assert answer.header("x-request-id") is not None
    assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize("name", ["x-webhook-signature", "x-userhero-signature"])
def test_all_fields_arrive_under_either_header(tenant: Tenants, client: Client, name: str) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    payload = {
        "message": " Broken ",
        "projectId": other,
        "category": "bug",
        "metadata": {"email": "john@example.com", "plan": "pro"},
        "rating": 4.5,
        "tags": ["ci", "ci"],
        "context": {"page": "/x"},
        "unknown": "left aside",
    }
    answer = sender(caller, client).send(payload, name=name)
    item = caller.get(f"/feedback/{answer.json()['feedbackId']}").data
    assert (item["message"], item["projectId"], item["category"]) == ("Broken", other, "bug")
    assert (item["rating"], item["tags"], item["context"]) == (4.5, ["ci"], {"page": "/x"})
    assert item["customMetadata"] == payload["metadata"]
    assert item["userEmail"] == "john@example.com"
    assert "unknown" not in json.dumps(item)


@pytest.mark.case("WHI-02")
def test_one_bit_off_is_refused(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-02: of the body, the signature or the secret; nothing is stored."""
    caller = tenant()
    machine = sender(caller, client)
    signature = machine.signature(BODY)
    with unchanged(database, caller):
        for bit in range(len(BODY) * 8):
            body = bytearray(BODY)
            body[bit // 8] ^= 1 << bit % 8
            check_problem(machine.post(bytes(body), [("x-webhook-signature", signature)]), "unauthorized")
        for place in range(7, len(signature)):
            wrong = signature[:place] + ("0" if signature[place] != "0" else "1") + signature[place + 1 :]
            check_problem(machine.post(BODY, [("x-webhook-signature", wrong)]), "unauthorized")
        for place in range(len(machine.secret)):
            changed = chr(ord(machine.secret[place]) ^ 1)
            secret = machine.secret[:place] + changed + machine.secret[place + 1 :]
            wrong = Sender(client, machine.webhook_id, machine.slug, secret).signature(BODY)
            check_problem(machine.post(BODY, [("x-webhook-signature", wrong)]), "unauthorized")


@pytest.mark.case("WHI-03")
def test_malformed_signatures_are_refused(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-03: never more than a 401, whatever stands in the header."""
    caller = tenant()
    machine = sender(caller, client)
    good = machine.signature(BODY)
    values: list[str | bytes] = [
        "", "sha256=", good.removeprefix("sha256="), "sha256=" + good[7:].upper(), "SHA256=" + good[7:],
        "sha1=" + good[7:47], "sha256=" + "YWJj" * 11, f"{good},{good}", f" {good} x", "sha256=" + "ä" * 64,
        b"\xff\xfe" * 40, "a" * 10_000, good[:-1], good + "0",
    ]  # fmt: skip
    name = "x-webhook-signature"
    with unchanged(database, caller):
        for value in values:
            check_problem(machine.post(BODY, [(name, value)]), "unauthorized")
        check_problem(machine.post(BODY, []), "unauthorized")
        check_problem(machine.post(BODY, [(name, good), (name, good)]), "unauthorized")
        check_problem(machine.post(BODY, [(name, good), ("x-userhero-signature", good)]), "unauthorized")


@pytest.mark.case("WHI-08")
def test_signatures_are_compared_in_constant_time(
    tenant: Tenants, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole of what was sent against the whole of what is right, by the function that is made for it."""
    machine, compared = sender(tenant(), client), []

    def compare(right: bytes, given: bytes) -> bool:
        compared.append((len(right), given))
        return bool(original(right, given))

    original = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    wrong = "sha256=" + "0" * 64
    check_problem(machine.post(BODY, [("x-webhook-signature", wrong)]), "unauthorized")
    assert len(compared) == 1
    assert compared[0][0] == len(compared[0][1]) >= 64


@pytest.mark.case("WHI-04")
def test_other_spacing_is_another_body(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-04: the bytes are signed, not what they mean."""
    caller = tenant()
    machine = sender(caller, client)
    with unchanged(database, caller):
        proxied = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
        check_problem(machine.post(proxied, [("x-webhook-signature", machine.signature(BODY))]), "unauthorized")


@pytest.mark.case("WHI-05")
def test_the_same_body_within_a_day_is_one_item(
    tenant: Tenants, client: Client, clock: Clock, database: Database
) -> None:
    """WHI-05."""
    caller = tenant()
    machine = sender(caller, client)
    first = machine.send(BODY)
    clock.advance(hours=23, minutes=59)
    finish(database, "webhooks.purge_receipts")
    again = machine.send(BODY)
    assert (first.status, again.status) == (201, 200)
    assert again.json() == first.json()
    assert machine.send(b'{"message": "Bug report" }').status == 201
    clock.advance(hours=1)  # The application's own runner may have purged just now; it does again within the hour.
    finish(database, "webhooks.purge_receipts")
    later = machine.send(BODY)
    assert later.status == 201
    assert later.json() != first.json()
    assert caller.count() == 3


def test_at_the_same_time_too(tenant: Tenants, client: Client) -> None:
    """WHI-05: exactly once under concurrency."""
    caller = tenant()
    machine = sender(caller, client)
    headers = [("x-webhook-signature", machine.signature(BODY))]
    answers = client.together([client.prepared("POST", machine.path, headers=headers, body=BODY)] * 20)
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["feedbackId"] for answer in answers}) == 1
    assert caller.count() == 1


def test_a_refused_delivery_may_come_again(tenant: Tenants, client: Client) -> None:
    """A delivery that failed has left no mark."""
    caller = tenant()
    machine = sender(caller, client, projectId=None)
    check_problem(machine.send(BODY), "bad_request", field="projectId")
    check_problem(machine.send(BODY), "bad_request", field="projectId")
    assert machine.send({"message": "Bug report", "projectId": caller.project_id}).status == 201


@pytest.mark.case("WHI-06")
def test_standard_webhooks(tenant: Tenants, client: Client, clock: Clock, database: Database) -> None:
    """WHI-06: five minutes either way; among several signatures one is enough."""
    caller = tenant()
    machine = sender(caller, client)
    now = clock.seconds
    assert machine.standard(BODY, message_id="msg_1", at=now).status == 201
    assert machine.standard(BODY, message_id="msg_2", at=now - 300).status == 201
    assert machine.standard(BODY, message_id="msg_3", at=now + 300).status == 201
    assert machine.standard(BODY, message_id="msg_4", at=now, others="v1,AAAA v1a,xyz").status == 201
    assert caller.count() == 4
    with unchanged(database, caller):
        for at in (now - 301, now + 301, 0):
            check_problem(machine.standard(BODY, message_id="msg_5", at=at), "unauthorized")
        whole = dict(machine.standard_headers(BODY, message_id="msg_6", at=now))
        for name, good in whole.items():
            for value in (None, "", "x", "ä", "v2" + good[2:], good + "1", "9" * 5000):
                changed = [(each, text) for each, text in {**whole, name: value}.items() if text is not None]
                check_problem(machine.post(BODY, changed), "unauthorized")
        plain = [("x-webhook-signature", machine.signature(BODY)), ("webhook-signature", "v1,AAAA")]
        check_problem(machine.post(BODY, plain), "unauthorized")


@pytest.mark.case("WHI-06")
def test_the_published_vector(tenant: Tenants) -> None:
    """WHI-06: the example of the Standard Webhooks specification signs as published."""
    machine = Sender(None, "", "", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # type: ignore[arg-type]
    headers = dict(
        machine.standard_headers(b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330)
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.case("WHI-07")
def test_a_message_id_counts_once(tenant: Tenants, client: Client, clock: Clock) -> None:
    """WHI-07: with a fresh timestamp too."""
    caller = tenant()
    machine = sender(caller, client)
    first = machine.standard(BODY, message_id="msg_1", at=clock.seconds)
    clock.advance(hours=2)
    again = machine.standard(BODY, message_id="msg_1", at=clock.seconds)
    other = machine.standard(b'{"message": "Other"}', message_id="msg_1", at=clock.seconds)
    assert [first.status, again.status, other.status] == [201, 200, 200]
    assert first.json() == again.json() == other.json()
    assert caller.count() == 1


@pytest.mark.case("WHI-09")
def test_unknown_and_deleted_are_alike(tenant: Tenants, client: Client) -> None:
    """WHI-09."""
    caller = tenant()
    machine = sender(caller, client)
    assert caller.delete(f"/webhooks/{machine.webhook_id}").status == 200
    unknown = Sender(client, "", "0" * 24, machine.secret)
    errors = [check_problem(each.send(BODY), "not_found") for each in (machine, unknown)]
    assert errors[0]["message"] == errors[1]["message"]
    for path in ("/api/hooks/", "/api/hooks/a/b", "/api/hooks"):
        check_problem(client.request("POST", path, body=BODY), "not_found")
    check_problem(client.request("GET", machine.path), "method_not_allowed")


@pytest.mark.case("WHI-10")
def test_a_secret_opens_its_own_webhook_alone(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-10."""
    caller = tenant()
    one, other = sender(caller, client), sender(caller, client)
    with unchanged(database, caller):
        check_problem(Sender(client, "", other.slug, one.secret).send(BODY), "unauthorized")
        check_problem(client.request("POST", one.path, headers=[caller.authorization], body=BODY), "unauthorized")


@pytest.mark.case("WHI-11")
def test_a_project_of_somebody_else_is_unknown(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-11."""
    caller, stranger = tenant(), tenant()
    machine = sender(caller, client)
    with unchanged(database, caller, stranger):
        for project_id in (stranger.project_id, "proj_nothing"):
            check_problem(machine.send({"message": "x", "projectId": project_id}), "not_found")


@pytest.mark.case("WHI-12")
def test_a_body_over_the_limit_is_refused(tenant: Tenants, client: Client, database: Database) -> None:
    """WHI-12: whole or in pieces without a length; exactly at the limit it is read."""
    caller = tenant()
    machine = sender(caller, client)
    limit = 1024 * 1024
    fits = b'{"message": "x", "unknown": "' + b"y" * (limit - 31) + b'"}'
    assert len(fits) == limit
    with unchanged(database, caller):
        check_problem(machine.send(fits + b" "), "bad_request")
        check_problem(machine.post([b"x" * 65536] * 17, []), "bad_request")
    assert machine.send(fits).status == 201


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", None),
        (b"[]", None),
        (b"message=x", None),
        (b'{"message": "a", "message": "b"}', None),
        (b'{"message": NaN}', None),
        (b'{"message": "\xff"}', None),
        (b'{"message": "a", "metadata": ' + b'{"a":' * 70 + b"1" + b"}" * 71, None),
        (b"{}", "message"),
        (b'{"message": " "}', "message"),
        (b'{"message": 5}', "message"),
        (b'{"message": "x", "rating": 11}', "rating"),
        (b'{"message": "x", "userEmail": "nobody"}', "userEmail"),
        (b'{"message": "x", "tags": "a"}', "tags"),
        (b'{"message": "x", "category": "' + b"c" * 65 + b'"}', "category"),
        (b'{"message": "x", "context": []}', "context"),
        (b'{"message": "x", "metadata": {"a": "' + b"m" * 17000 + b'"}}', "metadata"),
        (b'{"message": "x", "metadata": {"customFields": {"cf_no": 1}}}', "metadata.customFields.cf_no"),
    ],
)
def test_bad_payloads_are_refused_after_the_signature(
    tenant: Tenants, client: Client, database: Database, body: bytes, where: str | None
) -> None:
    """Whoever can't sign learns nothing of what is wrong."""
    caller = tenant()
    machine = sender(caller, client)
    with unchanged(database, caller):
        check_problem(machine.send(body), "bad_request", field=where)
        check_problem(machine.post(body, [("x-webhook-signature", "sha256=" + "0" * 64)]), "unauthorized")


def test_the_content_type_does_not_matter_and_compression_does(tenant: Tenants, client: Client) -> None:
    """Senders can't always choose their headers."""
    machine = sender(tenant(), client)
    signed = ("x-webhook-signature", machine.signature(BODY))
    packed = [signed, ("content-encoding", "gzip")]
    check_problem(machine.post(BODY, packed), "bad_request")
    assert machine.post(BODY, [signed, ("content-type", "application/x-www-form-urlencoded")]).status == 201


def test_the_last_use_is_noted_once_a_minute(tenant: Tenants, client: Client, clock: Clock) -> None:
    caller = tenant()
    machine = sender(caller, client)

    def used() -> Any:
        return caller.get("/webhooks").data[0]["lastUsedAt"]

    assert used() is None
    machine.send({"message": "1"})
    first = clock.now()
    assert used() == first
    clock.advance(59)
    machine.send({"message": "2"})
    assert used() == first
    clock.advance(1)
    machine.send({"message": "3"})
    assert used() == clock.now()


def test_each_webhook_has_its_own_limit(tenant: Tenants, limited_client: Client, clock: Clock) -> None:
    """100 signed deliveries a minute; unsigned ones are refused without counting."""
    caller = tenant()
    one, other = sender(caller, limited_client), sender(caller, limited_client)
    for _ in range(5):
        check_problem(one.post(BODY, []), "unauthorized")
    answers = [one.send(BODY) for _ in range(101)]
    assert [answer.status for answer in answers] == [201] + [200] * 99 + [429]
    assert answers[0].header("x-ratelimit-remaining") == "99"
    check_problem(answers[-1], "rate_limited")
    assert answers[-1].number("retry-after") > 0
    assert other.send(BODY).status == 201
    clock.advance(61)
    assert one.send(BODY).status == 200


def test_deliveries_count_against_the_plan(tenant: Tenants, client: Client) -> None:
    """The monthly limit of the plan holds for every way in."""
    caller = tenant()
    machine = sender(caller, client)
    machine.send(BODY)
    assert caller.get(f"/workspace/{caller.workspace_id}/usage").data["usage"]["feedbackPerMonth"] == 1


def test_a_hook_without_a_policy_stops_the_start() -> None:
    hooks = Hooks()
    with pytest.raises(TypeError):
        hooks.post("/api/hooks/")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="policy"):
        hooks.post("/api/hooks/", policy=None)  # type: ignore[arg-type]
    assert hooks.all == []
