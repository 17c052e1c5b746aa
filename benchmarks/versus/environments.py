"""Virtual environments of the others, from locks with hashes; kept in ``benchmarks/.cache`` under the lock's digest."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.dataset import CACHE
from benchmarks.machine import ROOT

HERE = Path(__file__).resolve().parent
KEPT = CACHE / "versus"


def digest(*files: Path) -> str:
    """Changes whenever one of the files does."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def programs(name: str) -> Path:
    """The folder with the Python of one of them, and its other programs; installs them where they are missing.

    Raises CalledProcessError where that fails.
    """
    lock = HERE / f"requirements-{name}.lock"
    folder = KEPT / f"venv-{name}-{digest(lock)}"
    if not (folder / "complete").exists():
        for outdated in KEPT.glob(f"venv-{name}-*"):
            shutil.rmtree(outdated)
        KEPT.mkdir(parents=True, exist_ok=True)
        print(f"  Installing {name}", file=sys.stderr, flush=True)
        subprocess.run([ROOT / "tools" / "make-venv", sys.executable, folder], check=True)
        pip: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "--quiet",
        ]
        subprocess.run([*pip, "install", "--require-hashes", "-r", lock], check=True)
        (folder / "complete").touch()
    return folder / "bin"


def versions(name: str, *packages: str) -> dict[str, str]:
    """The releases of these packages that are installed for one of them."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    said = subprocess.run(
        [programs(name) / "python", "-c", code, *packages], check=True, capture_output=True, text=True
    ).stdout
    return dict(zip(packages, said.split(), strict=True))
