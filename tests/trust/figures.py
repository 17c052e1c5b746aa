"""The headline figures: what each has to come to, and why those that nobody measures are not measured."""

from typing import NamedTuple

BOTH = ("sqlite", "postgresql")


class Figure(NamedTuple):
    """One figure. ``least`` is how many attempts its target asks for, over all engines."""

    target: str
    engines: tuple[str, ...] = BOTH
    least: int = 1
    missing: str | None = None
    fuzz: int = 0


FIGURES = {
    "H1": Figure("no acknowledged write lost in 200 cycles of kill -9 under load on each engine", least=40_000),
    "H2": Figure("no acknowledged write lost in 200 power cuts; weaker settings lose some", ("sqlite",), 200),
    "H3": Figure(
        "no acknowledged write lost in 40 kills of PostgreSQL; weaker settings lose some", ("postgresql",), 40
    ),
    "H4": Figure("no effect doubled or lost in 10,000 retries with timeouts, races and crashes", least=10_000),
    "H5": Figure("of 1,000 requests at once with one key exactly 100 pass, on 1, 4 and 8 processes", least=3_000),
    "H6": Figure("nothing of another tenant in 3,000 probes of every operation and id", least=3_000),
    "H7": Figure("no server error and no undescribed answer in 100,000 generated requests", least=100_000, fuzz=400),
    "H8": Figure("every body that is no JSON is 400 at every operation that takes one", least=4_450),
    "H9": Figure("no connection to an address that is denied, in 120 spellings and more", ("sqlite",), 120),
    "H10": Figure(
        "nothing harmful left of 100,000 generated pieces of HTML, as a second parser sees it", ("sqlite",), 100_000
    ),
    "H11": Figure("20 uploads of 50 MB at once take 64 MiB at the most; what is too large is cut off", least=20),
    "H12": Figure("no webhook event lost or made up over 100 cycles of kill -9", least=100),
    "H13": Figure(
        "on a full disk nothing is lost, reads go on, writes answer 503, and it recovers within 5 s", ("sqlite",), 1
    ),
    "H14": Figure("20 of 20 backups taken under load restore to a consistent past state that starts", least=20),
    "H15": Figure("known and unknown addresses answer within 5 ms of each other (medians of 500)", ("sqlite",), 500),
    "H16": Figure("500 slow connections are closed within 30 s", least=500),
    "H17": Figure("nothing of an erased customer is found anywhere"),
    "H18": Figure("hostile patterns are evaluated within 50 ms", least=100),
    "H19": Figure(
        "of 10,000 cells of an export none is a formula, and each can be read back", ("sqlite",), least=10_000
    ),
    "H20": Figure("85 % of mutations of the guarding modules are noticed", missing="nothing makes the mutations yet"),
    "H21": Figure(
        "all of this in CI within 15 minutes, without a flaky test in 20 runs",
        missing="the suite takes some 20 minutes on two processors, and nobody ran it 20 times",
    ),
    "H22": Figure("naughty strings come back as they were, or are refused, from every field of text", least=1_000),
}
