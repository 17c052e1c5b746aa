"""Each house rule fails on a tree that breaks it, and a tree that keeps them all is silent."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "tools" / "check_house.py"

KEPT = {
    "userhero/__init__.py": '__version__ = "1"\n',
    "userhero/__main__.py": "from userhero.cli import main\n\nmain()\n",
    "userhero/cli.py": "from userhero.projects import api\nfrom userhero.projects.jobs import sweep\n",
    "userhero/kernel/__init__.py": "",
    "userhero/kernel/clock.py": "from datetime import UTC, datetime\n\nnow = datetime.now(UTC)\n",
    "userhero/kernel/db/units.py": "def end(connection):\n    connection.commit()\n",
    "userhero/kernel/db/migrations/env.py": "from userhero.projects.tables import projects\n",
    "userhero/kernel/db/migrations/versions/0001_first.py": "def upgrade():\n" + "    pass\n" * 400,
    "userhero/projects/__init__.py": 'from userhero.projects.queries import get\n\n__all__ = ["get"]\n',
    "userhero/projects/api.py": '@routes.get("/projects")\ndef one(tx):\n    """Return it."""\n' + "    tx()\n" * 12,
    "userhero/projects/jobs.py": "def sweep():\n    return None\n",
    "userhero/projects/queries.py": "def get():\n    return None\n",
    "userhero/projects/tables.py": "projects = 1\n",
    "userhero/media/__init__.py": 'from userhero.media.upload import upload\n\n__all__ = ["upload"]\n',
    "userhero/media/upload.py": "def upload():\n    return None\n",
    "benchmarks/.cache/others/utils.py": "def find():\n    import os\n",
    "userhero/feedback/__init__.py": "__all__ = []\n",
    "userhero/feedback/actions/submit.py": (
        "import time\n"
        "from userhero import projects\n"
        "from userhero.kernel.db import units\n"
        "from userhero.projects import get\n"
        "\n"
        "def submit():\n"
        "    emit(get(), projects.get(), units, time.monotonic())\n"
    ),
}


def check(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return subprocess.run([sys.executable, CHECK, root], check=False, capture_output=True, text=True)


def test_a_tree_that_keeps_the_rules_is_silent(tmp_path: Path) -> None:
    result = check(tmp_path, KEPT)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "text", "line", "rule"),
    [
        pytest.param("userhero/feedback/queries.py", "x = 1\n" * 301, 1, "module-length", id="long module"),
        pytest.param("tools/measure.py", "x = 1\n" * 301, 1, "module-length", id="long tool"),
        pytest.param(
            "userhero/feedback/queries.py",
            "def find():\n" + "    find()\n" * 40,
            1,
            "function-length",
            id="long function",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "class Reader:\n    async def find(self):\n" + "        find()\n" * 40,
            2,
            "function-length",
            id="long method",
        ),
        pytest.param(
            "userhero/feedback/api.py",
            '@routes.post("/feedback")\ndef create(tx):\n    """Create it."""\n' + "    tx()\n" * 13,
            2,
            "endpoint-length",
            id="long endpoint",
        ),
        pytest.param(
            "tests/feedback/test_submit.py",
            "def test_submit():\n    import json\n",
            2,
            "local-import",
            id="local import",
        ),
        pytest.param("userhero/kernel/utils.py", "", 1, "vague-name", id="vague module"),
        pytest.param("benchmarks/helpers/__init__.py", "", 1, "vague-name", id="vague package"),
        pytest.param(
            "userhero/feedback/api.py",
            "def create(tx):\n    emit(tx, 1)\n",
            2,
            "emit",
            id="event outside actions",
        ),
        pytest.param(
            "userhero/feedback/jobs.py",
            "def run(tx):\n    events.emit(tx, 1)\n",
            2,
            "emit",
            id="event by attribute",
        ),
        pytest.param(
            "userhero/feedback/actions/vote.py",
            "def vote(tx):\n    tx.commit()\n",
            2,
            "commit",
            id="commit in a slice",
        ),
        pytest.param(
            "userhero/kernel/outbound.py",
            "def send(tx):\n    tx.connection.rollback()\n",
            2,
            "commit",
            id="rollback outside db",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "import datetime\n\nnow = datetime.datetime.now()\n",
            3,
            "clock",
            id="now",
        ),
        pytest.param(
            "userhero/kernel/ids.py",
            "import time\n\nmake = time.time\n",
            3,
            "clock",
            id="time handed on",
        ),
        pytest.param("userhero/kernel/ids.py", "from time import time\n", 1, "clock", id="time imported"),
        pytest.param(
            "userhero/feedback/queries.py",
            "from userhero.projects.queries import get\n",
            1,
            "door",
            id="inner module",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "from ..projects import tables\n",
            1,
            "door",
            id="inner module, relative",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "import userhero.projects\n",
            1,
            "door",
            id="whole path",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "from userhero.projects import find\n",
            1,
            "door",
            id="name not in __all__",
        ),
        pytest.param(
            "userhero/feedback/queries.py",
            "from userhero import projects as areas\n\nareas.tables\n",
            3,
            "door",
            id="attribute not in __all__",
        ),
        pytest.param(
            "userhero/server.py",
            "from userhero.projects import queries\n",
            1,
            "door",
            id="starter past the edges",
        ),
        pytest.param(
            "userhero/customers/__init__.py",
            '__all__ = ["queries"]\n',
            1,
            "door",
            id="door that lets a module out",
        ),
    ],
)
def test_a_breach_is_named(tmp_path: Path, file: str, text: str, line: int, rule: str) -> None:
    result = check(tmp_path, KEPT | {"userhero/customers/queries.py": "", file: text})
    assert result.stdout.startswith(f"{file}:{line}: {rule}: ")
    assert result.stdout.count("\n") == 1
    assert result.returncode == 1
