"""What is served beside the API: the landing page, the reference, health, metrics, static files, first set-up."""

from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import literal_column, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from userhero.kernel import ids, log
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.errors import BadRequest, InternalError, MethodNotAllowed, NotFound, Problem
from userhero.kernel.http import metrics, problems
from userhero.kernel.http.limits import DatabaseLimiter, MemoryLimiter
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.pages import PageEdge
from userhero.kernel.http.request import Message, Receive, Scope, Send
from userhero.kernel.http.routing import RouteTable
from userhero.notifications.pages import UnsubscribePages
from userhero.server import composition
from userhero.server.reference import PRODUCT, SENTENCE, openapi_document
from userhero.server.setup_pages import SetUpPages
from userhero.ui import Content, Templates, interface_assets, render_landing, render_reference
from userhero.workspaces import FrontDesk
from userhero.workspaces.pages import InvitationPages, ResetPages, SignInPages, Throttle

OPENAPI_PATH = "/api/v1/openapi.json"
_HTML = "text/html; charset=utf-8"
# Pictures and recordings that people sent may have a host of their own.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {media}; media-src 'self' {media}; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# Tries to sign in within a minute: from one address at one account, and from one address or at one account in all.
_TRIES_AT_ONE, _TRIES_FROM_ONE = 10, 30
# People click and browsers load ahead: a session gets as many pages a minute as several keys requests.
_PAGES_A_REQUEST = 6
_ANYTHING = Statement(select(literal_column("1")))
_logger = log.get("pages")


class Pages:
    """An ASGI application. Whatever it answers carries a request id and the security headers."""

    def __init__(self, settings: Settings, database: Database, routes: RouteTable, origins: Origins) -> None:
        self._settings = settings
        self._database = database
        self._routes = routes
        policy = _POLICY.format(media=database.storage.origin)
        self._security = ((b"content-security-policy", policy.encode()), *_SECURITY)
        desk = FrontDesk(composition.SECTIONS)
        tries, pages = _limiter(database, _TRIES_AT_ONE), settings.rate_limit * _PAGES_A_REQUEST
        edge = PageEdge(database, desk, self._render, origins, settings.base_url, tries, pages)
        throttle = Throttle(*(_limiter(database, tries) for tries in (_TRIES_AT_ONE, _TRIES_FROM_ONE)))
        self._router = Router(
            [
                Route("/", self._landing),
                Route("/docs", self._docs),
                Route(OPENAPI_PATH, self._openapi),
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
                *UnsubscribePages(database, PRODUCT).routes(),
                *SignInPages(database, edge, throttle, self._render).routes(),
                *ResetPages(database, edge, throttle, self._render).routes(),
                *InvitationPages(database, edge, self._render).routes(),
                *SetUpPages(database, edge, self._render, settings.base_url).routes(),
                *edge.routes(composition.PAGES),
                *interface_assets().routes(),
            ],
            redirect_slashes=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors have the API's shape."""
        request_id = ids.new("req")
        # Without it the router answers 404 and 405 by itself, in a shape of its own.
        scope["app"] = self

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                missing = [header for header in self._security if header[0] not in present]
                message["headers"] = [*message["headers"], *missing, (b"x-request-id", request_id.encode())]
            await send(message)

        problem = await self._problem(scope, receive, send_marked, request_id)
        if problem is not None:
            answer = problems.render(problem, request_id)
            headers = {"cache-control": "no-store", **dict(answer.headers)}
            response = Response(answer.body, answer.status, headers, "application/json")
            await response(scope, receive, send_marked)

    async def _problem(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> Problem | None:
        """Answer the request, or say what went wrong before the answer began."""
        began = False

        async def send_watched(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._router(scope, receive, send_watched)
        except Problem as problem:
            return problem
        except HTTPException as error:
            return _as_problem(error, scope["path"])
        except Exception:
            _logger.exception("page failed", request=request_id, path=scope["path"])
            return None if began else InternalError("Something went wrong on our side.")
        return None

    async def _landing(self, request: Request) -> Response:
        return self._landing_page.answer(request, cache_control="no-cache")

    async def _docs(self, request: Request) -> Response:
        return self._docs_page.answer(request, cache_control="no-cache")

    async def _openapi(self, request: Request) -> Response:
        return self._openapi_content.answer(request, cache_control="no-cache")

    async def _healthz(self, request: Request) -> Response:
        del request
        return _plain_json({"status": "ok"})

    async def _readyz(self, request: Request) -> Response:
        del request
        await self._read(lambda tx: tx.value(_ANYTHING))
        return _plain_json({"status": "ready"})

    async def _metrics(self, request: Request) -> Response:
        del request
        return Response(metrics.render(), headers={"cache-control": "no-store"}, media_type=metrics.CONTENT_TYPE)

    def _render(self, template: str, **values: object) -> str:
        return self._templates.render(template, product=PRODUCT, **values)

    async def _read(self, unit: Any) -> None:
        await self._database.serve(_admit_all, unit, write=False)

    # Made when somebody first asks: neither the start nor the memory of a server nobody reads about pays for them.

    @cached_property
    def _document(self) -> dict[str, Any]:
        return openapi_document(self._settings, self._routes)

    @cached_property
    def _openapi_content(self) -> Content:
        return Content.of(msgspec.json.encode(self._document), "application/json")

    @cached_property
    def _docs_page(self) -> Content:
        page = render_reference(self._document, base_url=self._settings.base_url, document_url=OPENAPI_PATH)
        return Content.of(page, _HTML)

    @cached_property
    def _landing_page(self) -> Content:
        return Content.of(render_landing(product=PRODUCT, sentence=SENTENCE), _HTML)

    @cached_property
    def _templates(self) -> Templates:
        return Templates(composition.TEMPLATES, interface_assets())


def _limiter(database: Database, limit: int) -> MemoryLimiter | DatabaseLimiter:
    return MemoryLimiter(limit) if database.engine == "sqlite" else DatabaseLimiter(limit)


def _admit_all(tx: Transaction) -> None:
    """These pages are for everybody."""


def _plain_json(value: dict[str, str]) -> Response:
    return Response(msgspec.json.encode(value), headers={"cache-control": "no-store"}, media_type="application/json")


def _as_problem(error: HTTPException, path: str) -> Problem:
    if error.status_code == 404:
        return NotFound(f"There is nothing at {path}.")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "GET")
        return MethodNotAllowed(f"Use {allowed} here.", headers=(("Allow", allowed),))
    return BadRequest(error.detail)
