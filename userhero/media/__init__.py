"""Files that people upload: what is accepted, where it is kept, how it is served, when it goes.

``UPLOADS`` says what an upload route accepts; ``add_media`` records what it took. A file stays once it is attached:
to a message (``attach``), or to an item whose address fields name it (``claim_addresses``).
"""

from userhero.kernel.http.uploads import Upload
from userhero.media.actions import add_media, attach, check_addresses, claim_addresses, drop_attachments, drop_files
from userhero.media.examine import examine
from userhero.media.extracts import ExtractedFile, media_extract, read_extracted
from userhero.media.formats import MOST, limit
from userhero.media.keep import keep_bytes
from userhero.media.queries import find_attachment, list_files
from userhero.media.serving import MediaServer
from userhero.media.types import Attachment, Examined, UploadedMedia, UploadFields

UPLOADS = Upload(most=MOST, limit=limit, prepare=examine)

__all__ = [
    "UPLOADS",
    "Attachment",
    "Examined",
    "ExtractedFile",
    "MediaServer",
    "UploadFields",
    "UploadedMedia",
    "add_media",
    "attach",
    "check_addresses",
    "claim_addresses",
    "drop_attachments",
    "drop_files",
    "find_attachment",
    "keep_bytes",
    "list_files",
    "media_extract",
    "read_extracted",
]
