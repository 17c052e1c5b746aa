"""The edge of the API: everything generic about a request, in one place and one order.

Find the route, read the body, authenticate, count against the rate limit, check the scope, then in one transaction:
idempotency, validation, precondition, handler. Whatever goes wrong ends in one shape.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from userhero.kernel import clock, log
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import (
    BadRequest,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    Problem,
    RateLimited,
    ScopeMissing,
)
from userhero.kernel.http import idempotency, inputs, json, problems
from userhero.kernel.http.answers import Answer, Deleted, Json
from userhero.kernel.http.limits import Limiter
from userhero.kernel.http.metrics import observe
from userhero.kernel.http.request import Receive, Request, Scope, Send, check_json_headers, read_body
from userhero.kernel.http.routing import WITH_BODY, Route, RouteTable

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
    actor may no longer enter a tenant.
    """

    def __init__(
        self,
        routes: RouteTable,
        database: Database,
        limiter: Limiter,
        authenticate: Authenticate,
        recheck: Recheck,
    ) -> None:
        self._routes = routes
        self._database = database
        self._limiter = limiter
        self._authenticate = authenticate
        self._recheck = recheck

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        path = request.path[len(scope.get("root_path", "")) :]
        methods, values = self._routes.find(path)
        route = methods.get(request.method)
        try:
            answer = await self._answer(_Call(request, route, methods, path, values), receive)
        except Problem as problem:
            answer = problems.render(problem, request.id)
        except Exception:
            _logger.exception("request failed", request=request.id, method=request.method, path=request.path)
            answer = problems.render(InternalError("Something went wrong on our side."), request.id)
        await _send(request, answer, send)
        observe(route.name if route else "unknown", answer.status, clock.monotonic() - request.began)

    async def _answer(self, call: "_Call", receive: Receive) -> Answer:
        route = call.route
        if route is None and call.request.one(b"authorization") is None:
            raise call.missing()
        await call.read(receive)

        def admit(tx: Transaction) -> None:
            self._admit(tx, call)

        def unit(tx: Transaction) -> Answer:
            return self._run(tx, call)

        slow = route is not None and route.slow
        answer = await self._database.serve(admit, unit, write=route is not None and route.writes, slow=slow)
        return _conditional(call.request, answer)

    def _admit(self, tx: Transaction, call: "_Call") -> None:
        """Who is it, have they requests left, may they do this. Raises Unauthorized, RateLimited or ScopeMissing."""
        request = call.request
        request.actor = self._authenticate(tx, _credential(request))
        request.quota = self._limiter.hit(tx, request.actor.credential_id)
        if not request.quota.accepted:
            raise _refused(request.quota.reset)
        if call.route is None:
            raise call.missing()
        if not request.actor.may(call.route.scope):
            raise ScopeMissing(f"This API key lacks the scope {call.route.scope}.")
        call.read_idempotency_key()
        if call.idempotency_key is None:
            call.validate()

    def _run(self, tx: Transaction, call: "_Call") -> Answer:
        if call.idempotency_key is None:
            return self._work(tx, call)
        actor = call.actor
        claim = idempotency.Claim(actor.user_id, call.idempotency_key, call.fingerprint())

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

    def _work(self, tx: Transaction, call: "_Call") -> Answer:
        route = call.route
        assert route is not None, "only requests with a route are admitted"
        expected = call.request.one(b"if-match")
        if expected is not None and route.method in ("PATCH", "DELETE"):
            self._check_unchanged(tx, call, expected)
        result = route.handler(**call.arguments(tx, route))
        if isinstance(result, Deleted):
            result = Json.of(result)
        return Answer(route.status, result.body(), tagged=result.tagged and route.method != "DELETE")

    def _check_unchanged(self, tx: Transaction, call: "_Call", expected: bytes) -> None:
        """``If-Match`` (RFC 9110, 13.1.1): the object as GET shows it now must carry one of the tags."""
        reading = call.methods.get("GET")
        if reading is None:
            return
        result = reading.handler(**call.arguments(tx, reading))
        assert not isinstance(result, Deleted), "a read deletes nothing"
        if expected.strip() != b"*" and etag(result.body()) not in _tags(expected):
            raise PreconditionFailed("The object has changed since you read it; read it again.")


class _Call:
    """One request with its route, its parameters and what was read of it."""

    def __init__(
        self,
        request: Request,
        route: Route | None,
        methods: dict[str, Route],
        path: str,
        values: tuple[str, ...],
    ) -> None:
        self.request = request
        self.route = route
        self.methods = methods
        self.path = path
        self.values = values
        self.idempotency_key: str | None = None
        self._raw = b""
        self._unread: Problem | None = None
        self._query: Any = None
        self._body: Any = None

    @property
    def actor(self) -> Actor:
        """The caller, once admitted."""
        assert self.request.actor is not None, "asked before admission"
        return self.request.actor

    def missing(self) -> Problem:
        """The error for a path or method that does not exist."""
        if not self.methods:
            return NotFound(f"There is nothing at {self.request.path}.")
        allowed = ", ".join(sorted(self.methods))
        return MethodNotAllowed(f"Use {allowed} here.", headers=(("Allow", allowed),))

    async def read(self, receive: Receive) -> None:
        """Take the body in. What is wrong with it is raised later: who is asking comes first."""
        if self.route is None or self.route.method not in WITH_BODY:
            return
        try:
            self._raw = await read_body(self.request, receive)
        except Problem as problem:
            self._unread = problem

    def read_idempotency_key(self) -> None:
        """Raises BadRequest where the header is malformed."""
        if self.request.method in WITH_BODY:
            self.idempotency_key = idempotency.read_key(self.request.all(b"idempotency-key"))

    def fingerprint(self) -> str:
        """What makes this request the same as another."""
        try:
            content = json.canonical(json.parse(self._raw)) if self._raw else b""
            query = inputs.split_query(self.request.query)
        except BadRequest:
            content, query = self._raw, {"": self.request.query.decode("latin-1")}
        return idempotency.fingerprint(self.request.method, self.path, query, content)

    def validate(self) -> None:
        """Read query and body into the route's structs. Raises BadRequest with details."""
        assert self.route is not None, "only requests with a route are admitted"
        if self._unread is not None:
            raise self._unread
        self._query = inputs.read_query(self.request.query, self.route.query)
        if self.route.body is None:
            if self._raw.strip():
                raise BadRequest("This operation takes no body.")
            return
        check_json_headers(self.request)
        self._body = inputs.convert(json.parse(self._raw), self.route.body, strict=True)
        inputs.check_same_workspace(self._query, self._body)

    def arguments(self, tx: Transaction, route: Route) -> dict[str, Any]:
        """What ``route``'s handler takes, by name."""
        found: dict[str, Any] = dict(zip(route.parameters, self.values, strict=True))
        given = {"tx": tx, "actor": self.actor, "body": self._body, "query": self._query}
        return found | {name: value for name, value in given.items() if name in route.takes}


def etag(body: bytes) -> bytes:
    """The strong entity tag of an answer's bytes."""
    return b'"' + hashlib.blake2b(body, digest_size=10).hexdigest().encode() + b'"'


def _tags(header: bytes) -> list[bytes]:
    return [tag.strip().removeprefix(b"W/") for tag in header.split(b",")]


def _credential(request: Request) -> str:
    found = request.all(b"authorization")
    return found[0].decode("latin-1") if len(found) == 1 else ""


def _refused(reset: float) -> RateLimited:
    seconds = max(1, int(reset - clock.seconds() + 1))
    return RateLimited("Too many requests with this API key; wait a little.", headers=(("Retry-After", str(seconds)),))


def _conditional(request: Request, answer: Answer) -> Answer:
    """``If-None-Match`` on reads (RFC 9110, 13.1.2)."""
    if not answer.tagged:
        return answer
    tag = etag(answer.body)
    answer.headers = (*answer.headers, ("ETag", tag.decode()))
    wanted = request.one(b"if-none-match") if request.method == "GET" else None
    if wanted is not None and (wanted.strip() == b"*" or tag in _tags(wanted)):
        return Answer(304, b"", headers=answer.headers)
    return answer


async def _send(request: Request, answer: Answer, send: Send) -> None:
    headers = [*_FIXED_HEADERS, (b"x-request-id", request.id.encode())]
    if request.quota is not None:
        headers += request.quota.headers(clock.seconds())
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status != 304:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
