"""Mail that comes in: strangers' bytes in, a plain struct out. Whatever they hold, it takes time in line with their
size, and ends in ``UnreadableMail`` or a result.
"""

from userhero.kernel.mail.reading.incoming import Attachment, Incoming, read_incoming
from userhero.kernel.mail.reading.structure import UnreadableMail

__all__ = ["Attachment", "Incoming", "UnreadableMail", "read_incoming"]
