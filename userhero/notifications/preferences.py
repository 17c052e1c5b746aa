"""What members have chosen to hear of, and how."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from sqlalchemy import bindparam, select

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.notifications.kinds import DEFAULTS, ByMail, Choice, InApp, Kind
from userhero.notifications.tables import notification_preferences

Digest = Literal["hourly", "daily"]
USUAL_HOUR, USUAL_ZONE = 8, "UTC"

_p = notification_preferences
_OF = Statement(
    select(_p.c.user_id, _p.c.choices, _p.c.digest, _p.c.digest_hour, _p.c.time_zone).where(
        _p.c.workspace_id == bindparam("workspace"), is_among(_p.c.user_id, bindparam("people"))
    )
)


class StoredChoice(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True):
    """What somebody has said about a kind; None where they have not."""

    in_app: InApp | None = None
    email: ByMail | None = None


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """How one member hears of things. ``digest_hour`` is by the clocks of ``time_zone``."""

    choices: dict[str, StoredChoice] = {}
    digest: Digest = "daily"
    digest_hour: int = USUAL_HOUR
    time_zone: str = USUAL_ZONE

    def choice(self, kind: Kind) -> Choice:
        """How they hear of a kind."""
        usual, own = DEFAULTS[kind], self.choices.get(kind) or StoredChoice()
        return Choice(own.in_app or usual.in_app, own.email or usual.email)


class _Row(msgspec.Struct, array_like=True):
    user_id: str
    choices: str
    digest: Digest
    digest_hour: int
    time_zone: str


_USUAL = Preferences()
_decode = msgspec.json.Decoder(dict[str, StoredChoice]).decode
_encode = msgspec.json.Encoder().encode


def preferences_of(tx: Transaction, workspace_id: str, user_ids: Iterable[str]) -> dict[str, Preferences]:
    """What each of the users has chosen in a workspace; the usual for those who have chosen nothing."""
    wanted = sorted(set(user_ids))
    rows = tx.list(_Row, _OF, workspace=workspace_id, people=_encode(wanted).decode())
    found = {
        row.user_id: Preferences(
            choices=_decode(row.choices), digest=row.digest, digest_hour=row.digest_hour, time_zone=row.time_zone
        )
        for row in rows
    }
    return {user_id: found.get(user_id, _USUAL) for user_id in wanted}
