"""``python -m benchmarks``: measure everything, or what ``--only`` names.

``python -m benchmarks profile P1`` shows where the time of a request goes, ``python -m benchmarks sizes`` what tables
and indexes take on PostgreSQL, ``python -m benchmarks lasting`` what memory an hour of work takes, and
``python -m benchmarks versus`` how other products do the same work.
"""

import argparse
import tempfile
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks import background, lasting, process, profiling, reads, report, scaling, sizes, writes
from benchmarks.bench import Bench, Options
from benchmarks.figures import Result
from benchmarks.machine import ROOT, facts, require_programs
from benchmarks.versus.measure import SIZES, compare
from userhero.kernel import log

# In this order: what changes the data comes after what only reads it.
MEASUREMENTS: dict[str, Callable[[Bench], Result]] = {
    "P1": reads.list_of_new,
    "P2": reads.one_item,
    "P4": reads.same_list_on_little_data,
    "P5": reads.deep_pages,
    "P6": reads.search,
    "P3": writes.create,
    "P11": writes.uploads,
    "P9": process.idle_memory,
    "P10": process.start,
    "P12": background.automations_on_create,
    "W1": background.merge,
    "W2": background.overdue,
    "W3": background.scan,
    "W4": background.fan_out,
    "W5": background.webhooks,
    "P7": scaling.against_psycopg,
    "P8": scaling.two_workers,
}
FAILED = "the measurement failed"
_SMALL = Options(items=2_000, repetitions=1, seconds=1, small=True)


def measure(options: Options, chosen: Sequence[str]) -> report.Run:
    """Take the chosen measurements; their results come in the order of their numbers."""
    with Bench(options) as bench:
        bench.pristine  # noqa: B018  (made before anything is measured)
        results = []
        for name in (name for name in MEASUREMENTS if name in chosen):
            result = _taken(bench, name)
            for part in result.parts:
                bench.say(f"  {part.name}: {part.value:.3g} {part.unit}(target {part.target:g})")
            results.append(result)
        version = bench.cluster.version if {"P7", "P8"} & set(chosen) else None
    results.sort(key=lambda result: (result.name[0], int(result.name[1:])))
    day = datetime.now(UTC).date().isoformat()
    return report.Run(results, facts(version), options.items, options.repetitions, options.seconds, day)


def _taken(bench: Bench, name: str) -> Result:
    """One measurement. Where it fails the others still count; the failure is in the report, and in the exit code."""
    about = (MEASUREMENTS[name].__doc__ or "").partition(": ")[2].splitlines()[0].rstrip(".")
    bench.say(f"{name}: {about}")
    try:
        return MEASUREMENTS[name](bench)
    except (RuntimeError, OSError, psycopg.Error):
        bench.say(traceback.format_exc())
        return Result(name, about, missing=FAILED)


def _names(text: str) -> list[str]:
    names = text.upper().split(",")
    for name in names:
        if name not in MEASUREMENTS:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(MEASUREMENTS)}")
    return names


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the product against floors.")
    parser.add_argument("--items", type=int, help="size of the data set (1,000,000; with --small 2,000)")
    parser.add_argument("--only", type=_names, default=list(MEASUREMENTS), help="such as P1,P3")
    parser.add_argument("--small", action="store_true", help="prove that it works; results go to a temporary folder")
    parser.add_argument("--output", type=Path, help="folder for the results (benchmarks)")
    commands = parser.add_subparsers(dest="command")
    profile = commands.add_parser("profile", help="show where the time of a request goes")
    profile.add_argument("name", choices=sorted(profiling.REQUESTS))
    profile.add_argument("--items", type=int, default=20_000, help="size of the data set (20,000)")
    taken = commands.add_parser("sizes", help="show what tables and indexes take on PostgreSQL")
    taken.add_argument("--items", type=int, default=100_000, help="size of the data set (100,000)")
    versus = commands.add_parser("versus", help="measure other products beside this one")
    versus.add_argument("--items", type=_counts, default=SIZES, help="how many, such as 1000,100000 (the default)")
    versus.add_argument("--prepare", action="store_true", help="only install the others and load the items")
    versus.add_argument("--output", type=Path, default=ROOT / "benchmarks", help="folder for the results (benchmarks)")
    hour = commands.add_parser("lasting", help="show what the server's memory does during mixed load")
    hour.add_argument("--items", type=int, default=1_000_000, help="size of the data set (1,000,000)")
    hour.add_argument("--minutes", type=int, default=60)
    return parser.parse_args()


def _counts(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    """Run what the command line asks for. A target that is missed fails nothing; a measurement that breaks does."""
    given = _arguments()
    log.configure("warning", readable=True)
    require_programs()
    if given.command == "profile":
        profiling.profile(given.name, given.items)
        return
    if given.command == "sizes":
        sizes.show(given.items)
        return
    if given.command == "versus":
        compare(given.items, given.output, prepare_only=given.prepare)
        return
    if given.command == "lasting":
        lasting.last(given.items, given.minutes)
        return
    options = _SMALL if given.small else Options()
    if given.items is not None:
        options = options._replace(items=given.items)
    run = measure(options, given.only)
    folder = given.output or (
        Path(tempfile.mkdtemp(prefix="userhero-results-")) if given.small else ROOT / "benchmarks"
    )
    folder.mkdir(parents=True, exist_ok=True)
    report.write(run, folder)
    print(report.as_text(run))
    print(f"Written to {folder}")
    if any(result.missing == FAILED for result in run.results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
