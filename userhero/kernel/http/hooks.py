"""Public operations for machines that hold no API key: each names the policy by which it tells who is calling.

A policy sees the raw body, since that is what a signature is made over. It comes before anything else is looked at, and
raises where it does not know the caller; what it lets in is counted against a rate limit of its own.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from userhero.kernel import clock, log
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import InternalError, MethodNotAllowed, NotFound, Problem, RateLimited
from userhero.kernel.http import problems
from userhero.kernel.http.answers import Answer
from userhero.kernel.http.edge import send_answer
from userhero.kernel.http.limits import Limiter
from userhero.kernel.http.metrics import observe
from userhero.kernel.http.request import Receive, Request, Scope, Send, read_body
from userhero.kernel.http.strangers import Strangers

_logger = log.get("hooks")


class Delivery(NamedTuple):
    """What came: the last part of the path, the request with its headers, and the body byte for byte."""

    slug: str
    request: Request
    body: bytes


class Admitted(NamedTuple):
    """Whom a policy let in: who acts, under which key requests are counted, and what it found out."""

    actor: Actor
    quota_key: str
    about: Any


Policy = Callable[[Transaction, Delivery], Admitted]
Handler = Callable[[Transaction, Admitted, Delivery], Answer]


class Hook(NamedTuple):
    """One operation: a POST to ``prefix`` and a name after it."""

    prefix: str
    policy: Policy
    handler: Handler


class Hooks:
    """The public operations of one slice."""

    def __init__(self) -> None:
        self.all: list[Hook] = []

    def post(self, prefix: str, *, policy: Policy) -> Callable[[Handler], Handler]:
        """Declare what takes deliveries below ``prefix`` (``/api/hooks/``). Without a policy there is no operation."""
        if not (prefix.startswith("/") and prefix.endswith("/") and callable(policy)):
            raise ValueError(f"{prefix}: a hook is a path that ends with a slash, and a policy")

        def declare(handler: Handler) -> Handler:
            self.all.append(Hook(prefix, policy, handler))
            return handler

        return declare


class HookEdge:
    """The ASGI application for the public operations of all slices. ``takes`` says which paths are its own."""

    def __init__(self, slices: list[Hooks], database: Database, limiter: Limiter, strangers: Strangers) -> None:
        self._hooks = {hook.prefix: hook for hooks in slices for hook in hooks.all}
        if len(self._hooks) != sum(len(hooks.all) for hooks in slices):
            raise ValueError("two hooks are declared for the same path")
        self._prefixes = tuple(self._hooks)
        self._database = database
        self._limiter = limiter
        self._strangers = strangers

    def takes(self, path: str) -> bool:
        """Whether a path is below one of the hooks."""
        return path.startswith(self._prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors have the API's shape."""
        request = Request(scope)
        hook = next(hook for prefix, hook in self._hooks.items() if request.path.startswith(prefix))
        try:
            answer = await self._answer(hook, request, receive)
        except Problem as problem:
            answer = problems.render(self._strangers.answer(problem, request), request.id)
        except Exception:
            _logger.exception("hook failed", request=request.id, method=request.method)
            answer = problems.render(InternalError("Something went wrong on our side."), request.id)
        await send_answer(request, answer, send)
        observe(hook.handler.__name__, answer.status, clock.monotonic() - request.began)

    async def _answer(self, hook: Hook, request: Request, receive: Receive) -> Answer:
        slug = request.path.removeprefix(hook.prefix)
        if not slug or "/" in slug or "\0" in slug:
            raise NotFound("There is nothing here.")
        if request.method != "POST":
            raise MethodNotAllowed("Use POST here.", headers=(("Allow", "POST"),))
        delivery = Delivery(slug, request, await read_body(request, receive))
        found: list[Admitted] = []

        def admit(tx: Transaction) -> None:
            found[:] = [self._admit(tx, hook, delivery)]

        return await self._database.serve(admit, lambda tx: hook.handler(tx, found[0], delivery), write=True)

    def _admit(self, tx: Transaction, hook: Hook, delivery: Delivery) -> Admitted:
        admitted = hook.policy(tx, delivery)
        request = delivery.request
        # Admitting may be run again; a request counts once.
        if request.quota is None:
            request.quota = self._limiter.hit(tx, admitted.quota_key)
        if not request.quota.accepted:
            seconds = max(1, int(request.quota.reset - clock.seconds() + 1))
            raise RateLimited("Too many deliveries; wait a little.", headers=(("Retry-After", str(seconds)),))
        return admitted
