"""Bringing a file in, batch by batch: each is a transaction, and what is in stays in."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, NamedTuple, get_args

import msgspec

from userhero.conversations import Channel
from userhero.feedback import ImportedMessage, ImportItem, Load, Outcome, import_items, import_messages
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import BadRequest
from userhero.projects import definitions, get_in_workspace, statuses
from userhero.records.actions.bring import begin_import, end_import
from userhero.records.imports.documents import read_documents
from userhero.records.imports.fields import Fields, read_said
from userhero.records.imports.source import Problem, Record, UnreadableFile
from userhero.records.imports.tables import read_table
from userhero.workspaces import enter, system_actor

Kind = Literal["csv", "tsv", "json"]
# Records in a unit of work: a tenth of a second, for which others who write wait.
BATCH = 250
# Problems that the report itself tells of; the log of errors has all.
TOLD = 100
_ENDINGS: dict[str, Kind] = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".ndjson": "json", ".jsonl": "json"}


class Wanted(NamedTuple):
    """What to bring from where to where. ``chosen`` are columns and their fields; ``kind`` is that of the files, by the
    ending of each where it is None. Refused records go to ``errors``, which is made where there are some.
    """

    file: Path
    workspace_id: str
    project_id: str
    chosen: tuple[tuple[str, str], ...] = ()
    kind: Kind | None = None
    comments: Path | None = None
    notes: Path | None = None
    errors: Path | None = None
    trial: bool = False


class Told(msgspec.Struct, rename="camel", frozen=True):
    """A problem as the report shows it."""

    file: str
    line: int
    field: str
    message: str


class Counts(msgspec.Struct, rename="camel"):
    """What became of the records of a file."""

    records: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


class Report(msgspec.Struct, rename="camel"):
    """What an import did, or would do. ``unmapped`` are columns that went nowhere; ``errors`` is the log, if any."""

    file: str
    trial: bool
    items: Counts
    comments: Counts
    notes: Counts
    unmapped: list[str]
    problems: list[Told]
    errors: str | None = None

    @property
    def refused(self) -> int:
        """How many records were refused in all."""
        return self.items.refused + self.comments.refused + self.notes.refused


class _Step(NamedTuple):
    """What is done with one of the files: a record is read as something, under a key, and many are brought at once."""

    file: Path
    counts: Counts
    read: Callable[[Record], tuple[str, Any]]
    bring: Callable[[Transaction, list[Any]], list[Outcome]]


def import_file(database: Database, wanted: Wanted, progress: Callable[[int], None]) -> Report:
    """Bring items in, and what was said about them; ``progress`` is told the number of records after each batch.

    Raises NotFound for an unknown workspace or project, UnreadableFile, UnknownField, and OSError. What was brought
    until then stays; brought again it is the same.
    """
    return _Import(database, wanted, progress).run()


class _Import:
    """One run."""

    def __init__(self, database: Database, wanted: Wanted, progress: Callable[[int], None]) -> None:
        self._database = database
        self._wanted = wanted
        self._progress = progress
        self._actor = system_actor(wanted.workspace_id, "Import")
        self._fields = database.read(self._known_fields)
        self._report = Report(wanted.file.name, wanted.trial, Counts(), Counts(), Counts(), [], [])
        self._log: IO[bytes] | None = None

    def run(self) -> Report:
        """See ``import_file``."""
        steps = list(self._steps())
        with ExitStack() as files:
            streams = [files.enter_context(step.file.open("rb")) for step in steps]
            self._note(begin_import, {"file": self._report.file})
            try:
                for step, stream in zip(steps, streams, strict=True):
                    self._take(step, _records(stream, self._wanted.kind or kind_of(step.file)))
            finally:
                self._report.problems.sort(key=lambda told: (told.file, told.line))
                self._report.unmapped = list(self._fields.unmapped)
                if self._log is not None:
                    self._log.close()
                counted = ("items", "comments", "notes")
                self._note(end_import, {name: msgspec.to_builtins(getattr(self._report, name)) for name in counted})
        return self._report

    def _known_fields(self, tx: Transaction) -> Fields:
        access = enter(tx, self._actor, self._wanted.workspace_id)
        project = get_in_workspace(tx, access, self._wanted.project_id)
        own = definitions(project.custom_field_definitions)
        return Fields(self._wanted.chosen, statuses(project.statuses), own)

    def _steps(self) -> Iterator[_Step]:
        wanted, report = self._wanted, self._report
        yield _Step(wanted.file, report.items, self._read_item, self._bring_items)
        if wanted.comments is not None:
            yield _Step(wanted.comments, report.comments, partial(_read_message, "comment"), self._bring_messages)
        if wanted.notes is not None:
            yield _Step(wanted.notes, report.notes, partial(_read_message, "note"), self._bring_messages)

    def _note(self, write: Callable[[Transaction, str, str, dict[str, Any]], None], told: dict[str, Any]) -> None:
        if not self._wanted.trial:
            self._database.write(lambda tx: write(tx, self._wanted.workspace_id, self._wanted.project_id, told))

    def _take(self, step: _Step, records: Iterator[Record]) -> None:
        """Bring the records of a file, batch by batch. In a batch no two have the same key."""
        batch: dict[str, tuple[Record, Any]] = {}
        for record in records:
            step.counts.records += 1
            if record.problems:
                self._refuse(step, record, record.problems)
                continue
            try:
                key, made = step.read(record)
            except BadRequest as error:
                self._refuse(step, record, [Problem(each.field, each.message) for each in error.details])
                continue
            if key in batch or len(batch) == BATCH:
                self._bring(step, batch)
                batch = {}
            batch[key] = record, made
        if batch:
            self._bring(step, batch)

    def _bring(self, step: _Step, batch: dict[str, tuple[Record, Any]]) -> None:
        brought = [made for _, made in batch.values()]
        outcomes = self._database.write(lambda tx: step.bring(tx, brought))
        for (record, _), outcome in zip(batch.values(), outcomes, strict=True):
            if outcome.kind == "refused":
                self._refuse(step, record, [Problem(each.field, each.message) for each in outcome.problems])
            else:
                setattr(step.counts, outcome.kind, getattr(step.counts, outcome.kind) + 1)
        self._progress(step.counts.records)

    def _refuse(self, step: _Step, record: Record, problems: Sequence[Problem]) -> None:
        step.counts.refused += 1
        for problem in problems:
            if len(self._report.problems) < TOLD:
                self._report.problems.append(Told(step.file.name, record.line, *problem))
        if self._log is None and self._wanted.errors is not None:
            # Nobody else may read what people wrote.
            descriptor = os.open(self._wanted.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._log = os.fdopen(descriptor, "wb")
            self._report.errors = str(self._wanted.errors)
        if self._log is not None:
            told = {"file": step.file.name, "line": record.line, "problems": [each._asdict() for each in problems]}
            self._log.write(msgspec.json.encode({**told, "record": record.raw}) + b"\n")

    def _read_item(self, record: Record) -> tuple[str, ImportItem]:
        item = self._fields.item(record.values)
        if item.external_id is None:
            # The same line with the same words is the same item when the file is brought again.
            mark = sha256(msgspec.json.encode(item)).hexdigest()[:32]
            item = msgspec.structs.replace(item, external_id=f"line {record.line} {mark}")
        return str(item.external_id), item

    def _bring_items(self, tx: Transaction, items: list[ImportItem]) -> list[Outcome]:
        return import_items(tx, [self._load(items)], trial=self._wanted.trial)

    def _bring_messages(self, tx: Transaction, messages: list[ImportedMessage]) -> list[Outcome]:
        return import_messages(tx, self._load([]), messages, trial=self._wanted.trial)

    def _load(self, items: list[ImportItem]) -> Load:
        return Load(self._actor, self._wanted.workspace_id, self._wanted.project_id, items)


def kind_of(file: Path) -> Kind:
    """What is in a file by the ending of its name. Raises UnreadableFile for an unknown one."""
    found = _ENDINGS.get(file.suffix.lower())
    if found is None:
        raise UnreadableFile(f"{file.name}: say with --format what it is, {', '.join(get_args(Kind))}")
    return found


def _records(stream: BinaryIO, kind: Kind) -> Iterator[Record]:
    if kind == "json":
        return read_documents(stream)
    return read_table(stream, delimiter="\t" if kind == "tsv" else None)


def _read_message(channel: Channel, record: Record) -> tuple[str, ImportedMessage]:
    about, message = read_said(record.values)
    return str(record.line), ImportedMessage(about, channel, message)
