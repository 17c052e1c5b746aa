"""What a browser shows between the two steps of signing in: that it has shown the password, ten minutes ago at most.

Nothing is stored. The mark depends on the password's hash, so that a proof ends when the password is changed.
"""

from userhero.kernel import clock
from userhero.kernel.crypto import digest
from userhero.kernel.db import Transaction
from userhero.workspaces.sessions import Account

_PURPOSE = "second step"
_SECONDS = 600


def make(tx: Transaction, account: Account) -> str:
    """A proof for somebody who has shown their password just now."""
    ends = int(clock.seconds()) + _SECONDS
    return f"{account.user_id}.{ends}.{tx.keys.mark(_PURPOSE, _payload(account, ends)).hex()}"


def user_of(proof: str) -> str:
    """Whose it says to be."""
    return proof.partition(".")[0]


def holds(tx: Transaction, account: Account, proof: str) -> bool:
    """Whether this installation made it for the account, with the password it has now, and not too long ago."""
    user_id, _, rest = proof.partition(".")
    ends, _, mark = rest.partition(".")
    if user_id != account.user_id or not (ends.isascii() and ends.isdigit() and len(ends) < 12):
        return False
    try:
        is_own = tx.keys.is_mark(_PURPOSE, _payload(account, int(ends)), bytes.fromhex(mark))
    except ValueError:
        return False
    return is_own and clock.seconds() < int(ends)


def _payload(account: Account, ends: int) -> bytes:
    return f"{account.user_id} {ends} {digest(account.password_hash or '')}".encode()
