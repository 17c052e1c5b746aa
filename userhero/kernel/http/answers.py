"""What a handler returns: JSON text, rendered by the database or by msgspec, in the envelopes of the reference."""

from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

import msgspec
from msgspec import Meta

from userhero.kernel.db.listing import Slice

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


class Answer:
    """A finished answer. ``tagged`` ones get an ETag, ``tag`` once it is known."""

    __slots__ = ("body", "headers", "status", "tag", "tagged")

    def __init__(
        self, status: int, body: bytes, *, tagged: bool = False, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status = status
        self.body = body
        self.tagged = tagged
        self.tag: bytes | None = None
        self.headers = headers


class Json(Generic[T]):
    """One object: ``{"data": {…}}``."""

    tagged: ClassVar[bool] = True

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, value: T) -> Self:
        """The object of a struct."""
        return cls(_encode(value).decode())

    def body(self) -> bytes:
        """The envelope with the object in it."""
        return f'{{"data":{self.text}}}'.encode()


class Bare(Json[T]):
    """One object without an envelope, as the automations family has it."""

    def body(self) -> bytes:
        """The object alone."""
        return self.text.encode()


class Page(Generic[T]):
    """A page of objects: ``{"data": […], "pagination": {…}}``."""

    tagged: ClassVar[bool] = False

    def __init__(self, found: Slice) -> None:
        self.found = found

    def body(self) -> bytes:
        """The envelope with the objects in it."""
        items = ",".join(self.found.items)
        return f'{{"data":[{items}],"pagination":{_encode(self.found.pagination).decode()}}}'.encode()


class Everything(Generic[T]):
    """A whole list, where the reference knows no pages: ``{"data": […]}``."""

    tagged: ClassVar[bool] = False

    def __init__(self, items: list[str]) -> None:
        self.items = items

    def body(self) -> bytes:
        """The envelope with the objects in it."""
        return f'{{"data":[{",".join(self.items)}]}}'.encode()


class Whole(Generic[T]):
    """A list that comes whole unless a page of it is asked for: ``{"data": […]}``, with ``pagination`` where there is
    more than this.
    """

    tagged: ClassVar[bool] = False

    def __init__(self, found: Slice, *, paged: bool) -> None:
        self.found = found
        self.paged = paged

    def body(self) -> bytes:
        """The envelope with the objects in it."""
        if self.paged or self.found.pagination.has_more:
            return Page[T](self.found).body()
        return f'{{"data":[{",".join(self.found.items)}]}}'.encode()


class PageOrOne(Generic[T]):
    """A page of objects, or the one object that the request named: its JSON text instead of a page."""

    tagged: ClassVar[bool] = False

    def __init__(self, found: Slice | str) -> None:
        self.found = found

    def body(self) -> bytes:
        """The envelope of a page or of an object."""
        return Json[T](self.found).body() if isinstance(self.found, str) else Page[T](self.found).body()


class Deleted(msgspec.Struct):
    """What a delete answers: ``{"data": {"id": "…", "deleted": true}}``."""

    id: Annotated[str, Meta(description="What was deleted.", examples=["fb_01k82sc3nne7i91l0s3n0i771e"])]
    deleted: Annotated[bool, Meta(description="Always true.", extra_json_schema={"const": True})] = True


Result = Json[Any] | Page[Any] | Everything[Any] | Whole[Any] | PageOrOne[Any]
