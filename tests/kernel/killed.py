"""``python -m tests.kernel.killed N migrate …``: the program, killed as it is about to run its Nth statement."""

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from userhero import cli

if __name__ == "__main__":
    last, statements = int(sys.argv[1]), count(1)

    @event.listens_for(Engine, "before_cursor_execute")
    def executing(*given: Any) -> None:
        """As a crash or the lack of memory would, with no warning."""
        if next(statements) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    cli.main(sys.argv[2:])
