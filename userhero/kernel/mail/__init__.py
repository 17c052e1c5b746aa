"""E-mail: written, sent, and read when it is answered. Who is to hear of what is for others to decide.

A ``Letter`` is one mail to one recipient; a ``Mailer`` hands it to the operator's server and says what became of it.
``templates`` writes its two bodies, ``replies`` an address under which the answer finds its conversation, and
``reading`` takes that answer apart.
"""

from userhero.kernel.mail.addresses import Mailbox, find_address
from userhero.kernel.mail.letter import InvalidLetter, Letter, compose, message_id
from userhero.kernel.mail.mailer import Batch, Delayed, Mailer, Outcome, Refused, Sent, open_mailer

__all__ = [
    "Batch",
    "Delayed",
    "InvalidLetter",
    "Letter",
    "Mailbox",
    "Mailer",
    "Outcome",
    "Refused",
    "Sent",
    "compose",
    "find_address",
    "message_id",
    "open_mailer",
]
