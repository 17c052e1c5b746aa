"""Pages for people who signed in, declared as operations are: path, who may see it, and a plain function.

``PageRoutes`` collects them; ``PageEdge`` does what they share: tells who asks from the cookie, refuses what another
site's page has sent (CSRF: Sec-Fetch-Site, with Origin before it was known, and a token of the session in each form),
opens one transaction, and renders what comes back, a problem too.
"""

import asyncio
import hmac
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request as PageRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from userhero.kernel import clock
from userhero.kernel.actor import Actor, Origin
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import BadRequest, Forbidden, Problem, RateLimited
from userhero.kernel.http.door import Door, form_token, read_form
from userhero.kernel.http.limits import Limiter, MemoryLimiter
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.reception import Reception
from userhero.kernel.http.request import Request as EdgeRequest

HTML = "text/html; charset=utf-8"
# Under "no-referrer" browsers say "null" instead of the page's origin, which is what tells our forms from others'.
HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex", "referrer-policy": "same-origin"}
SIGN_IN = "/sign-in"
_AT_ONCE = 4
_TOO_MANY_TRIES = "There were too many tries. Wait for a minute, then try again."
_TOO_MANY_PAGES = "That was a lot of pages in one minute. Wait a little, then go on."
_EXPIRED = "This form has expired. Load the page again, and send it once more."


class View(NamedTuple):
    """What a page shows: a template, and its values. ``status`` is 422 where a form was not taken as it was."""

    template: str
    values: dict[str, Any]
    status: int = 200


class Go(NamedTuple):
    """Where to go on after a form was taken: a path of this server, and what to say there, by name."""

    path: str
    done: str | None = None

    def address(self) -> str:
        """Path and query."""
        if self.done is None:
            return self.path
        return f"{self.path}{'&' if '?' in self.path else '?'}done={self.done}"


class Visit(NamedTuple):
    """A request for a page, by somebody who may see it. ``last_place`` is the workspace that the browser showed last,
    if it says so; nobody has looked whether they are in it. ``prepared`` is what the page's ``first`` led to.
    """

    actor: Actor
    workspace_id: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    last_place: str = ""
    prepared: Any = None


Handler = Callable[[Transaction, Visit], View | Go]
First = Callable[[Transaction, Visit], Callable[[], Any]]


class PageRoute(NamedTuple):
    """A page. ``role`` is the least that its visitor must be in the workspace that the path names; None where it
    belongs to no workspace, and everybody who signed in may see it. ``first`` is for what takes too long for a
    transaction: it looks up what that needs, and returns what to do in a thread between its transaction and the
    handler's. Somebody's forms of this kind are counted, and too many within a minute refused.
    """

    method: str
    path: str
    role: str | None
    handler: Handler
    first: First | None = None


class PageRoutes:
    """The pages of one slice. None can be declared without saying whose it is."""

    def __init__(self) -> None:
        self.all: list[PageRoute] = []

    def get(self, path: str, *, role: str | None) -> Callable[[Handler], Handler]:
        """Declare a page that shows something."""
        return self._add("GET", path, role)

    def post(self, path: str, *, role: str | None, first: First | None = None) -> Callable[[Handler], Handler]:
        """Declare what a form does."""
        return self._add("POST", path, role, first)

    def _add(
        self, method: str, path: str, role: str | None, first: First | None = None
    ) -> Callable[[Handler], Handler]:
        if (role is None) == ("{workspace_id}" in path):
            raise ValueError(f"{method} {path}: a page of a workspace needs a role, any other none")

        def declare(handler: Handler) -> Handler:
            self.all.append(PageRoute(method, path, role, handler, first))
            return handler

        return declare


class _SignInFirst(Exception):
    """Nobody is signed in. ``form`` is what they sent."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form


class _FormExpired(Forbidden):
    """A form that was made for another session."""

    def __init__(self, form: Mapping[str, str]) -> None:
        super().__init__(_EXPIRED)
        self.form = form


class PageEdge:
    """Makes routes of pages. ``render`` turns a template and its values into HTML; ``base_url`` is the server's own
    address. ``tries`` counts the forms that take long. A session gets ``pages`` in 60 seconds from each process, which
    counts in its own memory.
    """

    def __init__(
        self,
        database: Database,
        reception: Reception,
        render: Callable[..., str],
        origins: Origins,
        base_url: str,
        tries: Limiter,
        pages: int,
    ) -> None:
        self._database = database
        self._reception = reception
        self._render = render
        self._origins = origins
        self._tries = tries
        self._few = asyncio.Semaphore(_AT_ONCE)
        self._pages = MemoryLimiter(pages)
        self.door = Door(base_url)

    def routes(self, declared: Iterable[PageRoute]) -> list[Route]:
        """One route for each path, with all its methods."""
        by_path: dict[str, dict[str, PageRoute]] = {}
        for page in declared:
            by_path.setdefault(page.path, {})[page.method] = page
        return [Route(path, self._endpoint(pages), methods=list(pages)) for path, pages in by_path.items()]

    def _endpoint(self, pages: dict[str, PageRoute]) -> Callable[[PageRequest], Any]:
        async def endpoint(request: PageRequest) -> Response:
            page = pages["GET" if request.method == "HEAD" else request.method]
            try:
                return await self._answer(request, page)
            except _SignInFirst as found:
                return self._sign_in_first(request, found.form)
            except _FormExpired as problem:
                kept = _typed(problem.form)
                return self._kept(request, kept, problem.status) if kept else self.problem(problem)
            except Problem as problem:
                return self.problem(problem)

        return endpoint

    async def _answer(self, request: PageRequest, page: PageRoute) -> Response:
        writes, token = page.method == "POST", self.door.token(request)
        form = await self._form(request) if writes else {}
        path = {name: str(value) for name, value in request.path_params.items()}
        query = dict(request.query_params)
        if any("\0" in text for text in (*path.values(), *query.values())):
            raise BadRequest("NUL characters are not accepted.")
        workspace_id, last_place = path.get("workspace_id"), self.door.last_place(request)

        def visit_of(tx: Transaction) -> Visit:
            actor = self._reception.find(tx, token)
            if actor is None:
                raise _SignInFirst(form)
            tx.origin = lambda: self.origin_of(request)
            self._count(request, actor)
            if writes and not hmac.compare_digest(form.get("csrf", "").encode(), form_token(token).encode()):
                raise _FormExpired(form)
            if workspace_id is not None:
                self._reception.enter(tx, actor, workspace_id, page.role or "")
            return Visit(actor, workspace_id, path, query, form, last_place)

        prepared = None if page.first is None else await self._prepare(page.first, visit_of)

        def unit(tx: Transaction) -> tuple[View | Go, dict[str, Any], Callable[[Transaction], None] | None]:
            visit = visit_of(tx)._replace(prepared=prepared)
            found = page.handler(tx, visit)
            frame = {} if isinstance(found, Go) else self._reception.frame(tx, visit.actor, workspace_id)
            return found, frame, self._reception.seen(tx, visit.actor)

        found, frame, note = await self._database.serve(_admit, unit, write=writes)
        if note is not None:
            self._database.defer(note)
        if isinstance(found, Go):
            return RedirectResponse(found.address(), 303, HEADERS)
        response = self._shown(request, found, frame, token)
        if workspace_id not in (None, last_place):
            self.door.keep_place(response, str(workspace_id))
        return response

    def _shown(self, request: PageRequest, view: View, frame: dict[str, Any], token: str) -> Response:
        values = {**frame, "csrf": form_token(token), "here": request.url.path, **view.values}
        return Response(self._render(view.template, **values), view.status, HEADERS, HTML)

    async def _form(self, request: PageRequest) -> dict[str, str]:
        self.door.check_origin(request)
        return await read_form(request)

    async def _prepare(self, first: First, visit_of: Callable[[Transaction], Visit]) -> Any:
        def unit(tx: Transaction) -> Callable[[], Any]:
            visit = visit_of(tx)
            if not self._tries.hit(tx, f"forms of {visit.actor.user_id}").accepted:
                raise RateLimited(_TOO_MANY_TRIES)
            return first(tx, visit)

        work = await self._database.serve(_admit, unit, write=True)
        async with self._few:
            return await asyncio.to_thread(work)

    def _count(self, request: PageRequest, actor: Actor) -> None:
        """Raises RateLimited where the session asked for too much. A unit may be run again; a request counts once."""
        if not hasattr(request.state, "quota"):
            request.state.quota = self._pages.count(actor.credential_id)
        if not request.state.quota.accepted:
            wait = max(1, ceil(request.state.quota.reset - clock.seconds()))
            raise RateLimited(_TOO_MANY_PAGES, headers=(("Retry-After", str(wait)),))

    def _sign_in_first(self, request: PageRequest, form: Mapping[str, str]) -> Response:
        """The way to the sign-in page and back; where something was typed, a page that keeps it meanwhile."""
        kept = _typed(form)
        if kept:
            return self._kept(request, kept, 401)
        asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        back = "" if request.method == "POST" else "?next=" + quote(asked, safe="")
        return RedirectResponse(SIGN_IN + back, 303, HEADERS)

    def _kept(self, request: PageRequest, kept: dict[str, str], status: int) -> Response:
        """A page that shows what was typed into a form whose session is over, to be sent once more."""
        asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        token = self.door.token(request)
        page = self._render(
            "ui/kept.html",
            action=asked,
            kept=kept,
            is_signed_out=status == 401,
            csrf=form_token(token),
            sign_in=SIGN_IN,
        )
        return Response(page, status, HEADERS, HTML)

    def origin_of(self, request: PageRequest) -> Origin:
        """Where a request came from, as far as that is kept."""
        return self._origins.of(EdgeRequest(request.scope))

    def network_of(self, request: PageRequest) -> str:
        """The address or network that a request came from, for limits."""
        return self._origins.network(EdgeRequest(request.scope))

    def problem(self, problem: Problem) -> Response:
        """A page that says what went wrong."""
        title = HTTPStatus(problem.status).phrase
        page = self._render("ui/problem.html", title=title, message=problem.message)
        return Response(page, problem.status, HEADERS | dict(problem.headers), HTML)


def _typed(form: Mapping[str, str]) -> dict[str, str]:
    """What somebody filled in; passwords are not shown again. Empty where there is nothing to lose."""
    kept = {name: value for name, value in form.items() if name != "csrf" and "password" not in name}
    return kept if any(value.strip() for value in kept.values()) else {}


def _admit(tx: Transaction) -> None:
    """Who asks is told within the unit: what it may do depends on that."""
