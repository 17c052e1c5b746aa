"""Files that did not come over HTTP."""

import hashlib
import os

from userhero.kernel.errors import Invalid
from userhero.kernel.http.forms import HEAD, Received
from userhero.kernel.storage import Storage, draft, unavailable
from userhero.media.examine import examine
from userhero.media.formats import limit
from userhero.media.types import Examined


def keep_bytes(storage: Storage, name: str, declared: str, content: bytes) -> Examined:
    """Examine and store a file, outside of any transaction. The caller records it, or takes it out of ``storage``.

    Raises Invalid where uploads refuse such a file too, ServiceUnavailable where it can't be stored now.
    """
    head = content[:HEAD]
    if len(content) > limit(head, declared):
        raise Invalid("file", "is too large")
    descriptor, path = draft(storage.incoming)
    try:
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
        except OSError as error:
            raise unavailable(error) from error
        received = Received(
            path=path,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            head=head,
            declared=declared,
            name=name,
        )
        found = examine(received, storage.origin)
        storage.put(found.name, path)
        return found
    finally:
        path.unlink(missing_ok=True)
