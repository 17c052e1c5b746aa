"""What a running server counts, as Prometheus text at ``/metrics``."""

import os
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST
# Names the directory in which processes count together. The library reads it when it is imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_SECONDS = Histogram(
    "userhero_request_seconds",
    "Time from a request's headers to its answer, by operation.",
    ["operation"],
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
_ANSWERS = Counter("userhero_answers", "Answers, by operation and status.", ["operation", "status"], registry=REGISTRY)
_MAIL = Counter("userhero_mail_in", "Mails that came in, by what became of them.", ["outcome"], registry=REGISTRY)


@cache
def _seconds(operation: str) -> Histogram:
    return _SECONDS.labels(operation)


@cache
def _answers(operation: str, status: int) -> Counter:
    return _ANSWERS.labels(operation, str(status))


def observe(operation: str, status: int, seconds: float) -> None:
    """Count one answer."""
    _seconds(operation).observe(seconds)
    _answers(operation, status).inc()


def count_mail(outcome: str) -> None:
    """Count one mail that came in."""
    _MAIL.labels(outcome).inc()


def render() -> bytes:
    """Everything counted so far, for a scraper; where several processes share the work, by all of them."""
    if SHARED not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
