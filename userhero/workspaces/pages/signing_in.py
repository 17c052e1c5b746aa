"""Signing in, in one step or two, and out."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Problem
from userhero.kernel.http.door import read_form
from userhero.kernel.http.pages import HEADERS, HTML, SIGN_IN, PageEdge
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces import proofs
from userhero.workspaces.pages.throttle import Throttle
from userhero.workspaces.passwords import is_password, renewed_hash
from userhero.workspaces.second_factor import Verdict, check, is_asked
from userhero.workspaces.sessions import (
    DAYS,
    Account,
    confirm_password,
    end_session,
    find_account,
    find_account_of,
    find_session,
    open_session,
)

HOME, SIGN_OUT, CODE = "/app", "/sign-out", "/sign-in/code"
_DEVICE = "known device"
_AT_ONCE = 4
_WRONG = "There is no account with this address and password."
_WRONG_CODE = "This is not the code that your app shows now, nor one of your recovery codes. Each works once."
_BLOCKED = "There were too many wrong codes. Wait for a quarter of an hour, or use one of your recovery codes."
_LATE = "That took more than ten minutes, or the password was changed. Sign in once more."
_TOO_MANY = "There were too many tries. Wait for a minute, then try again."


class _Step(NamedTuple):
    """What came of a step: a session's token, or a proof for the next one, or neither and what is wrong."""

    token: str = ""
    proof: str = ""
    verdict: Verdict | None = None


class SignInPages:
    """``/sign-in`` and ``/sign-out``."""

    def __init__(self, database: Database, edge: PageEdge, throttle: Throttle, render: Callable[..., str]) -> None:
        self._database = database
        self._edge = edge
        self._throttle = throttle
        self._render = render
        # Each check takes 19 MiB: a storm of tries waits in line.
        self._few = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[Route]:
        """All their paths."""
        return [
            Route(SIGN_IN, self._sign_in, methods=["GET", "POST"]),
            Route(CODE, self._second_step, methods=["GET", "POST"]),
            Route(SIGN_OUT, self._sign_out, methods=["POST"]),
        ]

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            if await self._who(request) is not None:
                return RedirectResponse(HOME, 303, HEADERS)
            return self._form(request.query_params.get("next", ""))
        try:
            self._edge.door.check_origin(request)
            form = await read_form(request)
            return await self._try(request, form)
        except Problem as problem:
            return self._edge.problem(problem)

    async def _try(self, request: Request, form: dict[str, str]) -> Response:
        email, password, onward = form.get("email", ""), form.get("password", ""), form.get("next", "")
        look_up = partial(self._look_up, email=email, request=request)
        fits, account = await self._database.serve(_admit, look_up, write=True)
        if not fits:
            return self._form(onward, email, _TOO_MANY, 429)
        renewed = await self._check(account, password)
        if account is None or renewed is None:
            return self._form(onward, email, _WRONG, 422)

        def unit(tx: Transaction) -> _Step:
            tx.origin = lambda: self._edge.origin_of(request)
            known = confirm_password(tx, account, renewed or None)
            if is_asked(tx, account.user_id):
                return _Step(proof=proofs.make(tx, known))
            return _Step(open_session(tx, known))

        done = await self._database.serve(_admit, unit, write=True)
        return self._let_in(account.user_id, done.token, onward) if done.token else self._code_form(done.proof, onward)

    async def _second_step(self, request: Request) -> Response:
        if request.method != "POST":
            return RedirectResponse(SIGN_IN, 303, HEADERS)
        try:
            self._edge.door.check_origin(request)
            form = await read_form(request)
        except Problem as problem:
            return self._edge.problem(problem)
        proof, onward = form.get("proof", ""), form.get("next", "")
        user_id = proofs.user_of(proof)

        def unit(tx: Transaction) -> _Step | None:
            tx.origin = lambda: self._edge.origin_of(request)
            account = find_account_of(tx, user_id)
            if account is None or not proofs.holds(tx, account, proof):
                return None
            if not self._throttle.lets_code(tx, self._edge.network_of(request), user_id):
                return _Step()
            who = Actor(account.user_id, account.name, account.email, "sign-in", SCOPES, "session")
            verdict = check(tx, who, form.get("code", ""))
            return _Step(open_session(tx, account)) if verdict == "fits" else _Step(verdict=verdict)

        try:
            done = await self._database.serve(_admit, unit, write=True)
        except Problem as problem:
            return self._edge.problem(problem)
        if done is None:
            return self._form(onward, "", _LATE, 422)
        if done.token:
            return self._let_in(user_id, done.token, onward)
        if done.verdict is None:
            return self._code_form(proof, onward, _TOO_MANY, 429)
        return self._code_form(proof, onward, _BLOCKED if done.verdict == "blocked" else _WRONG_CODE, 422)

    def _let_in(self, user_id: str, token: str, onward: str) -> Response:
        response = RedirectResponse(onward if is_local(onward) else HOME, 303, HEADERS)
        self._edge.door.keep(response, token, DAYS)
        mark = self._database.keys.mark(_DEVICE, user_id.encode()).hex()
        self._edge.door.remember(response, f"{user_id}.{mark}")
        return response

    async def _check(self, account: Account | None, password: str) -> str | None:
        """None where it is not the password; else its hash where that is to be renewed, or an empty text."""
        hashed = None if account is None else account.password_hash
        async with self._few:
            if not await asyncio.to_thread(is_password, hashed, password):
                return None
            return await asyncio.to_thread(renewed_hash, hashed or "", password) or ""

    def _look_up(self, tx: Transaction, *, email: str, request: Request) -> tuple[bool, Account | None]:
        """Whether one more try is let through, and whose account it is for."""
        account = find_account(tx, email)
        user_id, _, mark = self._edge.door.remembered(request).partition(".")
        is_known = account is not None and user_id == account.user_id and self._is_mark(user_id, mark)
        fits = self._throttle.lets(tx, self._edge.network_of(request), email, user_id if is_known else None)
        return fits, account if fits else None

    def _is_mark(self, user_id: str, mark: str) -> bool:
        try:
            return self._database.keys.is_mark(_DEVICE, user_id.encode(), bytes.fromhex(mark))
        except ValueError:
            return False

    async def _sign_out(self, request: Request) -> Response:
        door = self._edge.door
        try:
            door.check_origin(request)
        except Problem as problem:
            return self._edge.problem(problem)
        token = door.token(request)

        def unit(tx: Transaction) -> None:
            actor = find_session(tx, token)
            if actor is not None:
                tx.origin = lambda: self._edge.origin_of(request)
                end_session(tx, actor)

        await self._database.serve(_admit, unit, write=True)
        response = RedirectResponse(SIGN_IN, 303, HEADERS)
        door.keep(response, "", 0)
        return response

    async def _who(self, request: Request) -> Actor | None:
        token = self._edge.door.token(request)
        return await self._database.serve(_admit, lambda tx: find_session(tx, token), write=False)

    def _form(self, onward: str, email: str = "", error: str = "", status: int = 200) -> Response:
        page = self._render(
            "workspaces/sign_in.html", onward=onward if is_local(onward) else "", email=email, error=error
        )
        return Response(page, status, HEADERS, HTML)

    def _code_form(self, proof: str, onward: str, error: str = "", status: int = 200) -> Response:
        page = self._render(
            "workspaces/second_step.html", proof=proof, onward=onward if is_local(onward) else "", error=error
        )
        return Response(page, status, HEADERS, HTML)


def is_local(path: str) -> bool:
    """Whether this leads to a page of the product: a plain path below ``/app`` that no browser reads otherwise."""
    return (
        path.startswith(f"{HOME}/") and path.isascii() and path.isprintable() and "\\" not in path and "//" not in path
    )


def _admit(tx: Transaction) -> None:
    """Whoever knows the password may."""
