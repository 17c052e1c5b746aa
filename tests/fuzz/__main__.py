"""``python -m tests.fuzz``: many requests made from the OpenAPI document, to a server that is started for them.

Every check and every phase of schemathesis: examples, limits of each value, random requests that follow the document
or break it, and chains of requests. Ends with what was tested and found; the exit code is 1 where something was found.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import schemathesis
from schemathesis import Case, HookContext, hooks
from schemathesis.cli import schemathesis as command_line
from schemathesis.core.failures import Failure

from tests.support.databases import Instance
from tests.support.described import CONFIG, RealIds, is_a_fault
from tests.support.live import LiveServer
from tests.support.postgres import Cluster, command
from tests.support.tenants import API, Tenant

# The rate limit has tests of its own.
_UNLIMITED = "1000000"
# How many of the errors that the server logged are shown.
_SHOWN = 20


@contextmanager
def _instance(engine: str) -> Iterator[Instance]:
    """An empty instance on an engine, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="userhero-fuzz-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if engine == "sqlite":
            yield Instance(data, None)
            return
        cluster = Cluster()
        try:
            command(cluster.url("postgres"), "CREATE DATABASE {} TEMPLATE template0", "fuzz")
            yield Instance(data, cluster.url("fuzz"))
        finally:
            cluster.remove()


class Tried(NamedTuple):
    """What a run did: ``code`` is not 0 where it found something."""

    code: int
    operations: int
    requests: int


def fuzz(url: str, tenant: Tenant, options: Sequence[str]) -> Tried:
    """Try every operation as the tenant, and print what was found."""
    real, answered = RealIds(tenant), Counter[str]()

    @schemathesis.hook
    def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        # Other methods than the operation's own are tried as well, and must find nothing to remove.
        if case.method.upper() == case.operation.method.upper():
            real.put_into(case)

    @schemathesis.hook
    def after_call(context: HookContext, case: Case[Any], response: schemathesis.Response) -> None:
        answered[case.operation.label] += 1

    @schemathesis.hook
    def filter_failure(
        context: HookContext, failure: Failure, case: Case[Any], response: schemathesis.Response
    ) -> bool:
        return is_a_fault(failure, response.content)

    sent = [
        "--config-file",
        str(CONFIG),
        "run",
        f"{url}{API}/openapi.json",
        "--header",
        f"Authorization: {tenant.authorization[1]}",
    ]
    code: object = None
    try:
        command_line.main([*sent, *options])
    except SystemExit as ended:
        code = ended.code
    finally:
        for hook in (before_call, after_call, filter_failure):
            hooks.unregister(hook)
    return Tried(code if isinstance(code, int) else 1, len(answered), answered.total())


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, epilog="Other options: st run -h"
    )
    parser.add_argument("--examples", type=int, default=200, help="how many random requests for each operation (200)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_known_args()


def main() -> int:
    """Start a server with data of its own, try every operation, and take everything down again."""
    chosen, others = _arguments()
    with _instance(chosen.database) as instance:
        server = LiveServer(instance, options=["--rate-limit", _UNLIMITED])
        try:
            tried = fuzz(server.url, server.tenant(), ["--max-examples", str(chosen.examples), *others])
            server.stop()
        finally:
            server.process.kill()
        errors = [line for line in server.process.output().splitlines() if '"level": "error"' in line]
    sys.stdout.write("".join(f"{line}\n" for line in errors[:_SHOWN]))
    outcome = "failures: see above" if tried.code else "no failures"
    sys.stdout.write(f"{chosen.database}: {tried.operations} operations, {tried.requests:,} requests, {outcome}\n")
    return tried.code


if __name__ == "__main__":
    sys.exit(main())
