"""What an export holds, in the order of its files."""

from userhero import automations, customers, feedback, notifications, projects, webhooks, workflows, workspaces
from userhero.kernel.db.extract import Extract
from userhero.records.types import ExportRow

_EXTRACTS: tuple[Extract, ...] = (
    *workspaces.EXTRACTS,
    *projects.EXTRACTS,
    *customers.EXTRACTS,
    *feedback.EXTRACTS,
    *automations.EXTRACTS,
    *workflows.EXTRACTS,
    *notifications.EXTRACTS,
    *webhooks.EXTRACTS,
    feedback.MEDIA,
)


class Step:
    """A kind of object; ``brings_files`` says that it is the files themselves, rather than what is known of them."""

    def __init__(self, extract: Extract, *, brings_files: bool = False) -> None:
        self.extract = extract
        self.brings_files = brings_files


def steps(row: ExportRow) -> list[Step]:
    """What is to be put into an archive, one after the other."""
    found = [Step(extract) for extract in _EXTRACTS if row.customer_id is None or extract.is_personal]
    return [*found, Step(feedback.MEDIA, brings_files=True)] if row.include_media else found
