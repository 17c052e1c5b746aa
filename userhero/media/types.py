"""Shapes of media."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from userhero.kernel.http.inputs import Input
from userhero.kernel.http.terms import described, id_for
from userhero.kernel.http.uploads import Prepared
from userhero.media.formats import Kind

FileUrl = Annotated[
    str,
    described(
        "Address of the file; whoever has it can read the file.",
        example="https://feedback.example.com/media/4fS8kQzXw2VbN7tLmR1cYpD6hJ9aGe3u/screenshot.png",
        format="uri",
    ),
]
MimeType = Annotated[str, described("The type found in the content.", example="image/png")]
Size = Annotated[int, described("Bytes stored.", example=102_400, minimum=1)]


class UploadFields(Input, kw_only=True):
    """What may come with a file."""

    project_id: Annotated[str, id_for("proj", "Project that feedback media is for.")] | UnsetType = UNSET
    feedback_id: (
        Annotated[str, id_for("fb", "Feedback ID: makes the file an attachment for its comments and notes.")]
        | UnsetType
    ) = UNSET


class Examined(Prepared, kw_only=True):
    """A file that has been looked at; ``name`` is where it is stored, ``url`` where people get it."""

    token: str
    url: str
    kind: Kind
    mime_type: str
    file_name: str
    size: int
    sha256: str


class UploadedMedia(msgspec.Struct, rename="camel"):
    """An uploaded file, to be used as `screenshotUrl`, `attachmentUrl`, `audioUrl` or `videoUrl`."""

    url: FileUrl
    content_type: MimeType
    size: Size


class Attachment(msgspec.Struct, rename="camel"):
    """A file in a conversation, as the upload returns it and messages show it."""

    id: Annotated[
        str, described("Attachment ID.", example="att_1712345678_abc123", pattern="^att_[0-9]+_[0-9A-Za-z]+$")
    ]
    url: FileUrl
    type: Annotated[Kind, described("What it is.", example="image")]
    file_name: Annotated[str, described("The name it was uploaded with, cleaned.", example="screenshot.png")]
    file_size: Size
    mime_type: MimeType


class StoredMedia(msgspec.Struct, array_like=True, frozen=True):
    """A file as it is served."""

    token: str
    mime_type: str
    size: int
    sha256: str
