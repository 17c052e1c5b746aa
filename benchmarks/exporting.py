"""An export of the large workspace: how long it takes, and how much memory beyond what the process has anyway.

``python -m benchmarks.exporting ITEMS`` prints a line for each format. Both are written on one copy of the data set, in
this process, so nothing else may run in it.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import get_args

import msgspec

from benchmarks.dataset import prepared
from benchmarks.machine import peak
from userhero.kernel import log
from userhero.kernel.config import Settings
from userhero.kernel.instance import open_database
from userhero.records.actions.export import request_export
from userhero.records.queries import render
from userhero.records.types import Export, Format, NewExport
from userhero.records.writing import write_export
from userhero.server import job_table
from userhero.workspaces import system_actor


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exporting", description="Measure exports.")
    parser.add_argument("items", type=int, help="size of the data set, of which the large workspace has a fifth")
    given = parser.parse_args()
    log.configure("warning", readable=True)
    job_table()
    dataset = prepared(given.items)
    with tempfile.TemporaryDirectory(prefix="userhero-export-") as folder:
        data = Path(folder, "data")
        shutil.copytree(dataset.folder, data)
        for kind in get_args(Format):
            print(_measured(data, dataset.facts.workspace_id, kind))


def _measured(data: Path, workspace_id: str, kind: Format) -> str:
    database = open_database(Settings(data=data))
    actor = system_actor(workspace_id, "Benchmark")
    new = NewExport(workspace_id=workspace_id, format=kind)
    text = database.write(lambda tx: request_export(tx, actor, new))
    export_id = msgspec.json.decode(text, type=Export).id
    before, began = peak(), time.perf_counter()
    write_export(database, export_id)
    took = time.perf_counter() - began
    made = msgspec.json.decode(database.read(lambda tx: render(tx, export_id)), type=Export)
    database.close()
    return (
        f"{kind}: {made.status}, {made.progress.done:,} objects in {took:.1f} s, {made.bytes / 2**20:.1f} MiB; "
        f"peak of the process {before:.0f} MiB before, {peak():.0f} MiB after"
    )


if __name__ == "__main__":
    main()
