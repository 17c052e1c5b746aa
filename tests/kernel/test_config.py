"""Settings come from options and variables, and a mistake in one is named."""

from pathlib import Path
from typing import Any

import pytest

from userhero.kernel.config import SECRET, SETTINGS, ConfigurationError, Settings, load


def refusal(environ: dict[str, str], overrides: dict[str, Any] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(overrides, environ)
    return str(caught.value)


def test_defaults() -> None:
    settings = load({}, {})
    assert settings == Settings()
    assert settings.address == "userhero-data/userhero.db"
    assert settings.base_url == "http://127.0.0.1:8000"


def test_variables_are_read_and_options_win() -> None:
    environ = {"USERHERO_PORT": "9000", "USERHERO_DATA": "/srv/data", "USERHERO_RATE_LIMIT": "50", "HOME": "/"}
    settings = load({"port": "9001", "rate_limit": None}, environ)
    assert (settings.port, settings.data, settings.rate_limit) == (9001, Path("/srv/data"), 50)


def test_an_empty_value_is_no_value() -> None:
    assert load({"host": ""}, {"USERHERO_DATABASE": "", "USERHERO_PORT": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("USERHERO_PROT", "USERHERO_PORT"),
        ("USERHERO_DATABASE_URL", "USERHERO_DATABASE"),
        ("USERHERO_SECRET", "USERHERO_SECRET_KEY"),
    ],
)
def test_an_unknown_variable_names_the_nearest(variable: str, nearest: str) -> None:
    assert refusal({variable: "1"}) == f"{variable}: there is no such setting; did you mean {nearest}?"


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("USERHERO_PORT", "http", "--port (USERHERO_PORT): must be a number from 0 to 65535"),
        ("USERHERO_PORT", "65536", "--port (USERHERO_PORT): must be a number from 0 to 65535"),
        ("USERHERO_WORKERS", "0", "--workers (USERHERO_WORKERS): must be a number from 1 to 256"),
        ("USERHERO_LOG_LEVEL", "loud", "must be one of debug, error, info, warning"),
        ("USERHERO_DATABASE", "mysql://db/x", "--database (USERHERO_DATABASE): must start with postgresql://"),
        ("USERHERO_PUBLIC_URL", "feedback.example.com", "must be an absolute http or https address"),
        ("USERHERO_PUBLIC_URL", "https://feedback.example.com/?a=b", "must be an absolute http or https address"),
    ],
)
def test_a_bad_value_names_setting_and_rule(variable: str, value: str, rule: str) -> None:
    assert rule in refusal({variable: value})


def test_a_secret_has_no_option_and_is_not_shown() -> None:
    assert {setting.name for setting in SETTINGS if setting.option is None} == SECRET
    assert refusal({"USERHERO_SECRET_KEY": "hunter2"}) == "USERHERO_SECRET_KEY: must have at least 32 characters"


def test_several_processes_need_postgresql() -> None:
    assert "needs PostgreSQL" in refusal({}, {"workers": "2"})
    assert load({"workers": "2", "database": "postgresql://db/x"}, {}).workers == 2


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"host": "0.0.0.0", "port": 80}, "http://127.0.0.1:80"),
        ({"host": "::", "port": 8000}, "http://[::1]:8000"),
        ({"host": "feedback.internal"}, "http://feedback.internal:8000"),
        ({"public_url": "https://feedback.example.com/"}, "https://feedback.example.com"),
    ],
)
def test_the_address_for_people(given: dict[str, Any], shown: str) -> None:
    assert load(given, {}).base_url == shown
