"""Programs that tests start: ended by their own id, with what they said kept for whoever asks."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PAUSE = 0.02
# For a start that takes a second by itself, on a machine that runs a dozen others.
READY_SECONDS = 120.0
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_libc = ctypes.CDLL(None)


def _end_with_the_run() -> None:
    """A test run that is killed can't clean up: the system then ends what it started."""
    if sys.platform == "linux":
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


class Process:
    """A program in the background; its output goes to ``log``."""

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        user: int | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as stream:
            # A process group of its own: a signal to the test run is for the run to pass on.
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=None if env is None else dict(env),
                user=user,
                cwd=cwd,
                extra_groups=None if user is None else [],
                start_new_session=True,
                preexec_fn=_end_with_the_run,  # noqa: PLW1509  (one system call, and no lock that a thread may hold)
            )

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs; minus the signal's number where one ended it."""
        return self._process.poll()

    def output(self) -> str:
        """Everything it has said so far."""
        return self.log.read_text("utf-8", "replace")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = READY_SECONDS) -> None:
        """Return once ``ready`` says so.

        Raises RuntimeError, with the log, where the program ends or time is up; then it does not run any more.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self.is_over(PAUSE) or time.monotonic() > deadline:
                state = "is not ready" if self.code is None else f"ended with {self.code}"
                self.kill()
                raise RuntimeError(f"{self._process.args!r} {state}:\n{self.output()}")

    def is_over(self, seconds: float) -> bool:
        """Wait at most so long for the end; True where it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        if self.code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.code is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 30) -> int:
        """End it with a signal and return its exit code; raises RuntimeError, with the log, where it won't end."""
        self.send(number)
        if not self.is_over(seconds):
            self.kill()
            raise RuntimeError(f"{self._process.args!r} did not end within {seconds} s:\n{self.output()}")
        return self._process.returncode
