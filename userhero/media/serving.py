"""Files on their way out: ``GET`` and ``HEAD /media/<token>/<name>``, for whoever knows the address."""

import re
from functools import partial
from urllib.parse import urlsplit

from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Problem
from userhero.kernel.http.files import Served, check_method, no_such_file, refuse, send_file
from userhero.kernel.http.request import Receive, Request, Scope, Send
from userhero.media.examine import stored_name
from userhero.media.names import generated
from userhero.media.queries import find_stored
from userhero.media.types import StoredMedia

_PATH = re.compile(r"/media/([0-9A-Za-z]{32})/([0-9A-Za-z.\-]{1,40})", re.ASCII)


class MediaServer:
    """The ASGI application for paths under ``/media/``. Where media have a host of their own, it answers only there."""

    def __init__(self, database: Database, *, own_host: bool) -> None:
        self._database = database
        self._host = urlsplit(database.storage.origin).netloc.lower().encode() if own_host else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        request = Request(scope)
        try:
            file = await self._find(request)
        except Problem as problem:
            await refuse(request, problem, send)
            return
        name = generated(file.mime_type)
        served = Served(
            size=file.size,
            tag=file.sha256[:32],
            content_type=file.mime_type,
            disposition=f'inline; filename="{name}"',
            read=partial(self._database.storage.read, stored_name(file.token)),
        )
        await send_file(request, served, send)

    async def _find(self, request: Request) -> StoredMedia:
        matched = _PATH.fullmatch(request.path)
        elsewhere = self._host is not None and (request.one(b"host") or b"").lower() != self._host
        if matched is None or elsewhere:
            raise no_such_file()
        check_method(request)

        def unit(tx: Transaction) -> StoredMedia | None:
            return find_stored(tx, matched[1])

        file = await self._database.serve(_nothing, unit, write=False)
        if file is None or generated(file.mime_type) != matched[2]:
            raise no_such_file()
        return file


def _nothing(tx: Transaction) -> None:
    del tx
