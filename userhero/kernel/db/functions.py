"""The few expressions that the two engines spell differently, under one name each."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement


class json_of(FunctionElement[str]):  # noqa: N801  (spelled like the SQL functions it becomes)
    """A text, number or NULL as JSON text: quoted and escaped, bare, or ``null``."""

    type = Text()
    inherit_cache = True


@compiles(json_of, "sqlite")
def _json_of_sqlite(element: json_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_quote({compiler.process(element.clauses, **kw)})"


@compiles(json_of, "postgresql")
def _json_of_postgresql(element: json_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(to_json({compiler.process(element.clauses, **kw)})::text, 'null')"


class stored(FunctionElement[str]):  # noqa: N801
    """``stored("table.column", expression)``: a generated column on SQLite, the expression itself on PostgreSQL."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: str, expression: ColumnElement[str]) -> None:
        self.column = column
        super().__init__(expression)


@compiles(stored, "sqlite")
def _stored_sqlite(element: stored, _compiler: SQLCompiler, **_kw: Any) -> str:
    return element.column


@compiles(stored, "postgresql")
def _stored_postgresql(element: stored, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


class json_array_has(FunctionElement[bool]):  # noqa: N801
    """True where a column that holds a JSON array of strings contains the given string."""

    type = Boolean()
    inherit_cache = True


@compiles(json_array_has, "sqlite")
def _array_has_sqlite(element: json_array_has, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS entry WHERE entry.value = {value})"  # noqa: S608  (compiled SQL)


@compiles(json_array_has, "postgresql")
def _array_has_postgresql(element: json_array_has, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"jsonb_exists(({column})::jsonb, {value})"


class json_member(FunctionElement[str]):  # noqa: N801
    """The text at a path of keys inside a column that holds a JSON object, or NULL. Keys are values, never SQL."""

    type = Text()
    inherit_cache = True


@compiles(json_member, "sqlite")
def _member_sqlite(element: json_member, compiler: SQLCompiler, **kw: Any) -> str:
    column, *keys = (compiler.process(clause, **kw) for clause in element.clauses)
    for key in keys:
        column = f"({column} ->> {key})"
    return column


@compiles(json_member, "postgresql")
def _member_postgresql(element: json_member, compiler: SQLCompiler, **kw: Any) -> str:
    column, *keys = (compiler.process(clause, **kw) for clause in element.clauses)
    path = ", ".join(f"({key})::text" for key in keys)
    return f"(({column})::jsonb #>> ARRAY[{path}])"
