"""What tests of media can ask for."""

from pathlib import Path

import pytest

from userhero.kernel.config import Settings


class Store:
    """What lies in the file store of the shared application."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> set[str]:
        """Every file, drafts included. What others left may be cleared away at any time."""
        return {str(file.relative_to(self._folder)) for file in self._folder.rglob("*") if file.is_file()}


@pytest.fixture
def store(settings: Settings) -> Store:
    """The file store of the shared application."""
    return Store(settings.data / "media")
