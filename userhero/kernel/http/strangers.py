"""How often requests without a good key are told so, by the address they come from.

Each process counts in its own memory: a flood must not turn into writes to the database, and exactness is worth nothing
here. With several processes an address gets as many refusals more as there are processes.
"""

from math import ceil

from userhero.kernel import clock
from userhero.kernel.errors import Problem, RateLimited, Unauthorized
from userhero.kernel.http.limits import MemoryLimiter
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.request import Request


class Strangers:
    """Counts refused keys. Who has a good one never gets here, wherever it comes from, and is not slowed."""

    def __init__(self, origins: Origins, limit: int) -> None:
        self._origins = origins
        self._limiter = MemoryLimiter(limit)

    def answer(self, problem: Problem, request: Request) -> Problem:
        """What to answer a request that came to ``problem``: that, or ``rate_limited`` where one without a good key
        came too often in 60 seconds. Neither says anything of a key.
        """
        if not isinstance(problem, Unauthorized):
            return problem
        quota = self._limiter.count(self._origins.network(request))
        if quota.accepted:
            return problem
        wait = max(1, ceil(quota.reset - clock.seconds()))
        message = "Too many requests without a valid API key came from your address; wait a little."
        return RateLimited(message, headers=(("Retry-After", str(wait)),))
