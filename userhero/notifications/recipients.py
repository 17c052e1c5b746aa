"""To whom something goes out."""

from typing import Literal, NamedTuple

Channel = Literal["email", "slack"]


class Recipient(NamedTuple):
    """Who gets it. ``is_unproven``: nobody knows whether whoever gave the address reads there.

    ``address`` is an e-mail address, or what names a place for messages, whose web address is in ``target``, sealed.
    """

    channel: Channel
    address: str
    name: str | None = None
    user_id: str | None = None
    customer_id: str | None = None
    integration_id: str | None = None
    target: bytes | None = None
    is_unproven: bool = False

    @property
    def is_outside(self) -> bool:
        """True for an e-mail address that is no member's."""
        return self.channel == "email" and self.user_id is None
