"""Shapes of media."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input
from userhero.kernel.http.uploads import Prepared
from userhero.media.formats import Kind


class UploadFields(Input, kw_only=True):
    """What may come with a file."""

    project_id: Annotated[str, Meta(description="Project that feedback media is for.")] | UnsetType = UNSET
    feedback_id: (
        Annotated[str, Meta(description="Feedback ID: makes the file an attachment for its comments and notes.")]
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

    url: Annotated[str, Meta(description="Address of the file; whoever has it can read the file.")]
    content_type: Annotated[str, Meta(description="The type found in the content.")]
    size: Annotated[int, Meta(description="Bytes stored.")]


class Attachment(msgspec.Struct, rename="camel"):
    """A file in a conversation, as the upload returns it and messages show it."""

    id: Annotated[str, Meta(description="Attachment ID.", examples=["att_1712345678_abc123"])]
    url: Annotated[str, Meta(description="Address of the file; whoever has it can read the file.")]
    type: Annotated[Kind, Meta(description="What it is.")]
    file_name: Annotated[str, Meta(description="The name it was uploaded with, cleaned.")]
    file_size: Annotated[int, Meta(description="Bytes stored.")]
    mime_type: Annotated[str, Meta(description="The type found in the content.")]


class StoredMedia(msgspec.Struct, array_like=True, frozen=True):
    """A file as it is served."""

    token: str
    mime_type: str
    size: int
    sha256: str
