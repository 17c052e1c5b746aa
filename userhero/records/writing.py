"""Writing the archive of an export: by a job, outside of any transaction, a part at a time."""

import asyncio
import io
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from userhero import __version__
from userhero.customers import find_emails
from userhero.kernel import clock, ids
from userhero.kernel.db import Database
from userhero.kernel.db.extract import Range, Row
from userhero.media import ExtractedFile, read_extracted
from userhero.records.actions.export import add_part, begin, fail, go_on
from userhero.records.archive import Digesting, PartWriter
from userhero.records.catalogue import Step, steps
from userhero.records.queries import find_going
from userhero.records.rows import lines_of
from userhero.records.types import ExportRow, FileEntry, Part, Place

FOLDER = "exports"
# Rows that are read at once, and with that in memory.
PAGE = 500
# A file of rows ends after so many, or so many bytes: spreadsheets open no more, and it lies on this machine meanwhile.
MAX_ROWS, MAX_BYTES = 100_000, 64 * 1024 * 1024
# A part is put into the store after so many bytes or seconds: what a crash makes us do again, and how often the
# progress moves.
PART_BYTES, PART_SECONDS = 64 * 1024 * 1024, 10.0
# Then another job goes on, so that others get their turn.
JOB_SECONDS = 120.0

_encode = msgspec.json.Encoder().encode


def write_export(database: Database, export_id: str) -> None:
    """Write an export, as much of it as a job may; another one goes on where there is more."""
    started = clock.monotonic()
    while True:
        row = database.read(partial(find_going, export_id=export_id))
        if row is None:
            return
        wanted = _range(database, row)
        if wanted is None:
            database.write(partial(fail, export_id=export_id, problem="The customer is gone."))
            return
        if row.place is None:
            total = sum(database.read(partial(step.extract.count, wanted=wanted)) for step in steps(row))
            database.write(partial(begin, export_id=export_id, total=total))
        if _Writing(database, row, wanted).write_part():
            return
        if clock.monotonic() - started > JOB_SECONDS:
            database.write(partial(go_on, export_id=export_id))
            return


def _range(database: Database, row: ExportRow) -> Range | None:
    """What the export is of; None where its customer is gone."""
    since = clock.shift(row.created_at, days=-7)[:13]
    if row.customer_id is None:
        return Range(row.workspace_id, row.created_at, since)
    emails = database.read(partial(find_emails, workspace_id=row.workspace_id, customer_id=row.customer_id))
    return None if emails is None else Range(row.workspace_id, row.created_at, since, row.customer_id, emails)


class _Writing:
    """One part of an archive."""

    def __init__(self, database: Database, row: ExportRow, wanted: Range) -> None:
        self._database = database
        self._row = row
        self._wanted = wanted
        self._steps = steps(row)
        self._place = Place() if row.place is None else msgspec.json.decode(row.place, type=Place)

    def write_part(self) -> bool:
        """Write the next part and make it one of the archive's; True where nothing is left to do."""
        storage = self._database.storage
        part = PartWriter(storage.incoming, self._row.created_at)
        try:
            is_last = self._fill(part)
            size = part.close()
            name = f"{FOLDER}/{self._row.id}/{ids.random_base62(32)}"
            storage.put(name, part.path)
        finally:
            part.discard()
        place, done = self._place, sum(self._place.records.values()) + self._files()
        added = self._database.write(lambda tx: add_part(tx, self._row, Part(name, size), place, done, is_last=is_last))
        if not added:
            storage.delete(name)
        return is_last or not added

    def _files(self) -> int:
        return self._place.media.files + self._place.media.missing

    def _fill(self, part: PartWriter) -> bool:
        """Put into a part what it holds; True where the archive ends with it."""
        started = clock.monotonic()
        while self._place.step < len(self._steps):
            step = self._steps[self._place.step]
            is_over = self._add_media(part, step, started) if step.brings_files else self._add_rows(part, step)
            if is_over:
                self._place.step, self._place.after, self._place.begun = self._place.step + 1, None, 0
            if self._is_full(part, started):
                return False
        manifest = msgspec.json.format(_encode(self._manifest()))
        part.add("manifest.json", io.BytesIO(manifest), len(manifest))
        part.end_archive()
        return True

    def _is_full(self, part: PartWriter, started: float) -> bool:
        return part.size >= PART_BYTES or clock.monotonic() - started > PART_SECONDS

    def _add_rows(self, part: PartWriter, step: Step) -> bool:
        """Put one file of rows into a part; True where there are no more of the kind."""
        place, name = self._place, step.extract.name
        lines, count, is_over = lines_of(self._row.format), 0, False
        with part.scratch() as scratch:
            file = Digesting(scratch)
            while not is_over and count < MAX_ROWS and file.size < MAX_BYTES:
                rows = self._page(step)
                is_over = len(rows) < PAGE
                count += len(rows)
                file.write([lines([row.document for row in rows])])
            place.records[name] = place.records.get(name, 0) + count
            if count:
                place.begun += 1
                ending = "" if is_over and place.begun == 1 else f"-{place.begun:03d}"
                full = f"{name}{ending}.{self._row.format}"
                scratch.seek(0)
                part.add(full, scratch, file.size)
                place.files.append(FileEntry(full, count, file.size, file.sha256))
        return is_over

    def _add_media(self, part: PartWriter, step: Step, started: float) -> bool:
        """Put uploaded files into a part, a page of them at the most; True where there are no more."""
        rows = self._page(step)
        for row in rows:
            self._add_file(part, read_extracted(row.document))
            self._place.after = list(row.key)
            if self._is_full(part, started):
                return False
        return len(rows) < PAGE

    def _page(self, step: Step) -> list[Row]:
        after = None if self._place.after is None else tuple(self._place.after)
        rows = self._database.read(partial(step.extract.page, wanted=self._wanted, after=after, most=PAGE))
        if rows and not step.brings_files:
            self._place.after = list(rows[-1].key)
        return rows

    def _add_file(self, part: PartWriter, file: ExtractedFile) -> None:
        media = self._place.media
        with part.scratch() as scratch:
            try:
                asyncio.run(self._copy(file, scratch))
            except FileNotFoundError:
                media.missing += 1
                return
            size = scratch.tell()
            scratch.seek(0)
            part.add(file.path, scratch, size)
        media.files += 1
        media.bytes += size

    async def _copy(self, file: ExtractedFile, scratch: IO[bytes]) -> None:
        async for chunk in self._database.storage.read(file.name, 0, file.file_size):
            scratch.write(chunk)

    def _manifest(self) -> dict[str, object]:
        place, row = self._place, self._row
        return {
            "format": 1,
            "release": __version__,
            "exportId": row.id,
            "workspaceId": row.workspace_id,
            "customerId": row.customer_id,
            "createdAt": row.created_at,
            "records": place.records,
            "files": place.files,
            "media": place.media,
        }


def is_known_file(parts: list[Part] | None, file: str) -> bool:
    """Whether a file in the store is one of an export's."""
    return parts is not None and any(part.name == file for part in parts)


def export_of(file: str) -> str | None:
    """The id of the export that a file in the store belongs to by its name, or None for files of others."""
    path = Path(file).parts
    return path[1] if len(path) == 3 and path[0] == FOLDER else None
