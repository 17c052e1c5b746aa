"""Addresses under which mails about an item are answered. Each says what an answer becomes, so that nobody's changed
role turns a note into words to the customer.
"""

from typing import Literal

import msgspec

from userhero.kernel.crypto import Keys
from userhero.kernel.mail.replies import ReplyAddress, read_reply_address, reply_address
from userhero.notifications.kinds import Kind

# A comment by the customer, a comment by a member, an internal note by a member.
Way = Literal["customer", "agent", "note"]
_LETTERS: dict[str, Way] = {"c": "customer", "a": "agent", "n": "note"}


class AnswerAddress(msgspec.Struct, frozen=True):
    """What an address says. ``reply`` proves for whom it was made."""

    feedback_id: str
    way: Way
    reply: ReplyAddress


def way_for(kind: Kind) -> Way:
    """What a member's answer becomes: words to the customer only where the mail showed words of the customer's, sent in
    answer; else a note.
    """
    return "agent" if kind == "customer_replied" else "note"


def answer_address(keys: Keys, domain: str, feedback_id: str, way: Way, recipient: str) -> str:
    """The address under which ``recipient`` answers."""
    return reply_address(keys, domain, f"{feedback_id}_{way[0]}", recipient)


def read_answer_address(address: str, domain: str) -> AnswerAddress | None:
    """What an address says; None where it is none for answers."""
    reply = read_reply_address(address, domain)
    if reply is None:
        return None
    feedback_id, _, letter = reply.conversation_id.rpartition("_")
    way = _LETTERS.get(letter)
    return AnswerAddress(feedback_id, way, reply) if way is not None else None
