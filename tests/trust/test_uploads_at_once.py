"""Large uploads at the same time go to the disk piece by piece: memory does not grow with them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.media.samples import mp4, padded, upload
from tests.support.live import LiveServer
from tests.support.measuring import Measured

MIB = 1024 * 1024
MOST, LIMIT = 64 * MIB, 50 * MIB


def processes(group: int) -> list[Path]:
    """What the server's processes are in /proc."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text("utf-8").rpartition(")")[2].split()[2]) == group:
                found.append(status.parent)
    return found


def memory(server: LiveServer, line: str) -> int:
    """What all of its processes have of a kind of memory (a line of ``/proc/…/status``), in bytes."""
    texts = [(place / "status").read_text("utf-8") for place in processes(os.getpgid(server.process.pid))]
    return sum(int(text.partition(f"{line}:")[2].split()[0]) * 1024 for text in texts)


@pytest.mark.case("UP-02")
@pytest.mark.figure(no="H11")
def test_uploads_at_once_take_little_memory(serve: Callable[..., LiveServer], long: bool, measured: Measured) -> None:
    count, size = (20, LIMIT) if long else (4, LIMIT)
    server = serve(env={"USERHERO_RATE_LIMIT": "1000000"})
    caller, film = server.tenant(), padded(mp4(), size)
    # What is loaded with the first one stays.
    assert upload(caller, film, declared="video/mp4").data["size"] == size
    for place in processes(os.getpgid(server.process.pid)):
        (place / "clear_refs").write_text("5", "ascii")
    before = memory(server, "VmRSS")
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda _: upload(caller, film, declared="video/mp4"), range(count)))
    assert {answer.data["size"] for answer in answers} == {size}
    grown = memory(server, "VmHWM") - before
    assert grown <= MOST, f"{count} uploads took {grown / MIB:.0f} MiB"
    said = f"{count} uploads of {size // MIB} MiB at once took {max(grown, 0) / MIB:.0f} MiB at the peak"
    measured(attempts=count, found=said)
