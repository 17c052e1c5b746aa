"""``/setup``: the first account of a server, made in the browser by whoever has the link that it printed."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Conflict, Invalid, Problem
from userhero.kernel.http.door import read_form
from userhero.kernel.http.pages import HEADERS, HTML, PageEdge
from userhero.projects import Tenant, create_tenant
from userhero.server import setup_link
from userhero.workspaces import SESSION_DAYS, sign_in

PATH = "/setup"
MAX_NAME = 200
_FIELDS = ("email", "name", "workspace", "project")


class SetUpPages:
    """The form, and what it does once."""

    def __init__(self, database: Database, edge: PageEdge, render: Callable[..., str], base_url: str) -> None:
        self._database = database
        self._edge = edge
        self._render = render
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """GET shows the form, POST takes it."""
        return [Route(PATH, self._page, methods=["GET", "POST"])]

    async def _page(self, request: Request) -> Response:
        try:
            if request.method != "POST":
                token = request.query_params.get("token", "")
                await self._database.serve(_admit, lambda tx: setup_link.check(tx, token), write=False)
                return self._form(token)
            self._edge.door.check_origin(request)
            return await self._set_up(request, await read_form(request))
        except Problem as problem:
            return self._edge.problem(problem)

    async def _set_up(self, request: Request, form: dict[str, str]) -> Response:
        typed = {name: form.get(name, "") for name in _FIELDS}

        def unit(tx: Transaction) -> tuple[Tenant, str]:
            setup_link.use(tx, form.get("token", ""))
            tx.origin = lambda: self._edge.origin_of(request)
            for field in ("workspace", "project"):
                if not 1 <= len(typed[field].strip()) <= MAX_NAME:
                    raise Invalid(field, f"must have 1 to {MAX_NAME} characters")
            name = typed["name"].strip() or typed["email"].partition("@")[0]
            made = create_tenant(
                tx,
                email=typed["email"],
                name=name,
                password=form.get("password", ""),
                workspace=typed["workspace"],
                project=typed["project"],
            )
            return made, sign_in(tx, typed["email"])

        try:
            made, token = await self._database.serve(_admit, unit, write=True)
        except (Invalid, Conflict) as problem:
            return self._form(form.get("token", ""), typed, problem.message, 422)
        page = self._render("server/set_up.html", made=made, base_url=self._base_url)
        response = Response(page, 201, HEADERS, HTML)
        self._edge.door.keep(response, token, SESSION_DAYS)
        return response

    def _form(self, token: str, typed: dict[str, str] | None = None, error: str = "", status: int = 200) -> Response:
        page = self._render("server/setup.html", token=token, typed=typed or {}, error=error)
        return Response(page, status, HEADERS, HTML)


def _admit(tx: Transaction) -> None:
    """The link itself says who may."""
