"""Shapes of erasures."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec

from userhero.kernel.http.inputs import Input
from userhero.kernel.http.terms import a_time, an_id, described
from userhero.records.types import Progress

Content = Literal["delete", "keep"]
_IDS = re.compile(r"\b(?:fb|cust)_[0-9a-v]{26}\b")


class Erase(Input, kw_only=True):
    """How to erase a customer."""

    content: Annotated[
        Content,
        described(
            "`delete` removes what they sent; `keep` leaves its words and takes from them who said it.",
            example="delete",
        ),
    ] = "delete"


class Erasure(msgspec.Struct, rename="camel"):
    """An erasure: a job while it goes on, evidence afterwards."""

    id: Annotated[str, an_id("era", "Erasure ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    customer_id: Annotated[str, an_id("cust", "The customer who is erased.")]
    content: Annotated[Content, described("What becomes of what they sent.", example="delete")]
    status: Annotated[Literal["waiting", "running", "done"], described("How it stands.", example="done")]
    progress: Progress
    created_at: Annotated[str, a_time("When it was asked for.")]
    finished_at: Annotated[str, a_time("When nothing was left.")] | None


class ErasureRow(msgspec.Struct, array_like=True, frozen=True):
    """An erasure that goes on."""

    id: str
    workspace_id: str
    customer_id: str
    content: Content
    stage: int
    done: int
    marks: bytes
    created_at: str


class Marks(msgspec.Struct):
    """By what traces of a customer are told: addresses in stored spelling, their ids and those of who was merged into
    them, and ids of items; None before these were looked up. ``said`` has the items on which they said something, and
    under which name. ``place`` is a stage, and the key of the last row that it has looked at, where a job ended in it.
    """

    emails: list[str]
    phones: list[str]
    ids: list[str]
    items: list[str] | None = None
    said: list[tuple[str, str]] = []
    place: tuple[int, Any] | None = None


class Description:
    """Tells whether a text is about a customer: one of their ids is in it, or what a notice of a comment of theirs
    begins with (``beginning``) next to the id of the item, or, where it was written before they were erased, one of
    their addresses. Whoever comes later with the same address is somebody else.
    """

    def __init__(self, marks: Marks, until: str, beginning: Callable[[str], str]) -> None:
        self._ids = {*marks.ids, *(marks.items or ())}
        self._said: dict[str, set[str]] = {}
        for feedback_id, name in marks.said:
            begun = beginning(name)
            # In JSON some signs are spelled in another way.
            within = msgspec.json.encode(begun).decode()[1:-1]
            self._said.setdefault(feedback_id, set()).update((begun, within))
        self._until = until
        # The second way is the start of a line, as JSON spells it.
        before = r"(?:(?<![\w.+-])|(?<=\\[nrt]))"
        spelled = [rf"{before}{re.escape(email)}(?![\w-])" for email in marks.emails]
        spelled += [rf"(?<!\d){re.escape(phone)}(?!\d)" for phone in marks.phones]
        self._addresses = re.compile("|".join(spelled), re.IGNORECASE) if spelled else None

    def fits(self, since: str, text: str) -> bool:
        """True where a text that tells of that time is about them."""
        named = set(_IDS.findall(text))
        if not self._ids.isdisjoint(named):
            return True
        if any(begun in text for feedback_id in named for begun in self._said.get(feedback_id, ())):
            return True
        return self._addresses is not None and since <= self._until and bool(self._addresses.search(text))
