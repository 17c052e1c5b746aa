"""The JSON text of a resource, put together by the database in one expression that both engines understand."""

from typing import Any, Self

from sqlalchemy import ColumnElement, case, func, literal_column

from userhero.kernel.db.functions import json_of

# PostgreSQL takes at most 100 arguments to a function.
_ARGUMENTS = 90


class Document:
    """Collects the members of a JSON object, in order: ``Document().plain("id", t.c.id).end()``.

    It becomes ``concat('{"id":"', t.id, '"}')``: half the time of ``json_object`` for a feedback item
    (docs/performance.md). Keys are constants of this program.
    """

    def __init__(self) -> None:
        self._parts: list[ColumnElement[Any]] = []
        self._constant = "{"

    def plain(self, key: str, column: ColumnElement[Any]) -> Self:
        """Text that is never null and holds nothing to escape: ids, times, words of our own."""
        return self._add(key, column, quote='"')

    def value(self, key: str, column: ColumnElement[Any]) -> Self:
        """Text of any kind or a number; NULL becomes ``null``."""
        return self._add(key, json_of(column))

    def number(self, key: str, column: ColumnElement[Any]) -> Self:
        """A number that is never null."""
        return self._add(key, column)

    def flag(self, key: str, column: ColumnElement[Any]) -> Self:
        """``true`` or ``false``."""
        return self._add(key, case((column, literal_column("'true'")), else_=literal_column("'false'")))

    def json(self, key: str, column: ColumnElement[Any]) -> Self:
        """A column that holds JSON text already; NULL becomes ``null``."""
        return self._add(key, func.coalesce(column, literal_column("'null'")))

    def end(self) -> ColumnElement[str]:
        """The expression."""
        return self._concat(self._constant + "}")

    def begin(self) -> ColumnElement[str]:
        """The expression without its closing brace, for an object that goes on."""
        return self._concat(self._constant)

    def _concat(self, last: str) -> ColumnElement[str]:
        parts = [*self._parts, _quoted(last)]
        while len(parts) > _ARGUMENTS:
            parts = [func.concat(*parts[:_ARGUMENTS]), *parts[_ARGUMENTS:]]
        return func.concat(*parts)

    def _add(self, key: str, value: ColumnElement[Any], *, quote: str = "") -> Self:
        comma = "," if self._parts else ""
        self._parts += [_quoted(f'{self._constant}{comma}"{key}":{quote}'), value]
        self._constant = quote
        return self


def _quoted(text: str) -> ColumnElement[str]:
    return literal_column("'" + text.replace("'", "''") + "'")
