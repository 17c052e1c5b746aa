"""The comparison: at each size all products hold the same items, take turns, and have to answer what they should."""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from benchmarks import dataset
from benchmarks.cluster import Cluster
from benchmarks.dataset import Dataset
from benchmarks.figures import Sample, Side
from benchmarks.machine import Cores, facts
from benchmarks.texts import Writer
from benchmarks.versus import helpdesk, items, product, roundup
from benchmarks.versus.contender import Contender, is_enough, is_slow, proportional, rest, sampled, tried
from benchmarks.versus.environments import KEPT
from benchmarks.versus.report import LINES, Line, Report, Size, as_text, write

SIZES = (1_000, 100_000)
# The large workspace of a data set has a fifth of its items.
_SHARE = 5
_BODIES = 256
_SETTLING_SECONDS = 2.0


class Options(NamedTuple):
    """How many items, and how often and long each line is measured (whole seconds)."""

    sizes: Sequence[int] = SIZES
    repetitions: int = 3
    seconds: int = 2


class _Prepared(NamedTuple):
    """What is kept between runs, of one size."""

    data: Dataset
    totals: items.Totals
    tracker: Path
    desk: Path


def compare(sizes: Sequence[int], folder: Path, *, prepare_only: bool = False) -> None:
    """Measure and write the report into the folder; or only make what a run takes from the cache."""
    options = Options(sizes)
    if prepare_only:
        with _postgresql() as cluster:
            for count in options.sizes:
                _prepared(count, cluster)
        return
    measured = run(options)
    folder.mkdir(parents=True, exist_ok=True)
    write(measured, folder)
    print(as_text(measured))
    print(f"Written to {folder}")


def run(options: Options) -> Report:
    """Measure all sizes. Raises RuntimeError where an answer is not what it should be."""
    with _postgresql() as cluster:
        prepared = {count: _prepared(count, cluster) for count in options.sizes}
        sizes = [_measured(count, kept, cluster, options) for count, kept in prepared.items()]
    versions = {name: each for size in sizes for name, each in size.versions.items()}
    day = datetime.now(UTC).date().isoformat()
    return Report(sizes, facts(cluster.version), versions, options.repetitions, options.seconds, day)


@contextmanager
def _postgresql() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        yield cluster
    finally:
        cluster.stop()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _prepared(count: int, cluster: Cluster) -> _Prepared:
    _say(f"{count:,} items")
    data = dataset.prepared(count * _SHARE)
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"items-{count}.jsonl"
    items.write(data, file)
    tracker = roundup.prepared(file, count)
    return _Prepared(data, items.totals(file), tracker, helpdesk.prepared(file, count, cluster))


def _measured(count: int, kept: _Prepared, cluster: Cluster, options: Options) -> Size:
    cores = Cores.found()
    cluster.keep_to(cores.load)
    writer = Writer(Random(7), kept.data.facts.workspace_id, kept.data.facts.project_id, kept.data.facts.people)
    bodies = [writer.body() for _ in range(_BODIES)]
    theirs = [items.item_of(body) for body in bodies]
    ours = [msgspec.json.encode(body).decode() for body in bodies]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=KEPT)))
        starts = (
            partial(product.started, kept.data, folder / "product", kept.totals, ours, cores.server),
            partial(roundup.started, kept.tracker, folder / "roundup", kept.totals, theirs, cores.server),
            partial(helpdesk.started, kept.desk, folder / "helpdesk", kept.totals, theirs, cores.server, cluster),
        )
        contenders, idle = [], {}
        for start in starts:
            contender = start()
            stack.callback(contender.server.stop)
            time.sleep(_SETTLING_SECONDS)
            idle[contender.name] = proportional(contender.server.pid)
            contenders.append(contender)
        lines = [_line(name, contenders, cores, options) for name in LINES]
        loaded = {each.name: proportional(each.server.pid) for each in contenders}
    versions = {name: version for each in contenders for name, version in each.versions.items()}
    return Size(count, [line for line in lines if line.sides], idle, loaded, versions)


def _line(name: str, contenders: Sequence[Contender], cores: Cores, options: Options) -> Line:
    """One line, in turns. Each answers once before anything is counted."""
    able = [each for each in contenders if name in each.works]
    samples: dict[str, list[Sample]] = {each.name: [] for each in able}
    sizes, slow = {}, {}
    for each in able:
        first = tried(each.server, each.works[name])
        sizes[each.name] = first.bytes
        slow[each.name] = is_slow(each.server, each.works[name], first.seconds)
        _say(f"  {name}, {each.name}: {first.seconds:.3f} s at first")
    for _ in range(options.repetitions):
        for each in able:
            if not is_enough(samples[each.name], options.repetitions):
                rest([one.server for one in contenders])
                work, alone = each.works[name], slow[each.name]
                samples[each.name].append(sampled(each.server, work, cores.load, options.seconds, slow=alone))
    sides = [Side(each.name, "/s", samples[each.name]) for each in able]
    asked = {each.name: each.works[name].label for each in able}
    return Line(name, sides, asked, sizes, {each for each, is_alone in slow.items() if is_alone})
