"""What is done to feedback when something has happened elsewhere."""

import msgspec

from userhero.feedback.actions.unassign import JOB, Gone
from userhero.kernel.db import Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import Listeners, enqueue

listeners = Listeners("feedback")


class _Removed(msgspec.Struct, rename="camel"):
    by_id: str
    by_name: str


_decode = msgspec.json.Decoder(_Removed).decode


@listeners.on("member.removed")
def hand_back(tx: Transaction, happened: Happened) -> None:
    """Let nobody look after what somebody looked after who has left."""
    by = _decode(happened.data)
    gone = Gone(workspace=happened.workspace_id, person=happened.subject_id, by_id=by.by_id, by_name=by.by_name)
    enqueue(tx, JOB, msgspec.to_builtins(gone))
