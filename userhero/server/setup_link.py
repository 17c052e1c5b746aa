"""The link that a server without users prints when it starts: proof that whoever opens it can read its terminal.

Only a digest is stored; the link is good for a day, until the next start prints another, or until there is a user.
"""

import hmac
import secrets

import msgspec

from userhero import workspaces
from userhero.kernel import clock
from userhero.kernel.crypto import digest
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import NotFound
from userhero.kernel.instance import drop_fact, find_fact, set_fact

HOURS = 24
_FACT = "setup_link"


class _Stored(msgspec.Struct):
    digest: str
    expires_at: str


_decode = msgspec.json.Decoder(_Stored).decode


def offer(database: Database, base_url: str) -> str | None:
    """A fresh link, which replaces the one before; None where there are users."""
    token = secrets.token_urlsafe(32)

    def unit(tx: Transaction) -> bool:
        if workspaces.count_users(tx):
            drop_fact(tx, _FACT)
            return False
        stored = _Stored(digest(token), clock.shift(tx.now, hours=HOURS))
        set_fact(tx, _FACT, msgspec.json.encode(stored).decode())
        return True

    return f"{base_url}/setup?token={token}" if database.write(unit) else None


def check(tx: Transaction, token: str) -> None:
    """Raises NotFound where the token is not that of the newest link, is too old, or there is a user already."""
    kept = find_fact(tx, _FACT)
    stored = None if kept is None else _decode(kept)
    if (
        stored is None
        or not hmac.compare_digest(stored.digest, digest(token))
        or stored.expires_at <= tx.now
        or workspaces.count_users(tx)
    ):
        raise _invalid()


def use(tx: Transaction, token: str) -> None:
    """The same, and end the link: of two who use it at once, one is refused."""
    check(tx, token)
    if not drop_fact(tx, _FACT):
        raise _invalid()


def _invalid() -> NotFound:
    return NotFound("This set-up link is not valid any more. Restart the server for a new one.")
