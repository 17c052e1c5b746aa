"""What every test can ask for; the fixtures themselves are in ``tests/support``."""

import hypothesis
import pytest

# Every run tries the same examples: what passes once passes again. ``--hypothesis-profile=explore`` looks for new ones.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("suite")

pytest_plugins = (
    "tests.support.network",
    "tests.support.clock",
    "tests.support.databases",
    "tests.support.application",
    "tests.support.live",
    "tests.support.measuring",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, tests that ask for no database are left out: they have said on SQLite what they have to say."""
    if config.getoption("--database") == "postgresql":
        told = [item for item in items if "engine" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=told)
        items[:] = [item for item in items if "engine" in getattr(item, "fixturenames", ())]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``make test`` runs the suite once with each engine."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the engine to test on; for PostgreSQL a server of the run's own is started",
    )
    parser.addoption(
        "--crash-cycles",
        type=int,
        default=2,
        help="how often the test of outgoing webhooks kills the server under load (-k test_outgoing_crashes)",
    )
    parser.addoption(
        "--long",
        action="store_true",
        help="measure headline figures at full size (-m \"figure(no='H1')\" --timeout 0; make trust does so)",
    )
