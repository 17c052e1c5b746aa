"""The second factor of an account: set up, confirmed by a code, asked for at sign-in, switched off.

The secret is sealed with the instance's key. Of recovery codes only marks are kept, that nobody can make without that
key: the codes are short enough to be typed, so a plain digest could be undone.
"""

import secrets
from typing import Literal

import msgspec
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.kernel import audit, clock
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.workspaces import totp
from userhero.workspaces.account import end_others, list_opened, record_own
from userhero.workspaces.notices import notify
from userhero.workspaces.people import get_user
from userhero.workspaces.tables import recovery_codes, second_factors

CODES, CODE_LENGTH, GROUP = 10, 12, 4
# So many wrong codes in a row, and then none is looked at for so long: the chance to guess one stays below 1 in 500 a
# day, and whoever tries has to know the password.
TRIES, BLOCK_MINUTES = 5, 15
# Without those that are taken for one another: about 59 bits a code.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_PURPOSE = "recovery code"
Verdict = Literal["fits", "wrong", "blocked"]

_f, _r = second_factors, recovery_codes
_one = select(_f.c.secret, _f.c.last_step, _f.c.tries, _f.c.blocked_until, _f.c.confirmed_at).where(
    _f.c.user_id == bindparam("user")
)
_SEE, _HOLD = Statement(_one), Statement(_one.with_for_update())
_LOOK = Statement(select(_f.c.confirmed_at).where(_f.c.user_id == bindparam("user")))
_begun = upsert(_f).values(user_id=bindparam("user"), secret=bindparam("sealed"), created_at=bindparam("moment"))
_BEGIN = Statement(
    _begun.on_conflict_do_update(
        index_elements=[_f.c.user_id],
        set_={"secret": _begun.excluded.secret, "created_at": _begun.excluded.created_at},
        where=_f.c.confirmed_at.is_(None),
    )
)
_mine = _f.c.user_id == bindparam("user")
_CONFIRM = Statement(update(_f).where(_mine).values(confirmed_at=bindparam("moment"), last_step=bindparam("step")))
_USED = Statement(update(_f).where(_mine).values(last_step=bindparam("step"), tries=0, blocked_until=None))
_TRIED = Statement(update(_f).where(_mine).values(tries=bindparam("count"), blocked_until=bindparam("until")))
_CANCEL = Statement(delete(_f).where(_mine, _f.c.confirmed_at.is_(None)))
_OFF = Statement(delete(_f).where(_mine))
_ADD_CODE = insertion(recovery_codes, "user_id", "mark", "created_at")
_DROP_CODES = Statement(delete(_r).where(_r.c.user_id == bindparam("user")))
_USE_CODE = Statement(delete(_r).where(_r.c.user_id == bindparam("user"), _r.c.mark == bindparam("code")))
_MARKS = Statement(select(_r.c.mark).where(_r.c.user_id == bindparam("user")))
_LEFT = Statement(select(func.count()).select_from(_r).where(_r.c.user_id == bindparam("user")))


class _Held(msgspec.Struct, array_like=True, frozen=True):
    secret: bytes
    last_step: int
    tries: int
    blocked_until: str | None
    confirmed_at: str | None


class State(msgspec.Struct, frozen=True):
    """How far somebody is. ``secret`` is there while it is to be confirmed, ``since`` once it counts."""

    since: str | None
    secret: bytes | None
    codes_left: int


def is_asked(tx: Transaction, user_id: str) -> bool:
    """Whether an account has a second factor that counts."""
    return tx.value(_LOOK, user=user_id) is not None


def find_state(tx: Transaction, actor: Actor) -> State:
    """How far one is oneself."""
    held = _find(tx, actor.user_id, _SEE)
    if held is None:
        return State(None, None, 0)
    if held.confirmed_at is None:
        return State(None, tx.keys.unseal(held.secret), 0)
    return State(held.confirmed_at, None, int(tx.value(_LEFT, user=actor.user_id)))


def begin(tx: Transaction, actor: Actor) -> None:
    """Make a secret that is to be confirmed. Raises Conflict where there is one that counts already."""
    if not tx.run(_BEGIN, user=actor.user_id, sealed=tx.keys.seal(totp.new_secret()), moment=tx.now):
        raise Conflict("Your second factor is on already. Switch it off first to set up another app.")


def cancel(tx: Transaction, actor: Actor) -> None:
    """Forget a secret that was not confirmed."""
    tx.run(_CANCEL, user=actor.user_id)


def confirm(tx: Transaction, actor: Actor, code: str) -> list[str]:
    """Let the second factor count, which a code shows to work; every other session ends. Returns the recovery codes.

    Raises Invalid for a code that is not the app's, NotFound where nothing waits to be confirmed.
    """
    held = _find(tx, actor.user_id)
    if held is None or held.confirmed_at is not None:
        raise NotFound("There is nothing to confirm. Load the page again.")
    step = totp.find_step(tx.keys.unseal(held.secret), plain(code), clock.seconds(), held.last_step)
    if step is None:
        raise Invalid("code", "is not the code that the app shows now: check the clock of your phone")
    tx.run(_CONFIRM, user=actor.user_id, moment=tx.now, step=step)
    record_own(tx, actor, "user.second_factor_on", audit.Subject(actor.user_id, actor.name))
    end_others(tx, actor)
    notify(tx, actor.user_id, "second_factor_on")
    return _make_codes(tx, actor.user_id)


def renew_codes(tx: Transaction, actor: Actor) -> list[str]:
    """New recovery codes in the place of those there are. Raises NotFound where the second factor is off."""
    if not is_asked(tx, actor.user_id):
        raise NotFound("Your second factor is off.")
    record_own(tx, actor, "user.recovery_codes_made", audit.Subject(actor.user_id, actor.name))
    return _make_codes(tx, actor.user_id)


def are_good(tx: Transaction, actor: Actor, codes: list[str]) -> bool:
    """Whether any of one's recovery codes would still be taken."""
    marks = set(tx.texts(_MARKS, user=actor.user_id))
    return any(_mark(tx, actor.user_id, plain(code)) in marks for code in codes)


def switch_off(tx: Transaction, actor: Actor) -> None:
    """Let the password be enough again. Where it is already, nothing is done."""
    if _drop(tx, actor.user_id):
        record_own(tx, actor, "user.second_factor_off", audit.Subject(actor.user_id, actor.name))


def reset_second_factor(tx: Transaction, email: str) -> str:
    """Let an account's password be enough again, as the operator. Returns its id. Raises NotFound for an unknown
    address, Conflict where there is no second factor.
    """
    user = get_user(tx, email)
    if not _drop(tx, user.user_id):
        raise Conflict(f"The account {email} has no second factor.")
    subject = audit.Subject(user.user_id, user.name)
    for workspace_id in list_opened(tx, user.user_id):
        audit.record(tx, OPERATOR, workspace_id, "user.second_factor_off", subject)
    return user.user_id


def check(tx: Transaction, actor: Actor, code: str) -> Verdict:
    """Whether a code is the app's, or one of the recovery codes; it is used up with that.

    After five wrong ones in a row the app's are not looked at for a quarter of an hour. Recovery codes are, so that
    nobody who knows the password keeps the owner out.
    """
    held, given = _find(tx, actor.user_id), plain(code)
    if held is None or held.confirmed_at is None:
        return "wrong"
    subject = audit.Subject(actor.user_id, actor.name)
    if len(given) == CODE_LENGTH and tx.run(_USE_CODE, user=actor.user_id, code=_mark(tx, actor.user_id, given)):
        tx.run(_USED, user=actor.user_id, step=held.last_step)
        record_own(tx, actor, "user.recovery_code_used", subject)
        return "fits"
    if held.blocked_until is not None and held.blocked_until > tx.now:
        return "blocked"
    step = totp.find_step(tx.keys.unseal(held.secret), given, clock.seconds(), held.last_step)
    if step is not None:
        tx.run(_USED, user=actor.user_id, step=step)
        return "fits"
    if held.tries + 1 < TRIES:
        tx.run(_TRIED, user=actor.user_id, count=held.tries + 1, until=None)
        return "wrong"
    tx.run(_TRIED, user=actor.user_id, count=0, until=clock.shift(tx.now, minutes=BLOCK_MINUTES))
    record_own(tx, actor, "user.second_factor_blocked", subject)
    return "blocked"


def plain(code: str) -> str:
    """A code as it was made, however somebody typed it."""
    return "".join(each for each in code.lower() if each.isascii() and each.isalnum())


def _find(tx: Transaction, user_id: str, statement: Statement = _HOLD) -> _Held | None:
    row = tx.one(statement, user=user_id)
    return None if row is None else _Held(bytes(row[0]), *row[1:])


def _drop(tx: Transaction, user_id: str) -> bool:
    was_on = is_asked(tx, user_id)
    if was_on:
        notify(tx, user_id, "second_factor_off")
    tx.run(_OFF, user=user_id)
    tx.run(_DROP_CODES, user=user_id)
    return was_on


def _make_codes(tx: Transaction, user_id: str) -> list[str]:
    tx.run(_DROP_CODES, user=user_id)
    made = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    tx.run_each(
        _ADD_CODE, [{"user_id": user_id, "mark": _mark(tx, user_id, each), "created_at": tx.now} for each in made]
    )
    return ["-".join(each[start : start + GROUP] for start in range(0, CODE_LENGTH, GROUP)) for each in made]


def _mark(tx: Transaction, user_id: str, code: str) -> str:
    return tx.keys.mark(_PURPOSE, f"{user_id} {code}".encode()).hex()
