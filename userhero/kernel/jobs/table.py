"""All that a process does in the background."""

from collections.abc import Iterable

from userhero.kernel.jobs.declared import Jobs, Kind
from userhero.kernel.jobs.listeners import Listeners, by_name
from userhero.kernel.jobs.relay import RETRY, Relay


class JobTable:
    """Every kind of job there is, and who listens to events. Raises ValueError where one is declared twice."""

    def __init__(self, slices: Iterable[Jobs], listeners: Iterable[Listeners] = ()) -> None:
        self.relay = Relay(by_name(listeners))
        self.kinds: dict[str, Kind] = {RETRY: Kind(RETRY, self.relay.retry, None)}
        for jobs in slices:
            for kind in jobs.all:
                if kind.name in self.kinds:
                    raise ValueError(f"the job {kind.name} is declared twice")
                self.kinds[kind.name] = kind
