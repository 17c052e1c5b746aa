"""An import of a file: how long it takes, and how much memory beyond what the process has anyway.

``python -m benchmarks.importing ITEMS`` writes a file of so many records, imports it into an empty database on disk, as
``userhero import`` does, and prints a line. ``--again`` imports it once more, where nothing has changed.
"""

import argparse
import tempfile
import time
from pathlib import Path
from random import Random

import msgspec

from benchmarks.machine import peak
from benchmarks.texts import Writer
from userhero import records
from userhero.kernel import clock, log
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Transaction
from userhero.kernel.instance import open_database
from userhero.projects import Tenant, create_tenant

_YEAR = 365 * 24 * 3600.0


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description="Measure imports.")
    parser.add_argument("items", type=int, help="records in the file")
    parser.add_argument("--again", action="store_true", help="import the file a second time")
    given = parser.parse_args()
    log.configure("warning", readable=True)
    with tempfile.TemporaryDirectory(prefix="userhero-import-") as folder:
        file = Path(folder, "items.ndjson")
        _write(file, given.items)
        database = open_database(Settings(data=Path(folder, "data")))
        try:
            tenant = database.write(_tenant)
            for _ in range(1 + given.again):
                print(_measured(database, tenant, file))
        finally:
            database.close()


def _tenant(tx: Transaction) -> Tenant:
    return create_tenant(
        tx, email="owner@example.com", name="Owner", password=None, workspace="Import", project="App", plan="pro_max"
    )


def _write(file: Path, items: int) -> None:
    """A record for each item, spread over a year, from as many people as in the data set."""
    writer = Writer(Random(items), "", "", max(3, items // 60))
    start = clock.seconds() - _YEAR
    with file.open("wb") as stream:
        for number in range(items):
            record = writer.body() | {"id": number, "createdAt": clock.iso(start + number * _YEAR / items)}
            stream.write(msgspec.json.encode(record) + b"\n")


def _measured(database: Database, tenant: Tenant, file: Path) -> str:
    wanted = records.Wanted(file, tenant.workspace_id, tenant.project_id)
    before, began, busy = peak(), time.perf_counter(), time.process_time()
    report = records.import_file(database, wanted, lambda _: None)
    took, worked = time.perf_counter() - began, time.process_time() - busy
    counts = report.items
    return (
        f"{file.stat().st_size / 2**20:.0f} MiB, {counts.records:,} records: {counts.created:,} created, "
        f"{counts.unchanged:,} unchanged, {counts.refused:,} refused in {took:.0f} s, {counts.records / took:,.0f} a "
        f"second, {worked:.0f} s of processor time; "
        f"peak of the process {before:.0f} MiB before, {peak():.0f} MiB after"
    )


if __name__ == "__main__":
    main()
