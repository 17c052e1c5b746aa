"""Pages for people who signed in, declared as operations are: path, who may see it, and a plain function.

``PageRoutes`` collects them; ``PageEdge`` does what they share: tells who asks from the cookie, refuses what another
site's page has sent (CSRF: Sec-Fetch-Site, with Origin before it was known, and a token of the session in each form),
opens one transaction, and renders what comes back, a problem too.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import ClientDisconnect
from starlette.requests import Request as PageRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from userhero.kernel.actor import Actor, Origin
from userhero.kernel.crypto import digest
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import BadRequest, Forbidden, Problem
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.patience import within
from userhero.kernel.http.request import BODY_SECONDS
from userhero.kernel.http.request import Request as EdgeRequest

HTML = "text/html; charset=utf-8"
# Under "no-referrer" browsers say "null" instead of the page's origin, which is what tells our forms from others'.
HEADERS = {"cache-control": "no-store", "x-robots-tag": "noindex", "referrer-policy": "same-origin"}
SIGN_IN = "/sign-in"
MAX_FORM, MAX_FIELDS = 256 * 1024, 200


class View(NamedTuple):
    """What a page shows: a template, and its values. ``status`` is 422 where a form was not taken as it was."""

    template: str
    values: dict[str, Any]
    status: int = 200


class Go(NamedTuple):
    """Where to go on after a form was taken: a path of this server, and what to say there, by name."""

    path: str
    done: str | None = None


class Visit(NamedTuple):
    """A request for a page, by somebody who may see it."""

    actor: Actor
    workspace_id: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]


Handler = Callable[[Transaction, Visit], View | Go]


class PageRoute(NamedTuple):
    """A page. ``role`` is the least that its visitor must be in the workspace that the path names; None where it
    belongs to no workspace, and everybody who signed in may see it.
    """

    method: str
    path: str
    role: str | None
    handler: Handler


class PageRoutes:
    """The pages of one slice. None can be declared without saying whose it is."""

    def __init__(self) -> None:
        self.all: list[PageRoute] = []

    def get(self, path: str, *, role: str | None) -> Callable[[Handler], Handler]:
        """Declare a page that shows something."""
        return self._add("GET", path, role)

    def post(self, path: str, *, role: str | None) -> Callable[[Handler], Handler]:
        """Declare what a form does."""
        return self._add("POST", path, role)

    def _add(self, method: str, path: str, role: str | None) -> Callable[[Handler], Handler]:
        if (role is None) == ("{workspace_id}" in path):
            raise ValueError(f"{method} {path}: a page of a workspace needs a role, any other none")

        def declare(handler: Handler) -> Handler:
            self.all.append(PageRoute(method, path, role, handler))
            return handler

        return declare


class Reception(Protocol):
    """Who knows the people: told who asks, lets them in, and says what the frame of their pages shows."""

    def find(self, tx: Transaction, token: str) -> Actor | None:
        """Whose session this is, or None."""
        ...

    def seen(self, tx: Transaction, actor: Actor) -> Callable[[Transaction], None] | None:
        """What is to be written down about the visit, if anything."""
        ...

    def enter(self, tx: Transaction, actor: Actor, workspace_id: str, role: str) -> None:
        """Raises NotFound for strangers, Forbidden for whoever is less than ``role``."""
        ...

    def frame(self, tx: Transaction, actor: Actor, workspace_id: str | None) -> dict[str, Any]:
        """What the shell shows around the page."""
        ...


class _SignInFirst(Exception):
    """Nobody is signed in."""


class PageEdge:
    """Makes routes of pages. ``render`` turns a template and its values into HTML; ``base_url`` is the server's own
    address.
    """

    def __init__(
        self,
        database: Database,
        reception: Reception,
        render: Callable[..., str],
        origins: Origins,
        base_url: str,
    ) -> None:
        self._database = database
        self._reception = reception
        self._render = render
        self._origins = origins
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
            except _SignInFirst:
                back = "" if request.method == "POST" else "?next=" + quote(request.url.path, safe="")
                return RedirectResponse(SIGN_IN + back, 303, HEADERS)
            except Problem as problem:
                return self.problem(problem)

        return endpoint

    async def _answer(self, request: PageRequest, page: PageRoute) -> Response:
        writes, token = page.method == "POST", self.door.token(request)
        if writes:
            self.door.check_origin(request)
        form = await read_form(request) if writes else {}
        path = {name: str(value) for name, value in request.path_params.items()}
        query = dict(request.query_params)
        if any("\0" in text for text in (*path.values(), *query.values())):
            raise BadRequest("NUL characters are not accepted.")
        workspace_id = path.get("workspace_id")

        def unit(tx: Transaction) -> tuple[View | Go, dict[str, Any], Callable[[Transaction], None] | None]:
            actor = self._reception.find(tx, token)
            if actor is None:
                raise _SignInFirst
            tx.origin = lambda: self.origin_of(request)
            if writes and not hmac.compare_digest(form.get("csrf", "").encode(), form_token(token).encode()):
                raise Forbidden("This form has expired. Load the page again, and send it once more.")
            if workspace_id is not None:
                self._reception.enter(tx, actor, workspace_id, page.role or "")
            found = page.handler(tx, Visit(actor, workspace_id, path, query, form))
            frame = {} if isinstance(found, Go) else self._reception.frame(tx, actor, workspace_id)
            return found, frame, self._reception.seen(tx, actor)

        found, frame, note = await self._database.serve(_admit, unit, write=writes)
        if note is not None:
            self._database.defer(note)
        if isinstance(found, Go):
            done = "" if found.done is None else f"?done={found.done}"
            return RedirectResponse(found.path + done, 303, HEADERS)
        values = {**frame, "csrf": form_token(token), "here": request.url.path, **found.values}
        return Response(self._render(found.template, **values), found.status, HEADERS, HTML)

    def origin_of(self, request: PageRequest) -> Origin:
        """Where a request came from, as far as that is kept."""
        return self._origins.of(EdgeRequest(request.scope))

    def address_of(self, request: PageRequest) -> str:
        """The address that a request came from, for limits."""
        return self._origins.address(EdgeRequest(request.scope))

    def problem(self, problem: Problem) -> Response:
        """A page that says what went wrong."""
        title = HTTPStatus(problem.status).phrase
        page = self._render("ui/problem.html", title=title, message=problem.message)
        return Response(page, problem.status, HEADERS, HTML)


class Door:
    """The cookie, and whose requests are taken."""

    def __init__(self, base_url: str) -> None:
        self._own = urlsplit(base_url).netloc
        self._is_secure = base_url.startswith("https:")
        # The prefix binds it to this host and to HTTPS (RFC 6265bis, 4.1.3).
        prefix = "__Host-" if self._is_secure else ""
        self._cookie, self._device = f"{prefix}userhero", f"{prefix}userhero-device"

    def token(self, request: PageRequest) -> str:
        """The session's token; empty where none came."""
        return request.cookies.get(self._cookie, "")

    def keep(self, response: Response, token: str, days: int) -> None:
        """Give the browser a session's token; an empty one takes it away."""
        self._set(response, self._cookie, token, days)

    def remembered(self, request: PageRequest) -> str:
        """What ``remember`` gave this browser; empty where it gave nothing."""
        return request.cookies.get(self._device, "")

    def remember(self, response: Response, value: str) -> None:
        """Let the browser show for a year whose it is. It opens nothing."""
        self._set(response, self._device, value, 365)

    def _set(self, response: Response, name: str, value: str, days: int) -> None:
        response.set_cookie(
            name, value, max_age=days * 86_400, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def check_origin(self, request: PageRequest) -> None:
        """Raises Forbidden for what another site's page has sent: every browser says whose page it was."""
        site = request.headers.get("sec-fetch-site")
        named = urlsplit(request.headers.get("origin", "")).netloc
        is_own = named != "" and named in (self._own, request.headers.get("host", ""))
        # Browsers leave the first out where the connection is not secure.
        if site != "same-origin" and (site is not None or not is_own):
            raise Forbidden("This was sent from a page of another site, and nothing was done.")


def form_token(token: str) -> str:
    """What each form of a session carries: nobody can make it who does not know the session's token."""
    return digest(f"form {token}")


async def read_form(request: PageRequest) -> dict[str, str]:
    """The fields of a form (application/x-www-form-urlencoded), each once. Raises BadRequest for anything else, for
    NUL characters, and for more than 256 KiB or 200 fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _read(request)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise BadRequest("The form can't be read.") from None
    fields = dict(pairs)
    if kind != "application/x-www-form-urlencoded" or len(fields) != len(pairs) or b"%00" in body or b"\0" in body:
        raise BadRequest("The form can't be read.")
    return fields


async def _read(request: PageRequest) -> bytes:
    body = b""
    with within(BODY_SECONDS) as waiting:
        try:
            async for part in request.stream():
                body += part
                if len(body) > MAX_FORM:
                    raise BadRequest("The form is too large.")
        except ClientDisconnect:
            raise BadRequest("The form came only in part.") from None
    if waiting.expired:
        raise BadRequest("The form took too long to come.")
    return body


def _admit(tx: Transaction) -> None:
    """Who asks is told within the unit: what it may do depends on that."""
