"""The server's processes: one that does everything on SQLite; as many as wanted on PostgreSQL."""

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import uvloop
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer
from granian.server.embed import Server

from userhero import __version__
from userhero.kernel import log
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.db import Database
from userhero.kernel.http.metrics import SHARED
from userhero.kernel.instance import held, make_directory, open_database
from userhero.records import redo_erasures
from userhero.server import setup_link
from userhero.server.application import Application, create_application

GRACE_SECONDS = 30
Announce = Callable[[str], None]

_HTTP: dict[str, Any] = {
    "http": HTTPModes.http1,
    "http1_settings": HTTP1Settings(header_read_timeout=20_000),
    "websockets": False,
    "backlog": 1024,
    # Its loggers write what goes wrong, through ours; that it listens and stops we say ourselves.
    "log_level": LogLevels.error,
    "log_dictconfig": {"formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}}},
}

_logger = log.get("server")


def run_server(settings: Settings, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT; requests under way then have 30 seconds to finish.

    ``announce`` is given the set-up link where there are no users yet. Raises ConfigurationError where the port is
    taken, another server runs on the data directory, or the database can't be opened.
    """
    address, _ = _place(settings)
    if settings.database is not None:
        _serve_with_workers(settings, address, announce)
        return
    make_directory(settings.data)
    with held(settings.data, "start another"):
        application = create_application(settings)
        redo_erasures(application.database)
        _offer_setup(application.database, settings, announce)
        uvloop.run(_serve_here(application, settings, address))


def configure_log(settings: Settings) -> None:
    """Log as the settings say, to standard error."""
    readable = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    log.configure(settings.log_level, readable=readable)


async def _serve_here(application: Application, settings: Settings, address: str) -> None:
    server = Server(application, address=address, port=settings.port, interface=Interfaces.ASGINL, **_HTTP)
    serving = asyncio.ensure_future(server.serve())
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if server.interrupt_signal:
            serving.cancel()
        _logger.info("stopping")
        server.stop()  # type: ignore[no-untyped-call]
        loop.call_later(GRACE_SECONDS, serving.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    server.on_startup(partial(_say_listening, settings))
    application.start()
    try:
        await serving
    except asyncio.CancelledError:
        _logger.warning("requests still under way were cut off")
    finally:
        application.close()


def _serve_with_workers(settings: Settings, address: str, announce: Announce) -> None:
    # Here rather than in the workers: once, and where an error reaches the operator.
    database = open_database(settings)
    redo_erasures(database)
    _offer_setup(database, settings, announce)
    database.close()
    # Workers start from nothing: what a fork would copy (locks, pools, counters) belongs to one process.
    multiprocessing.set_start_method("spawn", force=True)
    server = MPServer(
        "userhero",
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        **_HTTP,
    )
    server.on_startup(partial(_say_listening, settings))
    with tempfile.TemporaryDirectory(prefix="userhero-metrics-") as folder:
        os.environ[SHARED] = folder
        server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings) -> Application:
    """A worker's application."""
    configure_log(settings)
    return create_application(settings)


def _offer_setup(database: Database, settings: Settings, announce: Announce) -> None:
    link = setup_link.offer(database, settings.base_url)
    if link is not None:
        announce(link)


def _say_listening(settings: Settings) -> None:
    engine = "sqlite" if settings.database is None else "postgresql"
    _logger.info("listening", url=settings.base_url, database=engine, workers=settings.workers, version=__version__)


def settle_port(settings: Settings) -> Settings:
    """The settings with a free port where they ask for any. Raises ConfigurationError where the port is taken."""
    return msgspec.structs.replace(settings, port=_place(settings)[1])


def _place(settings: Settings) -> tuple[str, int]:
    """The address that the host stands for, and the port or a free one for 0.

    Asked for without SO_REUSEPORT, which the server itself uses: with it two servers would share the port unnoticed.
    """
    host, port = settings.host, settings.port
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            address, found = probe.getsockname()[:2]
    except OSError as error:
        raise ConfigurationError(f"can't listen on {host} port {port}: {error.strerror or error}") from None
    return str(address), int(found)
