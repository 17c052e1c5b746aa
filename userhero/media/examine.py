"""From a file as it came to one that may be stored."""

import hashlib
from pathlib import Path

from userhero.kernel import ids
from userhero.kernel.http.forms import Received
from userhero.media import formats
from userhero.media.names import cleaned, generated
from userhero.media.pictures import rewrite
from userhero.media.types import Examined

_TOKEN = 32


def examine(file: Received, origin: str) -> Examined:
    """What is known of a file; a picture has been rewritten where it lies. ``origin`` is where media are served.

    Raises Invalid where the content is of no accepted type, not what it was declared as, too large or damaged.
    """
    mime_type = formats.decide(file.head, file.declared, file.path)
    kind = formats.kind_of(mime_type)
    size, sha256 = file.size, file.sha256
    if kind == "image":
        size = rewrite(file.path, mime_type)
        sha256 = _digest(file.path)
    token = ids.random_base62(_TOKEN)
    return Examined(
        name=stored_name(token),
        token=token,
        url=f"{origin}/media/{token}/{generated(mime_type)}",
        kind=kind,
        mime_type=mime_type,
        file_name=cleaned(file.name, mime_type),
        size=size,
        sha256=sha256,
    )


def stored_name(token: str) -> str:
    """Where in the store the file with this token lies."""
    return f"{token[:2]}/{token}"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
