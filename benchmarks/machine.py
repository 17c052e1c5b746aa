"""The machine: which core does what, what is installed, how much memory a process takes."""

import os
import platform
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pysqlite3

ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("userhero", "granian", "uvloop", "starlette", "msgspec", "sqlalchemy", "psycopg")


@dataclass(frozen=True)
class Cores:
    """The core of the server and that of the load; None where there is one core, or no ``taskset`` to keep to it."""

    server: int | None
    load: int | None

    @classmethod
    def found(cls) -> "Cores":
        """The first two cores that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2 or shutil.which("taskset") is None:
            return cls(None, None)
        return cls(usable[0], usable[1])


def pinned(command: list[str], core: int | None) -> list[str]:
    """The command, kept to one core."""
    return command if core is None else ["taskset", "--cpu-list", str(core), *command]


def require_programs() -> None:
    """Install what the measurements drive, where it is missing. Raises SystemExit, with the reason, where it can't."""
    done = subprocess.run([ROOT / "tools" / "system-packages", "bench"], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process that is measured: of the product's settings only those given.

    Python may keep compiled code there, as it does for an installed program.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("USERHERO_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | settings


def peak() -> float:
    """The most memory that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def process_tree(pid: int) -> Iterator[int]:
    """The process and all that it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from process_tree(int(child))


def resident(pid: int, *, peak: bool = False) -> float:
    """MiB of memory that a process and its children hold now, or held at most since ``forget_peak``."""
    field = "VmHWM" if peak else "VmRSS"
    return sum(_kibibytes(each, field) for each in process_tree(pid)) / 1024


def forget_peak(pid: int) -> None:
    """Start the peak of a process and its children anew."""
    for each in process_tree(pid):
        Path(f"/proc/{each}/clear_refs").write_text("5")


def _kibibytes(pid: int, field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def facts(postgresql: str | None) -> dict[str, str]:
    """What a reader needs to judge the figures; ``postgresql`` is the version of the server that took part."""
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    found = {
        "Processor": f"{processor[1] if processor else platform.machine()}, {os.cpu_count()} cores",
        "Memory": f"{memory:.0f} GiB",
        "System": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "SQLite": str(pysqlite3.sqlite_version),
    }
    if postgresql is not None:
        found["PostgreSQL"] = postgresql
    return found | {name: version(name) for name in _PACKAGES}
