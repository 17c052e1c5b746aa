"""Whether a mail that was written is wanted still when it is about to go out: hours can lie between the two."""

from userhero.kernel.db import Transaction
from userhero.notifications.actions.send import Taken
from userhero.notifications.addresses import is_unsubscribed
from userhero.notifications.kinds import KINDS
from userhero.notifications.preferences import preferences_of


def is_wanted(tx: Transaction, row: Taken) -> bool:
    """False where the address has unsubscribed since, or the member has switched mail of that kind off."""
    if row.user_id is None:
        return not is_unsubscribed(tx, row.workspace_id, row.recipient)
    return row.kind not in unwanted_kinds(tx, row.workspace_id, row.user_id)


def unwanted_kinds(tx: Transaction, workspace_id: str, user_id: str) -> set[str]:
    """The kinds that a member wants no mail about."""
    preferences = preferences_of(tx, workspace_id, [user_id])[user_id]
    return {kind for kind in KINDS if preferences.choice(kind).email == "off"}
