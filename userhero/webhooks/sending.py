"""Sending what is due to one endpoint. It waits for a machine that is not ours, so it runs outside any transaction."""

import secrets
from functools import partial
from random import SystemRandom

import msgspec

from userhero.kernel import clock
from userhero.kernel.crypto import Keys
from userhero.kernel.db import Database
from userhero.kernel.outbound import OutboundError, Request, Sent
from userhero.webhooks.actions.lane import TURN_SECONDS, Load, advance, enter, step_aside
from userhero.webhooks.actions.outcome import Done
from userhero.webhooks.places import Places
from userhero.webhooks.signing import signed_headers

# By chance within these: of a thousand that stand aside, few at a time come back to look.
_ASIDE_SECONDS = (1.0, 10.0)
_KEPT_BYTES, _KEPT_HEADERS, _KEPT_VALUE = 1024, 32, 256
_COOKIES = "set-cookie"

_places = Places()
_chance = SystemRandom()
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
        with _places.take(load.lane) as there_is_one:
            if not there_is_one:
                aside = partial(step_aside, lane=load.lane, token=token, seconds=_chance.uniform(*_ASIDE_SECONDS))
                database.write(aside)
                return
            done = attempt(database, load)
            _places.note(load.lane.url, done.duration_ms)


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
