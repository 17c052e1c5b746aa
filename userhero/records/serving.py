"""Archives on their way out: ``GET`` and ``HEAD /exports/<token>/<name>``, for whoever knows the address."""

import re
from collections.abc import AsyncIterator

from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Problem
from userhero.kernel.http.files import Served, check_method, no_such_file, refuse, send_file
from userhero.kernel.http.request import Receive, Request, Scope, Send
from userhero.kernel.storage import Storage
from userhero.records.queries import Archive, find_archive, read_parts
from userhero.records.types import Part

_PATH = re.compile(r"/exports/([0-9A-Za-z]{32})/([0-9a-z_]{1,40}\.tar\.gz)", re.ASCII)


class ExportServer:
    """The ASGI application for paths under ``/exports/``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        request = Request(scope)
        try:
            archive = await self._find(request)
        except Problem as problem:
            await refuse(request, problem, send)
            return
        parts = read_parts(archive.parts)
        served = Served(
            size=archive.size,
            tag=archive.id,
            content_type="application/gzip",
            disposition=f'attachment; filename="{archive.id}.tar.gz"',
            read=lambda start, end: _read(self._database.storage, parts, start, end),
        )
        await send_file(request, served, send)

    async def _find(self, request: Request) -> Archive:
        matched = _PATH.fullmatch(request.path)
        if matched is None:
            raise no_such_file()
        check_method(request)

        def unit(tx: Transaction) -> Archive | None:
            return find_archive(tx, matched[1])

        archive = await self._database.serve(_nothing, unit, write=False)
        if archive is None or matched[2] != f"{archive.id}.tar.gz":
            raise no_such_file()
        return archive


async def _read(storage: Storage, parts: list[Part], start: int, end: int) -> AsyncIterator[bytes]:
    """The bytes of an archive from one place up to another, from whichever of its files they are in."""
    begin = 0
    for part in parts:
        first, last = max(start - begin, 0), min(end - begin, part.size)
        if first < last:
            async for chunk in storage.read(part.name, first, last):
                yield chunk
        begin += part.size


def _nothing(tx: Transaction) -> None:
    del tx
