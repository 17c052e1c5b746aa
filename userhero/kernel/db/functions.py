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
    """``stored(kept, rendered)``: what SQLite keeps in a generated column, which PostgreSQL renders on reading."""

    type = Text()
    inherit_cache = False

    def __init__(self, kept: ColumnElement[str], rendered: ColumnElement[str]) -> None:
        super().__init__(kept, rendered)


@compiles(stored, "sqlite")
def _stored_sqlite(element: stored, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.process(next(iter(element.clauses)), **kw))


@compiles(stored, "postgresql")
def _stored_postgresql(element: stored, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.process(list(element.clauses)[1], **kw))


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


class is_among(FunctionElement[bool]):  # noqa: N801
    """``is_among(column, texts)``: true where the column's text is one of a JSON array's."""

    type = Boolean()
    inherit_cache = True


@compiles(is_among, "sqlite")
def _among_sqlite(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  (compiled SQL)


@compiles(is_among, "postgresql")
def _among_postgresql(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY (ARRAY(SELECT jsonb_array_elements_text(({values})::jsonb)))"


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


class joined(FunctionElement[str]):  # noqa: N801
    """``joined(text, first, second)``: the texts of many rows with commas between them, ordered by the others; an empty
    text where there are no rows.
    """

    type = Text()
    inherit_cache = True


@compiles(joined, "sqlite")
def _joined_sqlite(element: joined, compiler: SQLCompiler, **kw: Any) -> str:
    content, *order = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"coalesce(group_concat({content}, ',' ORDER BY {', '.join(order)}), '')"


@compiles(joined, "postgresql")
def _joined_postgresql(element: joined, compiler: SQLCompiler, **kw: Any) -> str:
    content, *order = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"coalesce(string_agg({content}, ',' ORDER BY {', '.join(order)}), '')"


class text_contains(FunctionElement[bool]):  # noqa: N801
    """True where a text column contains the given text, sign by sign: nothing in it stands for anything else."""

    type = Boolean()
    inherit_cache = True


@compiles(text_contains, "sqlite")
def _contains_sqlite(element: text_contains, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr({column}, {value}) > 0)"


@compiles(text_contains, "postgresql")
def _contains_postgresql(element: text_contains, compiler: SQLCompiler, **kw: Any) -> str:
    # Spelled as LIKE, which an index of trigrams serves.
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    escaped = f"replace(replace(replace(({value})::text, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')"
    return f"({column} LIKE '%%' || {escaped} || '%%')"


class unindexed(FunctionElement[Any]):  # noqa: N801
    """A column whose indexes SQLite's planner leaves alone, where it would choose the wrong one. The column itself on
    PostgreSQL, which has statistics to choose by.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column)


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(unindexed, "postgresql")
def _unindexed_postgresql(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


class among_nulls(FunctionElement[Any]):  # noqa: N801
    """What to sort by first where a condition has left only rows whose ``column`` is NULL, and ``key`` decides.
    PostgreSQL reads an index of both in its order where both are named, SQLite where only the key is.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], key: ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column, key)


@compiles(among_nulls, "sqlite")
def _among_nulls_sqlite(element: among_nulls, compiler: SQLCompiler, **kw: Any) -> str:
    _, key = element.clauses
    return str(compiler.process(key, **kw))


@compiles(among_nulls, "postgresql")
def _among_nulls_postgresql(element: among_nulls, compiler: SQLCompiler, **kw: Any) -> str:
    column, _ = element.clauses
    return str(compiler.process(column, **kw))
