"""Every setting: its type, its default and what it does. Nothing else in the program reads the environment.

A setting is given as an environment variable (``USERHERO_PORT=8080``) or as an option of the command (``--port 8080``),
which wins. ``docs/operate/settings.md`` is the same list for operators; a test compares the two.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
import msgspec.inspect
from msgspec import Meta

PREFIX = "USERHERO_"
SECRET = frozenset({"secret_key", "smtp_url", "imap_url", "storage_secret"})
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (compared with, not bound to)


class ConfigurationError(Exception):
    """A setting breaks a rule, or what it points at can't be used. The message names both, for the operator."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process."""

    data: Annotated[Path, Meta(description="Directory for the SQLite database, uploaded files and the secret key.")] = (
        Path("userhero-data")
    )
    database: (
        Annotated[
            str,
            Meta(description="PostgreSQL URL (`postgresql://user:password@host/name`). Without one, SQLite in `data`."),
        ]
        | None
    ) = None
    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one, which the log then names.")
    ] = 8000
    workers: Annotated[int, Meta(ge=1, le=256, description="Server processes. More than 1 needs PostgreSQL.")] = 1
    rate_limit: Annotated[
        int, Meta(ge=1, le=1_000_000, description="API requests that one key may make in any 60 seconds.")
    ] = 100
    public_url: (
        Annotated[
            str, Meta(description="Address under which people reach this server. Without one, made from host and port.")
        ]
        | None
    ) = None
    secret_key: (
        Annotated[
            str,
            Meta(
                min_length=32,
                description="Key to seal secrets and sign cursors with, at least 32 characters, the same on each node. "
                "Without one, made at the first start and kept in `data` as `secret.key`.",
            ),
        ]
        | None
    ) = None
    storage: (
        Annotated[
            str,
            Meta(
                description="Where uploaded files are kept: `s3://bucket/prefix?endpoint=https://…&region=…`. "
                "Without one, the directory `media` in `data`."
            ),
        ]
        | None
    ) = None
    storage_key_id: Annotated[str, Meta(description="Access key ID for `storage`.")] | None = None
    storage_secret: Annotated[str, Meta(description="Secret access key for `storage`.")] | None = None
    media_origin: (
        Annotated[
            str,
            Meta(
                description="Address of another host under which uploaded files are served, such as "
                "`https://media.example.com`. Without one, `public_url`."
            ),
        ]
        | None
    ) = None
    smtp_url: (
        Annotated[
            str,
            Meta(
                description="Server that takes mail: `smtp://user:password@host:587` (STARTTLS), or `smtps://` (TLS). "
                "`?tls=off` after `smtp://` sends in the clear, as to this machine. Without one, mail waits."
            ),
        ]
        | None
    ) = None
    mail_from: (
        Annotated[str, Meta(description="Sender of mail, such as `Acme <feedback@example.com>`. Goes with `smtp_url`.")]
        | None
    ) = None
    reply_domain: (
        Annotated[
            str,
            Meta(
                description="Domain of the addresses under which mail can be answered, such as `reply.example.com`. "
                "Without one, answers by mail are not taken."
            ),
        ]
        | None
    ) = None
    mail_listen: (
        Annotated[
            str,
            Meta(
                description="Address to take mail on: `lmtp://127.0.0.1:2424` for a mail server before it, or "
                "`smtp://0.0.0.0:25`. Goes with `reply_domain`."
            ),
        ]
        | None
    ) = None
    imap_url: (
        Annotated[
            str,
            Meta(
                description="Mailbox to fetch mail from every minute: `imaps://user:password@host/folder`; without a "
                "folder, `INBOX`. Goes with `reply_domain`."
            ),
        ]
        | None
    ) = None
    outbound_allow: (
        Annotated[
            str,
            Meta(
                description="Networks that requests to other servers may go to beside public addresses, such as "
                "`10.1.0.0/16,fd12:3456::/32`."
            ),
        ]
        | None
    ) = None
    trusted_proxies: (
        Annotated[
            str,
            Meta(
                description="Networks of the proxies before this server, such as `127.0.0.1/32,10.1.0.0/16`: from "
                "these, `X-Forwarded-For` tells where a request came from."
            ),
        ]
        | None
    ) = None
    audit_address: Annotated[
        Literal["full", "network", "none"],
        Meta(description="What the audit log keeps of IP addresses; `network` is the first 24 bits, or 48 of IPv6."),
    ] = "full"
    audit_days: Annotated[int, Meta(ge=1, le=3650, description="Days for which the audit log is kept.")] = 365
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="What to log: this and worse.")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Meta(description="`json` is one object a line; `text` is for people; `auto` is `text` on a terminal."),
    ] = "auto"
    pool_size: Annotated[
        int, Meta(ge=1, le=1000, description="PostgreSQL connections that one process keeps at the most.")
    ] = 10

    @property
    def address(self) -> str:
        """Where the database is: a PostgreSQL URL, or the path of the SQLite file."""
        return self.database or str(self.data / "userhero.db")

    @property
    def base_url(self) -> str:
        """The address to show to people, without a slash at its end."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class Setting(NamedTuple):
    """One setting, described. ``default`` is None where there is none, or where it is worked out."""

    name: str
    kind: str
    default: str | None
    help: str

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    @property
    def option(self) -> str | None:
        """The option on the command line; none for secrets, which other users of the machine could read there."""
        return None if self.name in SECRET else "--" + self.name.replace("_", "-")


def load(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings from the environment, with ``overrides`` by name on top; None and empty text are no value.

    Raises ConfigurationError that names the variable and the rule, also for an unknown ``USERHERO_`` variable.
    """
    given: dict[str, Any] = {}
    for variable, value in environ.items():
        if variable.startswith(PREFIX):
            given[_by_variable(variable).name] = value
    given |= {name: value for name, value in (overrides or {}).items() if value is not None}
    given = {name: value for name, value in given.items() if value != ""}
    for setting in SETTINGS:
        if setting.name in given:
            _check(setting, given[setting.name])
    settings = msgspec.convert(given, Settings, strict=False, dec_hook=_read_path)
    if settings.workers > 1 and settings.database is None:
        raise _broken("workers", "more than one server process needs PostgreSQL (--database postgresql://…)")
    return settings


def _check(setting: Setting, value: Any) -> None:
    """Each by itself, so that an error can name what to change."""
    try:
        msgspec.convert({setting.name: value}, Settings, strict=False, dec_hook=_read_path)
    except msgspec.ValidationError:
        rule = "must have at least 32 characters" if setting.name == "secret_key" else f"must be {setting.kind}"
        raise _broken(setting.name, rule) from None
    if setting.name == "database" and not is_postgresql(value):
        raise _broken("database", "must start with postgresql:// (without it, SQLite in `data` is used)")
    if setting.name == "storage" and not (value.startswith("s3://") and urlsplit(value).hostname):
        raise _broken("storage", "must look like s3://bucket/prefix (without it, a directory in `data` is used)")
    if setting.name in ("public_url", "media_origin"):
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.netloc or url.query or url.fragment:
            raise _broken(setting.name, "must be an absolute http or https address")
        if setting.name == "media_origin" and url.path.strip("/"):
            raise _broken("media_origin", "must be a scheme and a host, without a path")


def is_postgresql(address: str) -> bool:
    """True for a PostgreSQL URL, False for the path of a SQLite file."""
    return address.startswith(("postgresql://", "postgres://"))


def _broken(name: str, rule: str) -> ConfigurationError:
    setting = _BY_NAME[name]
    named = setting.variable if setting.option is None else f"{setting.option} ({setting.variable})"
    return ConfigurationError(f"{named}: {rule}")


def _by_variable(variable: str) -> Setting:
    for setting in SETTINGS:
        if setting.variable == variable:
            return setting
    nearest = difflib.get_close_matches(variable, [setting.variable for setting in SETTINGS], n=1, cutoff=0)
    raise ConfigurationError(f"{variable}: there is no such setting; did you mean {nearest[0]}?")


def _read_path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _described(field: msgspec.inspect.Field) -> Setting:
    kinds = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
    described = next(kind for kind in kinds if isinstance(kind, msgspec.inspect.Metadata))
    schema = described.extra_json_schema or {}
    default = None if field.default in (None, msgspec.NODEFAULT) else str(field.default)
    return Setting(field.name, _worded(described.type), default, schema["description"])


def _worded(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.LiteralType(values=values):
            return "one of " + ", ".join(map(str, values))
        case msgspec.inspect.IntType(ge=least, le=most):
            return f"a number from {least} to {most}"
        case msgspec.inspect.CustomType():
            return "a path"
        case _:
            return "text"


def _fields() -> tuple[msgspec.inspect.Field, ...]:
    kind = msgspec.inspect.type_info(Settings)
    assert isinstance(kind, msgspec.inspect.StructType)
    return kind.fields


SETTINGS = tuple(_described(field) for field in _fields())
_BY_NAME = {setting.name: setting for setting in SETTINGS}
