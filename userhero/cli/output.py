"""What commands print: results as JSON for people or for programs, errors in one shape."""

import click
import msgspec

from userhero.kernel.config import ConfigurationError
from userhero.kernel.errors import Problem


class Output:
    """Where a command's results go. With ``--json`` a result is one line and nothing else is printed."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, value: object) -> None:
        """What the command has to say, as JSON."""
        text = msgspec.json.encode(value)
        click.echo(text if self.as_json else msgspec.json.format(text))

    def table(self, rows: list[dict[str, object]], empty: str) -> None:
        """Rows for people, in columns; one array with ``--json``."""
        if self.as_json:
            self.result(rows)
        elif not rows:
            click.echo(empty)
        else:
            columns = [[name, *(_cell(row[name]) for row in rows)] for name in rows[0]]
            widths = [max(map(len, column)) for column in columns]
            for line in zip(*columns, strict=True):
                click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())

    def note(self, text: str) -> None:
        """Something for people, beside the result."""
        if not self.as_json:
            click.echo(text, err=True)


def _cell(value: object) -> str:
    """A value on one line, without what a terminal would obey: names are chosen by strangers."""
    if value is None:
        return "-"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(value))


def report(error: Exception, *, as_json: bool) -> int:
    """Say on standard error what went wrong; returns the exit code."""
    code, message = _worded(error)
    if as_json:
        click.echo(msgspec.json.encode({"error": {"code": code, "message": message}}), err=True)
    else:
        click.echo(f"error: {message}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"Try: {error.ctx.command_path} --help", err=True)
    return error.exit_code if isinstance(error, click.ClickException) else 1


def _worded(error: Exception) -> tuple[str, str]:
    match error:
        case click.ClickException():
            return "usage", error.format_message()
        case click.Abort():
            return "aborted", "aborted"
        case Problem():
            return error.code, error.message
        case ConfigurationError():
            return "configuration", str(error)
        case _:
            return "failed", str(error)
