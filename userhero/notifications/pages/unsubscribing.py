"""``/unsubscribe/…``: a page with one button, for people; and what it does, for them and for their mail programs."""

from contextlib import suppress
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import NotFound
from userhero.notifications.unsubscribing import PATH, Shown, describe, read_token, unsubscribe
from userhero.ui import Templates, interface_assets

_HTML, _HEADERS = "text/html; charset=utf-8", {"cache-control": "no-store", "x-robots-tag": "noindex"}
# What a mail program sends (RFC 8058) is shorter; what is sent is not read anyway.
_KINDS = {"digest": "digests"}


class UnsubscribePages:
    """The routes, for the pages around the API."""

    def __init__(self, database: Database, product: str) -> None:
        self._database = database
        self._product = product

    def routes(self) -> list[Route]:
        """GET shows what a link ends; POST ends it, without a question."""
        return [Route(PATH + "{token}", self._page, methods=["GET", "POST"])]

    async def _page(self, request: Request) -> Response:
        is_done = request.method == "POST"
        shown = None
        # What is no link of ours is known without the database: junk makes nobody wait.
        with suppress(NotFound):
            subscription = read_token(self._database.keys, request.path_params["token"])
            act = unsubscribe if is_done else describe
            shown = await self._database.serve(_admit, lambda tx: act(tx, subscription), write=is_done)
        page = self._templates.render(
            "notifications/unsubscribe.html",
            product=self._product,
            workspace=shown.workspace if shown else None,
            what=_worded(shown) if shown else "",
            is_done=is_done,
        )
        return Response(page, 200 if shown else 404, _HEADERS, _HTML)

    @cached_property
    def _templates(self) -> Templates:
        return Templates(["userhero.ui", "userhero.notifications"], interface_assets())


def _admit(tx: Transaction) -> None:
    """The link itself says who may."""


def _worded(shown: Shown) -> str:
    return ", ".join(_KINDS.get(kind, kind.replace("_", " ")) for kind in shown.kinds)
