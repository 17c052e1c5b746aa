"""Shapes of exports."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.kernel.http.terms import a_time, an_id, described, id_for

Format = Literal["ndjson", "csv"]
Status = Literal["waiting", "running", "done", "failed", "expired"]

CustomerId = Annotated[str, an_id("cust", "The one customer whose data it holds; `null` for the whole workspace.")]


class NewExport(Input, kw_only=True):
    """What to export."""

    workspace_id: WorkspaceId
    customer_id: Annotated[str, id_for("cust", "Only what concerns this customer.")] | None = None
    format: Annotated[Format, described("`ndjson` is exact, `csv` is for spreadsheets.", example="ndjson")] = "ndjson"
    include_media: Annotated[bool, Meta(description="Put uploaded files into the archive too.")] = False


class ExportList(Paging, kw_only=True):
    """Which part of the exports to list."""

    workspace_id: WorkspaceId


class Progress(msgspec.Struct):
    """How far it is."""

    done: Annotated[int, described("Objects and files dealt with.", example=1200, minimum=0)]
    total: Annotated[int, described("How many there are; 0 before they are counted.", example=1200, minimum=0)]


class Export(msgspec.Struct, rename="camel"):
    """An export: a job, and what came of it."""

    id: Annotated[str, an_id("exp", "Export ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    customer_id: CustomerId | None
    format: Annotated[Format, described("How objects are written.", example="ndjson")]
    include_media: Annotated[bool, Meta(description="Whether uploaded files are in it.")]
    status: Annotated[Status, described("How it stands.", example="done")]
    progress: Progress
    bytes: Annotated[int, described("Size of the archive so far.", example=48_213, minimum=0)]
    url: (
        Annotated[
            str,
            described(
                "Where to get the archive while `status` is `done`; whoever has the address can.",
                example="https://feedback.example.com/exports/4fS8kQzXw2VbN7tLmR1cYpD6hJ9aGe3u/acme.tar.gz",
                format="uri",
            ),
        ]
        | None
    )
    error: Annotated[str, described("Why it failed.", example="The customer is gone.")] | None
    created_at: Annotated[str, a_time("When it was asked for; nothing newer is in it.")]
    finished_at: Annotated[str, a_time("When it was done or failed.")] | None
    expires_at: Annotated[str, a_time("When the archive is removed.")] | None


class FileEntry(msgspec.Struct):
    """A file of an archive as its manifest lists it."""

    name: str
    records: int
    bytes: int
    sha256: str


class Media(msgspec.Struct):
    """How many uploaded files are in an archive, their bytes, and how many were not in the store any more."""

    files: int = 0
    bytes: int = 0
    missing: int = 0


class Place(msgspec.Struct):
    """How far an archive is: the step, the key of the last row, files begun in this step; and what is in it so far."""

    step: int = 0
    after: list[Any] | None = None
    begun: int = 0
    records: dict[str, int] = {}
    files: list[FileEntry] = []
    media: Media = msgspec.field(default_factory=Media)


class Part(msgspec.Struct, array_like=True, frozen=True):
    """A stretch of an archive: its name in the store, and its bytes."""

    name: str
    size: int


class ExportRow(msgspec.Struct, array_like=True, frozen=True):
    """An export as whoever writes it needs to know it."""

    id: str
    workspace_id: str
    customer_id: str | None
    format: Format
    include_media: bool
    place: str | None
    parts: str
    created_at: str
