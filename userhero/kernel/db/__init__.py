"""The database: units of work on SQLite and on PostgreSQL, from one set of statements."""

from userhero.kernel.db.database import Database, Unit
from userhero.kernel.db.document import Document
from userhero.kernel.db.postgres import PostgresDatabase
from userhero.kernel.db.sqlite import SqliteDatabase
from userhero.kernel.db.statement import Statement, metadata
from userhero.kernel.db.transaction import Transaction, WaitedTooLong
from userhero.kernel.db.writing import Changes, insertion

__all__ = [
    "Changes",
    "Database",
    "Document",
    "PostgresDatabase",
    "SqliteDatabase",
    "Statement",
    "Transaction",
    "Unit",
    "WaitedTooLong",
    "insertion",
    "metadata",
]
