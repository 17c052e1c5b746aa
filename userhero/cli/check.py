"""``userhero check``: whether this installation is sound."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import msgspec
import psycopg
import pysqlite3

from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.db import Database, schema
from userhero.kernel.db.dump import find_damage
from userhero.kernel.db.sqlite import is_safe
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.instance import DATABASE_FILE, SECRET_FILE, check_keys, connect
from userhero.kernel.jobs import list_jobs
from userhero.kernel.mail import open_mailer
from userhero.kernel.mail.imap import FolderTrouble, open_folder
from userhero.kernel.mail.ways_in import read_ways_in

_OLDEST_POSTGRESQL, _MAILBOX_SECONDS = 150_000, 60.0


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    name: str
    ok: bool
    detail: str


@command("check")
@click.option("--mail", "with_mail", is_flag=True, help="Also sign in to the mail servers; nothing is sent.")
def check(settings: Settings, output: Output, *, with_mail: bool) -> None:
    """Check configuration, database and data; exit with 1 where something is wrong. Nothing is changed.

    Reads the whole SQLite database, which takes a while for a big one.
    """
    checks = _CHECKS | ({"mail server": _mail_server, "mailbox": _mailbox} if with_mail else {})
    findings = [_found(name, look, settings) for name, look in checks.items()]
    if output.as_json:
        output.result({"ok": all(finding.ok for finding in findings), "checks": findings})
    for finding in findings if not output.as_json else ():
        click.echo(f"{'ok     ' if finding.ok else 'WRONG  '} {finding.name}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        click.get_current_context().exit(1)


def _found(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, look(settings))
    except (ConfigurationError, ServiceUnavailable, psycopg.Error, OSError) as error:
        return Finding(name, False, str(error))


def _files(settings: Settings) -> str:
    if not settings.data.is_dir():
        raise ConfigurationError(f"{settings.data} does not exist")
    for name in (DATABASE_FILE, SECRET_FILE):
        file = settings.data / name
        if file.exists() and file.stat().st_mode & 0o077:
            raise ConfigurationError(f"{file} can be read by others: chmod 600 it")
    return f"{settings.data}, for this user alone"


def _engine(settings: Settings) -> str:
    if settings.database is None:
        if not is_safe(pysqlite3.sqlite_version):
            raise ConfigurationError(f"SQLite {pysqlite3.sqlite_version} can damage its file: upgrade it")
        return f"SQLite {pysqlite3.sqlite_version}"
    with psycopg.connect(settings.database, connect_timeout=10) as connection:
        version = connection.info.server_version
    if version < _OLDEST_POSTGRESQL:
        raise ConfigurationError(f"PostgreSQL {version // 10_000} is too old: 15 or later is needed")
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"


def _schema(settings: Settings) -> str:
    if schema.current(settings.address) is None:
        raise ConfigurationError("there is no database yet: userhero serve or userhero migrate makes it")
    if not schema.is_current(settings.address):
        raise ConfigurationError(f"at {schema.current(settings.address)}, this release needs {schema.head()}: migrate")
    return schema.head()


def _integrity(settings: Settings) -> str:
    if settings.database is not None:
        return "left to PostgreSQL (see pg_amcheck)"
    path = settings.data / DATABASE_FILE
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist")
    damage = find_damage(path)
    if damage is not None:
        raise ConfigurationError(f"{damage}: restore a backup")
    return "every page, index and foreign key is sound"


def _secret(settings: Settings) -> str:
    _schema(settings)
    with _connected(settings) as database:
        check_keys(database)
    return "is the one that the database was first used with"


def _jobs(settings: Settings) -> str:
    _schema(settings)
    with _connected(settings) as database:
        found = database.read(list_jobs)
    failed = sum(job.failed_at is not None for job in found)
    return f"{len(found) - failed} waiting, {failed} failed for good"


def _mail(settings: Settings) -> str:
    mailer = open_mailer(settings)
    if mailer.server is None or mailer.sender is None:
        return "goes nowhere: USERHERO_SMTP_URL names no server"
    return f"from {mailer.sender.address} through {mailer.server}"


def _mail_server(settings: Settings) -> str:
    open_mailer(settings).try_sign_in()
    return "takes mail from here"


def _answers(settings: Settings) -> str:
    ways = read_ways_in(settings)
    if ways.domain is None:
        return "are not taken: USERHERO_REPLY_DOMAIN names no domain"
    places = [f"over {ways.listening.language.upper()} on port {ways.listening.port}"] if ways.listening else []
    places += [f"from {ways.imap}"] if ways.imap else []
    return f"to {ways.domain}, {' and '.join(places) or 'taken by no process with these settings'}"


def _mailbox(settings: Settings) -> str:
    account = read_ways_in(settings).imap
    if account is None:
        return "is not set up"
    try:
        with open_folder(account, _MAILBOX_SECONDS) as folder:
            return f"has {len(folder.unread())} unread"
    except FolderTrouble as trouble:
        raise ConfigurationError(str(trouble)) from None


@contextmanager
def _connected(settings: Settings) -> Iterator[Database]:
    database = connect(settings)
    try:
        yield database
    finally:
        database.close()


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "files": _files,
    "engine": _engine,
    "schema": _schema,
    "integrity": _integrity,
    "secret key": _secret,
    "background work": _jobs,
    "mail": _mail,
    "answers by mail": _answers,
}
