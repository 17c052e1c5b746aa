"""Kinds of columns, so that a table reads like the reference."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, FetchedValue, ForeignKey, Integer, Numeric, Text, text

# Compared byte by byte on both engines: lists come in the same order on every server, whatever its language, and
# indexes outlive an upgrade of the operating system's sort rules.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def identifier(name: str = "id") -> Column[str]:
    """The primary key: one of our ids."""
    return Column(name, TEXT, primary_key=True)


def reference(
    name: str, target: str, *, nullable: bool = False, gone: str = "CASCADE", index: bool = False
) -> Column[Any]:
    """The id of a row elsewhere. ``gone`` says what happens to this row when that one is deleted."""
    return Column(name, TEXT, ForeignKey(target, ondelete=gone), nullable=nullable, index=index)


def words(name: str, *, default: str | None = None) -> Column[str]:
    """Text that is never null."""
    return Column(name, TEXT, nullable=False, server_default=default)


def optional(name: str) -> Column[Any]:
    """Text that may be null; times are text too."""
    return Column(name, TEXT)


def json(name: str, *, default: str) -> Column[str]:
    """JSON text, never null, kept byte for byte."""
    return Column(name, TEXT, nullable=False, server_default=text(f"'{default}'"))


def time(name: str) -> Column[str]:
    """A time as ``kernel.clock`` writes it."""
    return Column(name, TEXT, nullable=False)


def flag(name: str, *, default: bool = False) -> Column[bool]:
    """A truth value."""
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def count(name: str, *, default: int = 0) -> Column[int]:
    """A whole number that starts at ``default``."""
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


def whole(name: str) -> Column[Any]:
    """A whole number that may be null."""
    return Column(name, BigInteger)


def number(name: str) -> Column[Any]:
    """A number that may be null and comes back as it went in: 5 as 5, 4.5 as 4.5."""
    return Column(name, Double().with_variant(Numeric(), "sqlite"))


def sequence(name: str) -> Column[int]:
    """A number that grows with each row, given by the database."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def given(name: str) -> Column[int]:
    """A whole number that the database puts in by itself; the migration says how."""
    return Column(name, BigInteger, nullable=False, server_default=FetchedValue())
