"""The edge of the API: everything generic about a request, in one place and one order.

Find the route, read the body, authenticate, count against the rate limit, check the scope, then in one transaction:
idempotency, validation, precondition, handler. Whatever goes wrong ends in one shape.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from math import ceil

from userhero.kernel import clock, log
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import (
    InternalError,
    PreconditionFailed,
    Problem,
    RateLimited,
    ScopeMissing,
)
from userhero.kernel.http import idempotency, problems
from userhero.kernel.http.answers import Answer, Deleted, Json
from userhero.kernel.http.calls import Call
from userhero.kernel.http.limits import Limiter
from userhero.kernel.http.metrics import observe
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.recent import Recent
from userhero.kernel.http.request import Receive, Request, Scope, Send
from userhero.kernel.http.routing import RouteTable
from userhero.kernel.http.strangers import Strangers
from userhero.kernel.http.uploads import Intake, Upload

Authenticate = Callable[[Transaction, str], Actor]
Recheck = Callable[[Transaction, Actor, str], None]

_logger = log.get("http")
_FIXED_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
]


class Edge:
    """The ASGI application under ``/api/v1``.

    ``authenticate`` turns the Authorization header into an actor or raises Unauthorized; ``recheck`` raises where an
    actor may no longer enter a tenant; ``origins`` tells where a request that changes something came from;
    ``strangers`` counts those without a good key; ``recent`` remembers answers, where that is of use.
    """

    def __init__(
        self,
        routes: RouteTable,
        database: Database,
        limiter: Limiter,
        authenticate: Authenticate,
        recheck: Recheck,
        origins: Origins,
        strangers: Strangers,
        recent: Recent | None = None,
    ) -> None:
        self._routes = routes
        self._database = database
        self._limiter = limiter
        self._authenticate = authenticate
        self._recheck = recheck
        self._origins = origins
        self._strangers = strangers
        self._recent = recent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        path = request.path[len(scope.get("root_path", "")) :]
        methods, values = self._routes.find(path)
        route = methods.get(request.method)
        try:
            answer = await self._answer(Call(request, route, methods, path, values), receive)
        except Problem as problem:
            answer = problems.render(self._strangers.answer(problem, request), request.id)
        except Exception:
            _logger.exception("request failed", request=request.id, method=request.method, path=request.path)
            answer = problems.render(InternalError("Something went wrong on our side."), request.id)
        await send_answer(request, answer, send)
        observe(route.name if route else "unknown", answer.status, clock.monotonic() - request.began)

    async def _answer(self, call: Call, receive: Receive) -> Answer:
        route = call.route
        if route is None and call.request.one(b"authorization") is None:
            raise call.missing()
        if route is not None and route.upload is not None:
            return await self._answer_upload(call, route.upload, receive)
        await call.read(receive)
        if route is None or route.writes or route.slow or self._recent is None:
            return _conditional(call.request, await self._work_out(call))
        return await self._answer_read(call, self._recent)

    async def _answer_read(self, call: Call, recent: Recent) -> Answer:
        """As it was answered a moment ago, where nothing has changed since."""
        request, asked = call.request, recent.asked(call.request)
        found = None if asked is None else recent.find(asked)
        if found is None:
            answer = await self._work_out(call)
            if asked is not None and answer.status == 200:
                recent.keep(asked, call.actor, answer)
            return _conditional(request, answer)
        request.actor = found.actor
        request.quota = recent.count(found.actor.credential_id)
        if not request.quota.accepted:
            raise _refused(request.quota.reset)
        return _conditional(request, found.answer)

    async def _work_out(self, call: Call) -> Answer:
        route = call.route

        def admit(tx: Transaction) -> None:
            self._admit(tx, call)

        def unit(tx: Transaction) -> Answer:
            return self._run(tx, call)

        slow = route is not None and route.slow
        return await self._database.serve(admit, unit, write=route is not None and route.writes, slow=slow)

    async def _answer_upload(self, call: Call, upload: Upload, receive: Receive) -> Answer:
        """A form with a file: who asks comes before the body; the file is stored before the row that names it."""
        await self._database.serve(lambda tx: self._admit(tx, call), _nothing, write=False)
        async with Intake(self._database.storage, upload) as intake:
            await call.read_upload(intake, receive)
            try:
                return await self._database.serve(_nothing, lambda tx: self._run(tx, call), write=True)
            finally:
                intake.kept = call.handled

    def _admit(self, tx: Transaction, call: Call) -> None:
        """Who is it, have they requests left, may they do this. Raises Unauthorized, RateLimited or ScopeMissing."""
        request = call.request
        request.actor = self._authenticate(tx, _credential(request))
        # Admitting may be run again; a request counts once.
        if request.quota is None:
            request.quota = self._limiter.hit(tx, request.actor.credential_id)
        if not request.quota.accepted:
            raise _refused(request.quota.reset)
        if call.route is None:
            raise call.missing()
        for scope in call.route.scopes:
            if not request.actor.may(scope):
                raise ScopeMissing(f"This API key lacks the scope {scope}.")
        call.read_idempotency_key()
        if call.idempotency_key is None and call.route.upload is None:
            call.validate()

    def _run(self, tx: Transaction, call: Call) -> Answer:
        call.handled = False
        if call.route is not None and call.route.writes:
            tx.origin = partial(self._origins.of, call.request)
        if call.condition is not None:
            # What is compared must still hold when it is changed.
            tx.isolate()
        if call.idempotency_key is None:
            return self._work(tx, call)
        actor = call.actor
        claim = idempotency.Claim(
            actor.user_id, call.idempotency_key, call.fingerprint(), next(iter(call.values), None)
        )

        def work() -> Answer:
            call.validate()
            return self._work(tx, call)

        return idempotency.once(
            tx,
            claim,
            work,
            lambda problem: problems.render(problem, call.request.id),
            lambda tenant: self._recheck(tx, actor, tenant),
        )

    def _work(self, tx: Transaction, call: Call) -> Answer:
        route = call.route
        assert route is not None, "only requests with a route are admitted"
        if call.condition is not None:
            self._check_unchanged(tx, call, call.condition)
        result = route.handler(**call.arguments(tx, route))
        call.handled = True
        if isinstance(result, Deleted):
            result = Json.of(result)
        return Answer(route.status, result.body(), tagged=result.tagged and route.method != "DELETE")

    def _check_unchanged(self, tx: Transaction, call: Call, expected: bytes) -> None:
        """``If-Match`` (RFC 9110, 13.1.1): the object as GET shows it now must carry one of the tags."""
        reading = call.methods.get("GET")
        if reading is None:
            return
        result = reading.handler(**call.arguments(tx, reading))
        assert not isinstance(result, Deleted), "a read deletes nothing"
        if expected.strip() != b"*" and etag(result.body()) not in _tags(expected):
            raise PreconditionFailed("The object has changed since you read it; read it again.")


def _nothing(tx: Transaction) -> None:
    del tx


def etag(body: bytes) -> bytes:
    """The strong entity tag of an answer's bytes."""
    return b'"' + hashlib.blake2b(body, digest_size=10).hexdigest().encode() + b'"'


def _tags(header: bytes) -> list[bytes]:
    return [tag.strip().removeprefix(b"W/") for tag in header.split(b",")]


def _credential(request: Request) -> str:
    found = request.all(b"authorization")
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _refused(reset: float) -> RateLimited:
    seconds = max(1, ceil(reset - clock.seconds()))
    return RateLimited("Too many requests with this API key; wait a little.", headers=(("Retry-After", str(seconds)),))


def _conditional(request: Request, answer: Answer) -> Answer:
    """``If-None-Match`` on reads (RFC 9110, 13.1.2)."""
    if not answer.tagged:
        return answer
    tag = answer.tag = answer.tag or etag(answer.body)
    headers = (*answer.headers, ("ETag", tag.decode()))
    wanted = request.one(b"if-none-match") if request.method == "GET" else None
    if wanted is not None and (wanted.strip() == b"*" or tag in _tags(wanted)):
        return Answer(304, b"", headers=headers)
    return Answer(answer.status, answer.body, headers=headers)


async def send_answer(request: Request, answer: Answer, send: Send) -> None:
    """Put an answer on the wire, with the headers that every answer carries."""
    headers = [*_FIXED_HEADERS, (b"x-request-id", request.id.encode())]
    if request.quota is not None:
        headers += request.quota.headers(clock.seconds())
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status != 304:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
