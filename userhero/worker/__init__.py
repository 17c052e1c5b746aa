"""Background work by itself, beside servers on PostgreSQL: on as many machines as wanted."""

import signal
import threading
from types import FrameType

from userhero.kernel import log
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.instance import open_database
from userhero.kernel.jobs import Runner
from userhero.kernel.mail.listener import open_listener
from userhero.notifications import MailDesk
from userhero.server import job_table

__all__ = ["work"]

_logger = log.get("worker")


def work(settings: Settings) -> None:
    """Do jobs, and take mail where the settings say so, until SIGTERM or SIGINT; then finish what is at hand.

    Raises ConfigurationError on SQLite, where the server does the jobs itself.
    """
    if settings.database is None:
        raise ConfigurationError("a worker needs PostgreSQL (--database): on SQLite the server does the jobs itself")
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    listener = open_listener(settings)
    database = open_database(settings)
    runner = Runner(database, job_table())
    runner.start()
    if listener is not None:
        listener.start(MailDesk(database))
    _logger.info("working")
    stopping.wait()
    _logger.info("stopping")
    if listener is not None:
        listener.stop()
    runner.stop()
    database.close()
