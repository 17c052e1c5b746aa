"""The one way out for HTTP requests: to public addresses and to networks that the operator names, to nothing else.

``Outbound.send`` is for jobs, outside of any transaction; ``Guard.check_literal`` is for whoever saves an address that
requests will go to (``tx.guard``). What an answer means is for the caller to say: a redirect is an answer like others.
"""

from userhero.kernel.outbound.client import Outbound, Request, Sent, open_outbound
from userhero.kernel.outbound.errors import (
    BrokenAnswer,
    NoConnection,
    OutboundError,
    RefusedTarget,
    TimedOut,
    TlsFailure,
    UnknownHost,
)
from userhero.kernel.outbound.guard import Guard
from userhero.kernel.outbound.limits import Caps

__all__ = [
    "BrokenAnswer",
    "Caps",
    "Guard",
    "NoConnection",
    "Outbound",
    "OutboundError",
    "RefusedTarget",
    "Request",
    "Sent",
    "TimedOut",
    "TlsFailure",
    "UnknownHost",
    "open_outbound",
]
