"""``userhero serve``, ``userhero worker``, and ``userhero openapi``."""

import click

from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings
from userhero.server import configure_log, openapi_document, route_table, run_server, settle_port
from userhero.worker import work

_LOG = ("log_level", "log_format")
_AUDIT = ("trusted_proxies", "audit_address", "audit_days")
SERVING = (
    "host",
    "port",
    "workers",
    "rate_limit",
    "public_url",
    "mail_from",
    "reply_domain",
    "mail_listen",
    "outbound_allow",
    *_AUDIT,
    "pool_size",
    *_LOG,
)


def start_server(settings: Settings, output: Output) -> None:
    """Serve until told to stop; prints the set-up link where there are no users yet. The port is settled."""
    configure_log(settings)

    def announce(link: str) -> None:
        if output.as_json:
            output.result({"setupUrl": link})
        else:
            click.echo(f"Set up this server: {link}")

    run_server(settings, announce)


@command("serve", *SERVING)
def serve(settings: Settings, output: Output) -> None:
    """Serve the API and its reference, and do background work.

    An empty data directory is fine: the database is made there. Without users it prints a link that says how to make
    the first. With --database it serves from PostgreSQL with --workers processes, and background work is for
    `userhero worker`. SIGTERM and Ctrl-C let requests under way finish.
    """
    start_server(settle_port(settings), output)


@command("worker", "mail_from", "reply_domain", "mail_listen", "outbound_allow", "audit_days", "pool_size", *_LOG)
def worker(settings: Settings, output: Output) -> None:
    """Do background work, for servers on PostgreSQL.

    Run as many as you like, on any machine: they share the work. On SQLite the server does it itself.
    """
    del output
    configure_log(settings)
    work(settings)


@command("openapi", "public_url")
def openapi(settings: Settings, output: Output) -> None:
    """Print the OpenAPI 3.1 document of the API.

    A running server has the same at /api/v1/openapi.json. With --public-url its server address is absolute.
    """
    output.result(openapi_document(settings, route_table()))
