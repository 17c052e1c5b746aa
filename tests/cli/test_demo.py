"""The demo: a stranger pastes what it prints, and it works."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.support.live import USERHERO, Wire, clean_environment, free_port
from tests.support.processes import Process


@pytest.fixture
def demo(userhero: CommandLine, tmp_path: Path) -> Iterator[Process]:
    port = free_port()
    words = [str(USERHERO), "demo", "--serve", *userhero.place, "--port", str(port)]
    process = Process(words, tmp_path / "demo.log", env=clean_environment())

    def is_ready() -> bool:
        try:
            return Wire(port).request("GET", "/readyz").status == 200
        except OSError:
            return False

    process.wait_until(is_ready)
    yield process
    assert process.stop() == 0, process.output()


def commands_in(text: str) -> list[str]:
    """The ``curl`` lines, with their continuations."""
    return re.findall(r"^curl (?:.*\\\n)*.*$", text, re.MULTILINE)


def test_what_it_prints_works_as_it_stands(demo: Process) -> None:
    text = demo.output()
    assert "demo@example.com" in text
    assert re.search(r"password  \S{12,}", text)
    assert "Set up this server" not in text
    listing, creating = commands_in(text)
    for pasted, expected in ((listing, '"pagination"'), (creating, '"ticketNumber":61')):
        done = subprocess.run(["sh", "-c", pasted], check=False, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0
        assert expected in done.stdout


def test_it_is_worth_looking_at_and_made_once(userhero: CommandLine, tmp_path: Path) -> None:
    first = userhero("demo", "--json").json
    second = userhero("demo", "--json").json
    assert first["password"]
    assert second["password"] is None
    assert first["apiKey"] != second["apiKey"]
    assert first["workspaceId"] == second["workspaceId"]
    port = free_port()
    server = Process(
        [str(USERHERO), "serve", *userhero.place, "--port", str(port)], tmp_path / "log", env=clean_environment()
    )
    wire = Wire(port)
    server.wait_until(lambda: is_up(wire))
    query = f"workspaceId={first['workspaceId']}&pageSize=100&includeTotal=true"
    answers = [
        wire.request("GET", f"/api/v1/feedback?{query}", headers=[("authorization", f"Bearer {found['apiKey']}")])
        for found in (first, second)
    ]
    server.stop()
    items = answers[1].data
    assert answers[0].data == items
    assert len(items) == answers[1].json()["pagination"]["total"] == 60
    assert len({item["status"] for item in items}) >= 5
    assert len({item["customerId"] for item in items}) >= 15
    assert len({item["assigneeName"] for item in items}) == 4
    assert len({item["createdAt"][:10] for item in items}) >= 25
    assert [item["ticketNumber"] for item in items] == list(range(60, 0, -1))
    assert all(item["updatedAt"] >= item["createdAt"] for item in items)


def is_up(wire: Wire) -> bool:
    try:
        return wire.request("GET", "/readyz").status == 200
    except OSError:
        return False
