"""SQL that is built once and run often.

Building and compiling a Core statement costs more than running it, so a ``Statement`` compiles itself once for each
engine and is then text with named parameters. Keep them at module level, or behind ``functools.cache`` keyed by the
shape of what varies.
"""

from typing import Any, Literal, NamedTuple

from sqlalchemy import ClauseElement, MetaData
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Engine = Literal["sqlite", "postgresql"]

DIALECTS: dict[Engine, Dialect] = {
    "sqlite": pysqlite.dialect(paramstyle="named"),
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]
}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Compiled(NamedTuple):
    """One engine's text, and the values that the statement itself brings."""

    text: str
    constants: dict[str, Any]


class Statement:
    """A Core clause, compiled on first use for the engine that runs it. Values are given by name when it runs."""

    __slots__ = ("_clause", "_compiled")

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._compiled: dict[Engine, Compiled] = {}

    def compiled(self, engine: Engine) -> Compiled:
        """The text for ``engine``."""
        found = self._compiled.get(engine)
        if found is None:
            found = self._compiled[engine] = self._compile(engine)
        return found

    def _compile(self, engine: Engine) -> Compiled:
        result = self._clause.compile(dialect=DIALECTS[engine], compile_kwargs={"render_postcompile": True})
        assert isinstance(result, SQLCompiler), "statements are queries and changes"
        given = {name: value for name, value in result.params.items() if not result.binds[name].required}
        return Compiled(str(result), given)
