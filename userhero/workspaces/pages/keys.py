"""What ``/app/account`` shows of API keys."""

from typing import Any

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.keys import list_keys

# How long a key lasts: what the form sends, the days, and what people read.
_LIVES = {"30": (30, "30 days"), "90": (90, "90 days"), "365": (365, "a year"), "never": (None, "until it is revoked")}
USUAL = "90"


def days_of(life: str) -> int | None:
    """How many days a choice of the form stands for; None for ever. Raises Invalid for anything else."""
    if life not in _LIVES:
        raise Invalid("life", "must be one of the choices")
    return _LIVES[life][0]


def key_values(tx: Transaction, actor: Actor) -> dict[str, Any]:
    """One's keys, and what a new one may be."""
    keys = [(key, _state(tx, key.revoked_at, key.expires_at)) for key in list_keys(tx, actor.email)]
    lives = [(value, text) for value, (_, text) in _LIVES.items()]
    return {"keys": keys, "lives": lives, "scopes": sorted(SCOPES), "usual": USUAL}


def _state(tx: Transaction, revoked_at: str | None, expires_at: str | None) -> str:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= tx.now else "active"
