"""An export of the large workspace: how long it takes, and how much memory beyond what the process has anyway.

``python -m benchmarks.exporting ITEMS`` prints a line for each format. Both are written on one copy of the data set, in
this process, so nothing else may run in it. ``--whole`` puts the items of all workspaces into the large one first.
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
from userhero.kernel.db.sqlite import connect
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
    parser.add_argument("--whole", action="store_true", help="move all items into the large workspace first")
    given = parser.parse_args()
    log.configure("warning", readable=True)
    job_table()
    dataset = prepared(given.items)
    with tempfile.TemporaryDirectory(prefix="userhero-export-") as folder:
        data = Path(folder, "data")
        shutil.copytree(dataset.folder, data)
        if given.whole:
            _move_all(data, dataset.facts.workspace_id)
        for kind in get_args(Format):
            print(_measured(data, dataset.facts.workspace_id, kind))


def _move_all(data: Path, workspace_id: str) -> None:
    """Their customers stay where they are, as some have the same addresses. No two items share a position."""
    connection = connect(data / "userhero.db")
    project = "SELECT id FROM projects WHERE workspace_id = :large ORDER BY id LIMIT 1"
    connection.execute(
        f"UPDATE feedback SET workspace_id = :large, project_id = ({project}), ticket_number = position"
        " WHERE workspace_id <> :large",
        {"large": workspace_id},
    )
    connection.close()


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
