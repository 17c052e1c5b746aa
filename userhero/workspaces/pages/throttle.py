"""How many tries to sign in are let through."""

from hashlib import sha256
from typing import NamedTuple

from userhero.kernel.db import Transaction
from userhero.kernel.http.limits import Limiter
from userhero.workspaces.sessions import one_spelling


class Throttle(NamedTuple):
    """How many tries a minute are let through: ``narrow`` counts those from one address at one account, and those at an
    account from browsers that know it; ``wide`` those from one address, and those at one account from anywhere else.

    So whoever tries many passwords from many places is slowed down, and does not lock out the account's owner.
    """

    narrow: Limiter
    wide: Limiter

    def lets(self, tx: Transaction, address: str, email: str, known: str | None) -> bool:
        """Count one more try. ``known`` is the account that the browser has shown it knows."""
        # Whom it does not let through leaves no count at accounts: nobody fills the memory by naming many of them.
        if not self.wide.hit(tx, f"sign-in from {address}").accepted:
            return False
        account = sha256(one_spelling(email).encode()).hexdigest()
        counts = [self.narrow.hit(tx, f"sign-in {account} {address}")]
        if known is None:
            counts.append(self.wide.hit(tx, f"sign-in {account}"))
        else:
            counts.append(self.narrow.hit(tx, f"sign-in known {known}"))
        return all(each.accepted for each in counts)

    def lets_code(self, tx: Transaction, address: str, user_id: str) -> bool:
        """Count one more try at a second factor, by somebody who has shown the password."""
        counts = (self.wide.hit(tx, f"code from {address}"), self.narrow.hit(tx, f"code {user_id}"))
        return all(each.accepted for each in counts)

    def lets_mail(self, tx: Transaction, address: str) -> bool:
        """Count one more mail that somebody asks for without being signed in."""
        return self.narrow.hit(tx, f"mail from {address}").accepted
