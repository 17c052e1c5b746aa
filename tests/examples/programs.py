"""Runs the reference's own examples: the snippets in ``reference/``, unchanged but for address, key and ids."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.live import LiveServer
from tests.support.tenants import Tenant

REFERENCE = Path(__file__).parent / "reference"

# The JavaScript example names `fs` without importing it, and hands a stream to the FormData of the web platform, which
# knows only text and blobs and would send the words "[object Object]". So `fs` here opens a file as a blob.
_NODE_FILES = """
import { readFileSync } from 'node:fs';
const fs = { createReadStream: (name) => new File([readFileSync(name)], name) };
"""


@dataclass(frozen=True)
class Language:
    """How programs of a language are put together and run. ``show`` prints an expression as JSON."""

    suffix: str
    command: tuple[str, ...]
    prelude: str
    show: str


LANGUAGES = {
    "python": Language("py", (sys.executable, "-W", "error"), "", "import json; print(json.dumps({}))"),
    "javascript": Language("mjs", ("node",), _NODE_FILES, "console.log(JSON.stringify({}));"),
    "curl": Language("sh", ("sh", "-eu"), "", ""),
}


def replacements(server: LiveServer, caller: Tenant, **ids: str) -> dict[str, str]:
    """What stands in the reference, and what takes its place; ``ids`` are further names and their values."""
    return {
        "https://userhero.co": server.url,
        "sk_live_your_key": caller.api_key,
        "ws_123": caller.workspace_id,
        "proj_456": caller.project_id,
        "user_abc": caller.user_id,
        **ids,
    }


def snippet(language: str, name: str, put: dict[str, str]) -> str:
    """One snippet, with everything replaced."""
    suffix = LANGUAGES[language].suffix if language in LANGUAGES else language
    text = (REFERENCE / language / f"{name}.{suffix}").read_text("utf-8")
    for what, value in put.items():
        text = text.replace(what, value)
    return text


def run(
    folder: Path, language: str, names: list[str], put: dict[str, str], *, given: str = "", show: str | None = None
) -> Any:
    """Run snippets as one program, after ``given``, which stands for what left-out snippets would have set.

    Returns what the program printed, or the value of the expression ``show``, read as JSON.
    """
    kind = LANGUAGES[language]
    parts = [snippet(language, name, put) for name in names]
    if kind.prelude or given:
        parts = [kind.prelude, parts[0], given, *parts[1:]]
    if show is not None:
        parts.append(kind.show.format(show))
    program = folder / f"program.{kind.suffix}"
    program.write_text("\n".join(parts), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [*kind.command, program.name],
        check=False,
        cwd=folder,
        env={**environment, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"{program.read_text()}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


def media(folder: Path) -> Path:
    """A folder with the files that the examples upload."""
    Image.new("RGB", (32, 20), "orange").save(folder / "screenshot.png")
    (folder / "recording.webm").write_bytes(webm_audio())
    return folder


def webm_audio() -> bytes:
    """The smallest WebM file that says it holds one Opus track."""

    def element(tag: str, content: bytes) -> bytes:
        return bytes.fromhex(tag) + (0x10000000 | len(content)).to_bytes(4, "big") + content

    header = element("1A45DFA3", element("4282", b"webm") + element("4287", b"\x04") + element("4285", b"\x02"))
    info = element("1549A966", element("2AD7B1", (1_000_000).to_bytes(3, "big")))
    track = element("D7", b"\x01") + element("73C5", b"\x01") + element("83", b"\x02") + element("86", b"A_OPUS")
    audio = element("E1", element("9F", b"\x01"))
    tracks = element("1654AE6B", element("AE", track + audio))
    block = element("A3", b"\x81\x00\x00\x80" + b"\xf8\xff\xfe")
    cluster = element("1F43B675", element("E7", b"\x00") + block)
    return header + element("18538067", info + tracks + cluster)
