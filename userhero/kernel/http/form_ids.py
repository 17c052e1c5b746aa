"""Forms that count once, however often they are sent."""

from collections.abc import Callable
from typing import NoReturn

import msgspec

from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Problem
from userhero.kernel.http.answers import Answer
from userhero.kernel.http.idempotency import Claim, InProgress, UsedForAnother, fingerprint, once
from userhero.kernel.http.pages import Visit

FIELD = "form_id"
_MAX_ID = 64
_encode = msgspec.json.Encoder(order="deterministic").encode


class SentBefore(Conflict):
    """The form was sent before, with other content."""


def send_once(tx: Transaction, visit: Visit, about: str, work: Callable[[], bytes | None]) -> bytes:
    """Do what a form asks for, unless the same form did it before; ``about`` is the id of what it is about.

    Returns what ``work`` did the first time, for a day; it is kept sealed. What ``work`` raises undoes it, and is
    raised. Raises SentBefore where the form was sent before with other content, Conflict while it is being sent.
    """
    form_id = visit.form.get(FIELD, "")
    if not 1 <= len(form_id) <= _MAX_ID:
        raise Conflict("Load the page again, and send this once more.")
    sent = {name: value for name, value in visit.form.items() if name != "csrf"}
    what = fingerprint("POST", about, {}, _encode(sent))
    claim = Claim(visit.actor.user_id, f"form {form_id}", what, about)
    try:
        with tx.savepoint():
            return once(tx, claim, _answering(work), _pass_on, _known).body
    except UsedForAnother:
        raise SentBefore("This form was sent before, with other content. Send it once more if you mean both.") from None
    except InProgress as problem:
        message = "This form is being sent already. Wait a moment, then load the page again."
        raise Conflict(message, headers=problem.headers) from None


def _answering(work: Callable[[], bytes | None]) -> Callable[[], Answer]:
    return lambda: Answer(303, work() or b"")


def _pass_on(problem: Problem) -> NoReturn:
    """No refusal is remembered: whoever mends the form may send it again."""
    raise problem


def _known(tenant: str) -> None:
    """The page has let its visitor in already."""
    del tenant
