"""Sending what is due to one endpoint. It waits for a machine that is not ours, so it runs outside any transaction."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import msgspec

from userhero.kernel import clock
from userhero.kernel.crypto import Keys
from userhero.kernel.db import Database
from userhero.kernel.outbound import OutboundError, Request, Sent
from userhero.webhooks.actions.lane import TURN_SECONDS, Load, advance, enter, step_aside
from userhero.webhooks.actions.outcome import Done
from userhero.webhooks.delivery_types import Pace
from userhero.webhooks.signing import signed_headers

# Of the eight jobs that a process does at once outside, so many may wait for endpoints that were slow last time, and so
# many for those that were never sent to: the rest is for those that are known to be quick.
_DOUBTFUL_AT_ONCE = 3
_ASIDE_SECONDS = 1.0
_KEPT_BYTES, _KEPT_HEADERS, _KEPT_VALUE = 1024, 32, 256
_COOKIES = "set-cookie"

_places: dict[Pace | None, threading.BoundedSemaphore] = {
    "slow": threading.BoundedSemaphore(_DOUBTFUL_AT_ONCE),
    None: threading.BoundedSemaphore(_DOUBTFUL_AT_ONCE),
}
_encode = msgspec.json.Encoder().encode


def deliver(database: Database, endpoint_id: str) -> None:
    """Send the endpoint's due deliveries in their order, for ten seconds at the most, unless somebody else does.

    A delivery that was sent and could not be recorded is sent again, under the same id.
    """
    token = secrets.token_hex(8)
    if not database.write(partial(enter, endpoint_id=endpoint_id, token=token)):
        return
    ends, done = clock.monotonic() + TURN_SECONDS, None
    while True:
        is_over = clock.monotonic() >= ends
        turn = partial(advance, endpoint_id=endpoint_id, token=token, done=done, is_over=is_over)
        load = database.write(turn)
        if load is None:
            return
        with _place(load) as there_is_one:
            if not there_is_one:
                aside = partial(step_aside, lane=load.lane, token=token, seconds=_ASIDE_SECONDS)
                database.write(aside)
                return
            done = attempt(database, load)


@contextmanager
def _place(load: Load) -> Iterator[bool]:
    """Whether there is a place for the exchange: endpoints that may be slow leave some to others."""
    places = _places.get(load.lane.pace)
    if places is None:
        yield True
        return
    taken = places.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            places.release()


def attempt(database: Database, load: Load) -> Done:
    """Send one delivery, signed as of now."""
    lane, parcel, now = load.lane, load.parcel, clock.seconds()
    body = parcel.body.encode()
    headers = signed_headers(parcel.event_id, int(now), body, _secrets(database.keys, load, clock.iso(now)))
    at = clock.iso(now)
    try:
        sent = database.outbound.send(Request(url=lane.url, headers=headers, body=body))
    except OutboundError as error:
        return Done(parcel, lane.url, at, error.duration_ms, error.message)
    return Done(
        parcel,
        lane.url,
        at,
        sent.duration_ms,
        _problem(sent.status),
        status=sent.status,
        headers=_kept_headers(sent),
        body=_kept_body(sent),
        retry_after=sent.header("retry-after"),
    )


def _secrets(keys: Keys, load: Load, now: str) -> list[str]:
    """The secret, and the one before while both are good."""
    lane = load.lane
    sealed = [lane.secret]
    if lane.previous_secret is not None and lane.previous_until is not None and now < lane.previous_until:
        sealed.append(lane.previous_secret)
    return [keys.unseal(each).decode() for each in sealed]


def _problem(status: int) -> str | None:
    if 200 <= status <= 299:
        return None
    if 300 <= status <= 399:
        return f"The receiver answered {status}; redirects are not followed."
    return f"The receiver answered {status}."


def _kept_headers(sent: Sent) -> str:
    shown = [(name, value) for name, value in sent.headers if name != _COOKIES][:_KEPT_HEADERS]
    return _encode({name: _storable(value[:_KEPT_VALUE]) for name, value in shown}).decode()


def _kept_body(sent: Sent) -> str:
    return _storable(sent.body[:_KEPT_BYTES].decode("utf-8", "replace"))


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
