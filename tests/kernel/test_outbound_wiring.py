"""Jobs reach other servers through the database object, which knows the operator's networks, and in no other way."""

import ast
from pathlib import Path

import pytest

from tests.support.databases import Instances
from tests.support.web_servers import OK, answer, web_server
from userhero.kernel.config import ConfigurationError, Settings, load
from userhero.kernel.db import Database, Transaction
from userhero.kernel.instance import find_fact, open_database, set_fact
from userhero.kernel.jobs import Job, Jobs, JobTable, Runner, enqueue
from userhero.kernel.outbound import OutboundError, RefusedTarget, Request

PRODUCT = Path(__file__).parents[2] / "userhero"
# What opens connections, and who may: mail, requests, and what serves.
CLIENTS = {"httpx", "httpcore", "h11", "requests", "urllib3", "urllib.request", "http.client", "aiohttp", "niquests"}
CLIENTS |= {"ftplib", "socket", "smtplib", "telnetlib", "xmlrpc", "asyncio.streams"}
ALLOWED = {
    "kernel/outbound": {"h11", "socket"},
    "kernel/mail": {"smtplib", "socket"},
    "server/serve.py": {"socket"},
}

jobs = Jobs()


@jobs.outside("test.outbound")
def deliver(database: Database, job: Job) -> None:
    try:
        result = str(database.outbound.send(Request(url=job.payload["url"], body=b"{}")).status)
    except OutboundError as error:
        result = error.code
    database.write(lambda tx: set_fact(tx, "outbound", result))


@pytest.mark.parametrize(
    ("allow", "result"), [(None, "refused"), ("10.1.0.0/16", "refused"), ("127.0.0.0/8,::1", "200")]
)
def test_a_job_sends_where_the_setting_lets_it(instances: Instances, allow: str | None, result: str) -> None:
    instance = instances.make()
    database = open_database(Settings(data=instance.data, database=instance.url, outbound_allow=allow))
    try:
        with web_server(answer(OK)) as server:
            database.write(lambda tx: enqueue(tx, "test.outbound", {"url": server.url()}))
            assert Runner(database, JobTable([jobs])).run_due() == 1
        assert database.read(lambda tx: find_fact(tx, "outbound")) == result
    finally:
        database.close()
    assert server.connections == (result == "200")


def test_what_is_saved_is_checked_by_the_same_guard(instances: Instances) -> None:
    def save(tx: Transaction) -> None:
        set_fact(tx, "saved", "partly")
        tx.guard.check_literal("http://10.1.2.3/")
        tx.guard.check_literal("http://10.2.2.3/")

    instance = instances.make()
    database = open_database(Settings(data=instance.data, database=instance.url, outbound_allow="10.1.0.0/16"))
    try:
        database.read(lambda tx: tx.guard.check_literal("http://10.1.2.3/"))
        with pytest.raises(RefusedTarget):
            database.write(save)
        assert database.read(lambda tx: find_fact(tx, "saved")) is None
    finally:
        database.close()


def test_a_setting_that_names_no_networks_stops_the_start(instances: Instances) -> None:
    instance = instances.make()
    settings = load({"data": str(instance.data), "database": instance.url}, {"USERHERO_OUTBOUND_ALLOW": "intranet"})
    with pytest.raises(ConfigurationError, match=r"--outbound-allow \(USERHERO_OUTBOUND_ALLOW\): 'intranet' is no"):
        open_database(settings)


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in CLIENTS if any(each == name or each.startswith(f"{name}.") for each in found)}


@pytest.mark.case("SSRF-13")
def test_nothing_else_in_the_product_opens_connections() -> None:
    used: dict[str, set[str]] = {}
    for file in PRODUCT.rglob("*.py"):
        place = "/".join(file.relative_to(PRODUCT).parts[:2])
        if names := imported(file):
            used.setdefault(place, set()).update(names)
    assert used == ALLOWED
