"""``/forgotten`` and ``/reset/{token}``: a new password for somebody who does not know theirs any more."""

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Invalid, Problem
from userhero.kernel.http.door import read_form
from userhero.kernel.http.pages import HEADERS, HTML, PageEdge
from userhero.kernel.instance import is_mail_set_up
from userhero.workspaces.account import list_known
from userhero.workspaces.pages.throttle import Throttle
from userhero.workspaces.passwords import hash_password
from userhero.workspaces.resets import ask_for_reset, get_reset, reset_password
from userhero.workspaces.types import Person

FORGOTTEN, RESET = "/forgotten", "/reset/{token}"
_TOO_MANY = "There were too many tries. Wait for a minute, then try again."
_AT_ONCE = 2


class ResetPages:
    """Asking for a link, and what the link leads to."""

    def __init__(self, database: Database, edge: PageEdge, throttle: Throttle, render: Callable[..., str]) -> None:
        self._database = database
        self._edge = edge
        self._throttle = throttle
        self._render = render
        # Each hash takes 19 MiB.
        self._few = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """GET shows the forms, POST takes them."""
        return [
            Route(FORGOTTEN, self._forgotten, methods=["GET", "POST"]),
            Route(RESET, self._reset, methods=["GET", "POST"]),
        ]

    async def _forgotten(self, request: Request) -> Response:
        try:
            if request.method != "POST":
                return self._asking(await self._database.serve(_admit, is_mail_set_up, write=False))
            self._edge.door.check_origin(request)
            email = (await read_form(request)).get("email", "")
            return await self._ask(request, email)
        except Problem as problem:
            return self._edge.problem(problem)

    async def _ask(self, request: Request, email: str) -> Response:
        def unit(tx: Transaction) -> bool:
            if not self._throttle.lets_mail(tx, self._edge.network_of(request)):
                return False
            if is_mail_set_up(tx):
                ask_for_reset(tx, email)
            return True

        try:
            lets = await self._database.serve(_admit, unit, write=True)
        except Invalid as problem:
            return self._asking(True, email, problem.details[0].message, 422)
        if not lets:
            return self._asking(True, email, _TOO_MANY, 429)
        return Response(self._render("workspaces/forgotten_sent.html"), 200, HEADERS, HTML)

    async def _reset(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            person, own = await self._database.serve(_admit, partial(_look, token=token), write=False)
            if request.method != "POST":
                return self._form(token, person)
            self._edge.door.check_origin(request)
            password = (await read_form(request)).get("new_password", "")
            try:
                async with self._few:
                    hashed = await asyncio.to_thread(partial(hash_password, password, own))
            except Invalid as problem:
                return self._form(token, person, problem.details[0].message, 422)

            def unit(tx: Transaction) -> None:
                tx.origin = lambda: self._edge.origin_of(request)
                reset_password(tx, token, hashed)

            await self._database.serve(_admit, unit, write=True)
        except Problem as problem:
            return self._edge.problem(problem)
        return Response(self._render("workspaces/reset_done.html"), 200, HEADERS, HTML)

    def _asking(self, by_mail: bool, email: str = "", error: str = "", status: int = 200) -> Response:
        page = self._render("workspaces/forgotten.html", by_mail=by_mail, email=email, error=error)
        return Response(page, status, HEADERS, HTML)

    def _form(self, token: str, person: Person, error: str = "", status: int = 200) -> Response:
        page = self._render("workspaces/reset.html", token=token, person=person, error=error)
        return Response(page, status, HEADERS, HTML)


def _look(tx: Transaction, token: str) -> tuple[Person, list[str]]:
    """Whose password it is, and what it may not be."""
    person = get_reset(tx, token)
    return person, list_known(tx, Actor(person.user_id, person.name, person.email, "reset", frozenset(), "session"))


def _admit(tx: Transaction) -> None:
    """These pages are for those who can't sign in."""
