"""``userhero`` as an operator runs it: a process for each command, on an installation of the test's own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Instance, Instances
from tests.support.live import clean_environment

# Words, environment and standard input to exit code, standard output and standard error.
Run = Callable[[list[str], dict[str, str], str], tuple[int, str, str]]


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Runs commands on an installation."""

    run: Run
    instance: Instance

    @property
    def place(self) -> list[str]:
        database = ["--database", self.instance.url] if self.instance.url else []
        return ["--data", str(self.instance.data), *database]

    def __call__(
        self, *words: str, code: int = 0, stdin: str = "", env: dict[str, str] | None = None, placed: bool = True
    ) -> Done:
        command = [*words, *(self.place if placed else [])]
        found, out, err = self.run(command, clean_environment() | (env or {}), stdin)
        assert found == code, f"{words}: {found}\n{out}{err}"
        assert "Traceback" not in err, err
        return Done(out, err)


@pytest.fixture(scope="session")
def run_command(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a command in a process of its own; see ``prepared``."""
    folder = tmp_path_factory.mktemp("commands")
    prepared = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.prepared"],
        cwd=pytestconfig.rootpath,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(words: list[str], env: dict[str, str], stdin: str) -> tuple[int, str, str]:
        assert prepared.stdin is not None
        assert prepared.stdout is not None
        for number, content in enumerate((stdin, "", "")):
            Path(folder, str(number)).write_text(content, "utf-8")
        asked = {"words": words, "env": env, "folder": str(folder)}
        prepared.stdin.write(json.dumps(asked) + "\n")
        prepared.stdin.flush()
        code = int(prepared.stdout.readline())
        return code, Path(folder, "1").read_text("utf-8"), Path(folder, "2").read_text("utf-8")

    yield run
    prepared.communicate(timeout=30)
    assert prepared.returncode == 0


@pytest.fixture
def userhero(run_command: Run, instances: Instances) -> CommandLine:
    """The command line on an installation that does not exist yet."""
    return CommandLine(run_command, instances.make(migrated=False))


@pytest.fixture
def elsewhere(run_command: Run, instances: Instances) -> CommandLine:
    """The command line on another one."""
    return CommandLine(run_command, instances.make(migrated=False))
