"""``python -m tests.fuzz``: many requests made from the OpenAPI document, to a server that is started for them.

Every check and every phase of schemathesis: examples, limits of each value, random requests that follow the document
or break it, and chains of requests. Ends with what was tested and found; the exit code is 1 where something was found.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
_SHOWN = 100


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


def fuzz(url: str, tenant: Tenant, options: Sequence[str]) -> int:
    """Try every operation as the tenant and say what was found; returns 0 where that is nothing."""
    real = RealIds(tenant)

    @schemathesis.hook
    def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        # Other methods than the operation's own are tried as well, and must find nothing to remove.
        if case.method.upper() == case.operation.method.upper():
            real.put_into(case)

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
        for hook in (before_call, filter_failure):
            hooks.unregister(hook)
    return code if isinstance(code, int) else 1


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, epilog="Other options: st run -h"
    )
    parser.add_argument("--examples", type=int, default=500, help="how many random requests for each operation (500)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_known_args()


def main() -> int:
    """Start a server with data of its own, try every operation, and take everything down again."""
    chosen, others = _arguments()
    with _instance(chosen.database) as instance:
        server = LiveServer(instance, options=["--rate-limit", _UNLIMITED])
        try:
            code = fuzz(server.url, server.tenant(), ["--max-examples", str(chosen.examples), *others])
            server.stop()
        finally:
            server.process.kill()
        if code:
            lines = server.process.output().splitlines()[-_SHOWN:]
            sys.stderr.write("\n".join(["The last that the server said:", *lines, ""]))
    sys.stdout.write(f"{chosen.database}: {'something was found' if code else 'nothing was found'}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
