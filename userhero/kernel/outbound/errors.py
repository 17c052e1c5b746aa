"""Why no answer came: one family, with messages for the log that the owner of the target reads.

A message never names an address that was looked up, and does not tell a closed port from a silent one: a target must
not serve to explore a network.
"""

from typing import ClassVar


class OutboundError(Exception):
    """There is no answer. ``message`` is one sentence; ``code`` is stable; ``duration_ms`` is how long it took."""

    code: ClassVar[str] = "failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.duration_ms = 0


class RefusedTarget(OutboundError):
    """The address is none that requests may go to; nothing was sent.

    ``rule`` says what it must be, to go after the name of a field ("must be an absolute http or https address").
    """

    code = "refused"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The address {rule}.")
        self.rule = rule


class UnknownHost(OutboundError):
    """The host's name leads to no address."""

    code = "unknown_host"


class NoConnection(OutboundError):
    """None of the host's addresses takes connections on that port."""

    code = "no_connection"


class TimedOut(OutboundError):
    """The exchange was not over in time. The target may have taken the request."""

    code = "timed_out"


class TlsFailure(OutboundError):
    """There is no TLS with the host, or its certificate is not trusted; nothing was sent."""

    code = "tls"


class BrokenAnswer(OutboundError):
    """What came back is no whole HTTP answer. The target may have taken the request."""

    code = "broken_answer"
