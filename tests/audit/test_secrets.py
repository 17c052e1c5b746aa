"""No record holds a secret: neither one that the server made, nor one that somebody pasted where it does not belong."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from tests.support.acts import AUDITED
from tests.support.operations import CALLS, ROUTES, send
from tests.support.tenants import Tenants
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.actor import OPERATOR
from userhero.kernel.audit import Subject, audit_log, record
from userhero.kernel.db import Database, Statement, Transaction

_OF_SUBJECT = Statement(select(audit_log).where(audit_log.c.subject_id == bindparam("subject")))
_ALL = Statement(select(audit_log).where(audit_log.c.created_at >= bindparam("since")))
_SECRET = re.compile(r'(?:whsec_|sk_live_)[^"\\ ]+')

secrets = st.builds(
    "{}{}".format, st.sampled_from(["whsec_", "sk_live_"]), st.text("0aZ+/=-_", min_size=8, max_size=44)
)
texts = st.builds("{}{}{}".format, st.text(max_size=5), secrets, st.sampled_from(["", " ", '"', "\\", "\n", "ü"]))
words = st.one_of(texts, st.text(max_size=8), st.integers(), st.booleans(), st.none())
values = st.recursive(
    words, lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(st.text(max_size=8) | texts, below))
)


@given(values=st.dictionaries(st.text(max_size=8) | texts, values, max_size=4), name=texts)
def test_a_pasted_secret_is_masked(database: Database, values: dict[str, Any], name: str) -> None:
    subject = ids.new("proj")

    def unit(tx: Transaction) -> list[tuple[Any, ...]]:
        record(tx, OPERATOR, None, "project.created", Subject(subject, name.replace("\0", "")), after=values)
        return tx.all(_OF_SUBJECT, subject=subject)

    (row,) = database.write(unit)
    stored = "".join(map(str, row))
    assert not re.search(r"(whsec_|sk_live_)[0aZ+/=_-]", stored), stored
    json.loads(next(each for each in row if isinstance(each, str) and each.startswith("{")))


def test_what_is_named_like_a_secret_is_masked(tenant: Tenants) -> None:
    jane = tenant()
    config = {"apiKey": "hunter2", "auth": {"token": ["hunter2"], "userPassword": {"is": "hunter2"}}, "hasToken": True}
    jane.patch(f"/widgets/{jane.widget_id}", {"config": config})
    after = jane.get("/audit-log", pageSize=1).data[0]["after"]
    assert after["config"] == {
        "type": "modal", "apiKey": "…", "auth": {"token": "…", "userPassword": "…"}, "hasToken": True
    }  # fmt: skip


def test_of_addresses_of_other_servers_host_and_end_are_kept(tenant: Tenants) -> None:
    jane = tenant()
    made = jane.post("/webhook-endpoints", {"url": "https://hooks.example.com:8443/T00/B00/hunter2?key=hunter2-abcd"})
    record = jane.get("/audit-log", pageSize=1).data[0]
    assert record["after"]["url"] == record["subject"]["name"] == "https://hooks.example.com:8443/…abcd"
    jane.patch(f"/webhook-endpoints/{made.data['id']}", {"url": "https://hooks.example.com/hunter2"})
    assert jane.get("/audit-log", pageSize=1).data[0]["after"] == {"url": "https://hooks.example.com/…"}


@pytest.mark.parametrize("name", ["https://", "http:///x", "https://[x", "HTTPS://ann:hunter2@example.com/hunter2"])
def test_a_name_that_looks_like_an_address_stops_nobody(tenant: Tenants, name: str) -> None:
    jane = tenant()
    assert jane.post("/projects", {"name": name}).status == 201
    subject = jane.get("/audit-log", pageSize=1).data[0]["subject"]["name"]
    assert subject.lower().startswith("http")
    assert "hunter2" not in subject


def test_a_change_that_is_shown_alike_is_recorded(tenant: Tenants) -> None:
    """Where messages go is sealed, and shown by its end: another one may have the same end."""
    jane = tenant()
    slack = "https://hooks.slack.com/services/{}/hunter2-abcd"
    made = jane.post("/integrations", {"type": "slack", "name": "#support", "target": slack.format("T00")}).data
    for target, acts in ((slack.format("T00"), 0), (slack.format("T99"), 1), (slack.format("T99"), 1)):
        jane.patch(f"/integrations/{made['id']}", {"target": target})
        records = jane.get("/audit-log", act="integration.updated").data
        assert [each["after"] for each in records] == [{"target": "https://hooks.slack.com/…abcd"}] * acts


@pytest.mark.case("KEY-03")
def test_no_record_of_any_act_holds_a_secret(tenant: Tenants, database: Database) -> None:
    """Every act is done; whatever answers and people know of secrets is in no column of the log."""
    jane = tenant()
    since = jane.get("/audit-log", order="asc", pageSize=1).data[0]["createdAt"]
    known = {jane.api_key, "correct horse battery"}
    for name in sorted(AUDITED):
        caller = tenant()
        answer = send(caller, ROUTES[name], CALLS[name](caller), headers=[("user-agent", caller.api_key)])
        known |= {caller.api_key, *_SECRET.findall(answer.body.decode())}
    assert sum(secret.startswith("whsec_") for secret in known) == 3

    def unit(tx: Transaction) -> str:
        email = f"{ids.new('user')}@example.com"
        workspaces.create_user(tx, email=email, name="John Doe", password="correct horse battery")
        known.add(workspaces.create_key(tx, email=email, name="Test").api_key)
        return str(tx.all(_ALL, since=since))

    stored = database.write(unit)
    assert "webhook_endpoint.secret_rotated" in stored
    assert "user.created" in stored
    assert not [secret for secret in known if secret in stored]
    assert "argon2" not in stored
