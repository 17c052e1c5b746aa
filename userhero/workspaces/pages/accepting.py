"""``/invitations/{token}``: somebody without a session accepts an invitation, and makes an account with that."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Conflict, Forbidden, Invalid, Problem
from userhero.kernel.http.door import read_form
from userhero.kernel.http.pages import HEADERS, HTML, PageEdge
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.actions.invitations import accept
from userhero.workspaces.invitations import Invitation, get_invited
from userhero.workspaces.passwords import hash_password
from userhero.workspaces.people import add_user, new_person
from userhero.workspaces.sessions import DAYS, find_account, find_session, sign_in

PATH = "/invitations/{token}"
_AT_ONCE = 2


class _Invited(NamedTuple):
    """An invitation, and what is known of whoever opens it."""

    invitation: Invitation
    has_account: bool
    is_signed_in: bool


class InvitationPages:
    """The form, and what it does once."""

    def __init__(self, database: Database, edge: PageEdge, render: Callable[..., str]) -> None:
        self._database = database
        self._edge = edge
        self._render = render
        # Each hash takes 19 MiB.
        self._few = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """GET shows the form, POST takes it."""
        return [Route(PATH, self._page, methods=["GET", "POST"])]

    async def _page(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            if request.method == "POST":
                self._edge.door.check_origin(request)
                return await self._join(request, token, await read_form(request))
            found = await self._look(request, token)
            if found.is_signed_in:
                return RedirectResponse(f"/app/invitations/{token}", 303, HEADERS)
            return self._form(token, found)
        except Problem as problem:
            return self._edge.problem(problem)

    async def _look(self, request: Request, token: str) -> _Invited:
        session = self._edge.door.token(request)

        def unit(tx: Transaction) -> _Invited:
            invitation = get_invited(tx, token)
            has_account = find_account(tx, invitation.email) is not None
            return _Invited(invitation, has_account, find_session(tx, session) is not None)

        return await self._database.serve(_admit, unit, write=False)

    async def _join(self, request: Request, token: str, form: dict[str, str]) -> Response:
        found = await self._look(request, token)
        name, password = form.get("name", ""), form.get("password", "")
        try:
            person = new_person(found.invitation.email, name)
            own = (person.email, person.name, found.invitation.workspace)
            async with self._few:
                hashed = await asyncio.to_thread(partial(hash_password, password, own))

            def unit(tx: Transaction) -> str:
                tx.origin = lambda: self._edge.origin_of(request)
                actor = Actor(person.user_id, person.name, person.email, found.invitation.id, SCOPES, "session")
                add_user(tx, person, hashed, actor)
                accept(tx, actor, token)
                return sign_in(tx, person.email)

            session = await self._database.serve(_admit, unit, write=True)
        except Invalid as problem:
            return self._form(token, found, name, {problem.details[0].field: problem.details[0].message}, 422)
        except (Conflict, Forbidden) as problem:
            return self._form(token, await self._look(request, token), name, {"": problem.message}, problem.status)
        response = RedirectResponse(f"/app/{found.invitation.workspace_id}/members?done=joined", 303, HEADERS)
        self._edge.door.keep(response, session, DAYS)
        return response

    def _form(
        self, token: str, found: _Invited, name: str = "", wrong: dict[str, str] | None = None, status: int = 200
    ) -> Response:
        page = self._render(
            "workspaces/accept.html",
            token=token,
            invitation=found.invitation,
            has_account=found.has_account,
            typed=name,
            wrong=wrong or {},
        )
        return Response(page, status, HEADERS, HTML)


def _admit(tx: Transaction) -> None:
    """The link itself says who may."""
