"""A file on its way from a request into the store."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

import msgspec

from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.http.forms import Form, Limit, Received, read_form
from userhero.kernel.http.request import Receive, Request
from userhero.kernel.storage import Storage


class Prepared(msgspec.Struct, kw_only=True):
    """A file that has been looked at and may be stored under ``name``. Slices add what they found out."""

    name: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation takes: no file has more than ``most`` bytes; ``limit`` says how many this kind may have.

    ``prepare`` looks at a received file, and may rewrite it in place; it is also given the origin of the store. It runs
    in a thread, outside any transaction. Both raise BadRequest for a file that is not accepted.
    """

    most: int
    limit: Limit
    prepare: Callable[[Received, str], Prepared]


class Intake:
    """One file. On leaving, the draft is gone, and so is what was stored unless ``kept`` says that
    a row may name it.
    """

    def __init__(self, storage: Storage, upload: Upload) -> None:
        self.kept = False
        self._storage = storage
        self._upload = upload
        self._form: Form | None = None
        self._stored: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        await asyncio.shield(asyncio.to_thread(self._clean))

    async def receive(self, request: Request, receive: Receive) -> Form:
        """The form. Raises BadRequest."""
        upload = self._upload
        self._form = await read_form(request, receive, self._storage.incoming, upload.most, upload.limit)
        return self._form

    async def prepare(self) -> Prepared:
        """What is known of the file once it has been looked at. Raises BadRequest."""
        assert self._form is not None, "received first"
        return await asyncio.to_thread(self._upload.prepare, self._form.file, self._storage.origin)

    async def store(self, prepared: Prepared) -> None:
        """Put the file into the store."""
        assert self._form is not None, "received first"
        # Noted before it is done: whatever happens meanwhile, a half-done put is undone.
        self._stored = prepared.name
        await asyncio.to_thread(self._storage.put, prepared.name, self._form.file.path)

    def _clean(self) -> None:
        if self._form is not None:
            self._form.file.path.unlink(missing_ok=True)
        if self._stored is not None and not self.kept:
            with contextlib.suppress(ServiceUnavailable):
                self._storage.delete(self._stored)
