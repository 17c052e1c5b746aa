"""The options that commands share: settings, and ``--json``."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from userhero.cli.output import Output
from userhero.kernel import log
from userhero.kernel.config import SETTINGS, Setting, load

_PLACE = ("data", "database")
Command = Callable[..., None]


def command(name: str, *more: str) -> Callable[[Command], click.Command]:
    """A click command whose function is given ``settings`` and ``output`` before its own options.

    It takes ``--data``, ``--database``, ``--json``, and an option for each setting named in ``more``.
    """
    names = (*_PLACE, *more)

    def declare(function: Command) -> click.Command:
        @wraps(function)
        def run(**given: Any) -> None:
            overrides = {setting: given.pop(setting) for setting in names}
            output = Output(as_json=given.pop("as_json"))
            # Quiet: a command's result is what it prints. Those that stay (serve, worker) set up their own log.
            log.configure("warning", readable=not output.as_json)
            function(load(overrides), output, **given)

        wrapped: Any = run
        wrapped = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, on one line.")(wrapped)
        for setting in reversed([setting for setting in SETTINGS if setting.name in names]):
            wrapped = _option(setting)(wrapped)
        return click.command(name)(wrapped)

    return declare


def _option(setting: Setting) -> Callable[[Any], Any]:
    default = f" Default: {setting.default}." if setting.default else ""
    return click.option(
        str(setting.option), setting.name, metavar=setting.name.upper(), help=setting.help.replace("`", "") + default
    )
