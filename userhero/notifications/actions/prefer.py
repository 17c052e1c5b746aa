"""Choosing what to hear of."""

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.zones import is_zone
from userhero.notifications.kinds import KINDS
from userhero.notifications.preferences import Preferences, StoredChoice, preferences_of
from userhero.notifications.tables import notification_preferences
from userhero.notifications.types import NotificationPreferences, PreferencesChange, ShownChoice
from userhero.workspaces import enter_named

_p = notification_preferences
_names = ("workspace_id", "user_id", "choices", "digest", "digest_hour", "time_zone", "updated_at")
_put = insert(_p).values({name: bindparam(name) for name in _names})
_PUT = Statement(
    _put.on_conflict_do_update(
        index_elements=[_p.c.workspace_id, _p.c.user_id],
        set_={name: _put.excluded[name] for name in _names[2:]},
    )
)
_encode = msgspec.json.Encoder().encode


def show_preferences(tx: Transaction, actor: Actor, workspace_id: str | UnsetType) -> NotificationPreferences:
    """What the actor hears of in a workspace, and how."""
    access = enter_named(tx, actor, workspace_id)
    found = preferences_of(tx, access.workspace_id, [actor.user_id])[actor.user_id]
    choices = {kind: found.choice(kind) for kind in KINDS}
    return NotificationPreferences(
        workspace_id=access.workspace_id,
        user_id=actor.user_id,
        kinds={kind: ShownChoice(choice.in_app, choice.email) for kind, choice in choices.items()},
        digest=found.digest,
        digest_hour=found.digest_hour,
        time_zone=found.time_zone,
    )


def set_preferences(
    tx: Transaction, actor: Actor, change: PreferencesChange, workspace_id: str | UnsetType
) -> NotificationPreferences:
    """Replace the actor's preferences in a workspace; returns them. Raises Invalid for an unknown time zone."""
    access = enter_named(tx, actor, workspace_id)
    choices = {
        str(kind): StoredChoice(given.in_app or None, given.email or None) for kind, given in change.kinds.items()
    }
    if not is_zone(change.time_zone):
        raise Invalid("timeZone", "must be the name of an IANA time zone, such as Europe/Berlin")
    preferences = Preferences(
        choices=choices, digest=change.digest, digest_hour=change.digest_hour, time_zone=change.time_zone
    )
    _store(tx, access.workspace_id, actor.user_id, preferences)
    return show_preferences(tx, actor, access.workspace_id)


def switch_off(tx: Transaction, workspace_id: str, user_id: str, kinds: set[str]) -> None:
    """Send a member no more mail about these kinds; ``digest`` stands for all that comes in digests."""
    before = preferences_of(tx, workspace_id, [user_id])[user_id]
    ended = [kind for kind in KINDS if kind in kinds or ("digest" in kinds and before.choice(kind).email == "digest")]
    own = {kind: before.choices.get(kind) or StoredChoice() for kind in ended}
    choices = before.choices | {kind: StoredChoice(each.in_app, "off") for kind, each in own.items()}
    _store(tx, workspace_id, user_id, msgspec.structs.replace(before, choices=choices))


def _store(tx: Transaction, workspace_id: str, user_id: str, preferences: Preferences) -> None:
    tx.run(
        _PUT,
        workspace_id=workspace_id,
        user_id=user_id,
        choices=_encode(preferences.choices).decode(),
        digest=preferences.digest,
        digest_hour=preferences.digest_hour,
        time_zone=preferences.time_zone,
        updated_at=tx.now,
    )
