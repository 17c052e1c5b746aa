"""One request on its way through the edge: what was read of it, and what its handler is given."""

from typing import Any

from msgspec import UNSET

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import BadRequest, MethodNotAllowed, NotFound, Problem
from userhero.kernel.http import idempotency, inputs, json
from userhero.kernel.http.forms import Form
from userhero.kernel.http.request import Receive, Request, check_json_headers, read_body
from userhero.kernel.http.routing import WITH_BODY, Route
from userhero.kernel.http.uploads import Intake, Prepared


class Call:
    """One request with its route, its parameters and what was read of it.

    ``handled`` says that its handler has come to an end.
    """

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
        self.handled = False
        self._form: Form | None = None
        self._prepared: Prepared | None = None
        self._raw = b""
        self._value: Any = UNSET
        self._unread: Problem | None = None
        self._query: Any = None
        self._body: Any = None

    @property
    def actor(self) -> Actor:
        """The caller, once admitted."""
        assert self.request.actor is not None, "asked before admission"
        return self.request.actor

    @property
    def condition(self) -> bytes | None:
        """``If-Match``, where the operation honours it."""
        return self.request.one(b"if-match") if self.request.method in ("PUT", "PATCH", "DELETE") else None

    def missing(self) -> Problem:
        """The error for a path or method that does not exist."""
        if not self.methods:
            return NotFound(f"There is nothing at {self.request.path}.")
        allowed = ", ".join(sorted(self.methods))
        return MethodNotAllowed(f"Use {allowed} here.", headers=(("Allow", allowed),))

    async def read(self, receive: Receive) -> None:
        """Take the body in. What is wrong with it is raised later: who is asking comes first."""
        if self.route is None or not self.route.writes:
            return
        try:
            self._raw = await read_body(self.request, receive)
        except Problem as problem:
            self._unread = problem

    async def read_upload(self, intake: Intake, receive: Receive) -> None:
        """Take the form in and store its file. What is wrong with it is raised later where a key was sent: whether
        the request is a repetition comes first.
        """
        try:
            self._form = await intake.receive(self.request, receive)
            self.validate()
            self._prepared = await intake.prepare()
            await intake.store(self._prepared)
        except BadRequest as problem:
            if self.idempotency_key is None:
                raise
            self._unread = problem

    def read_idempotency_key(self) -> None:
        """Raises BadRequest where the header is malformed."""
        if self.request.method in WITH_BODY:
            self.idempotency_key = idempotency.read_key(self.request.all(b"idempotency-key"))

    def fingerprint(self) -> str:
        """What makes this request the same as another."""
        try:
            content = self._content()
            query = inputs.split_query(self.request.query)
        except BadRequest:
            content, query = self._raw, {"": self.request.query.decode("latin-1")}
        return idempotency.fingerprint(self.request.method, self.path, query, content)

    def _content(self) -> bytes:
        if self._form is not None:
            return json.canonical({"fields": self._form.fields, "file": self._form.file.sha256})
        return json.canonical(self._json()) if self._raw else b""

    def _json(self) -> Any:
        """What the body says, read once however often the unit runs. Raises BadRequest where it is not strict JSON."""
        if self._value is UNSET:
            self._value = json.parse(self._raw)
        return self._value

    def validate(self) -> None:
        """Read query and body into the route's structs. Raises BadRequest with details."""
        assert self.route is not None, "only requests with a route are admitted"
        if self._unread is not None:
            raise self._unread
        self._query = inputs.read_query(self.request.query, self.route.query)
        if self._form is not None and self.route.body is not None:
            given = {name: value for name, value in self._form.fields.items() if value}
            self._body = inputs.convert(given, self.route.body, strict=False)
            inputs.check_same_workspace(self._query, self._body)
            return
        if self.route.body is None:
            if self._raw.strip():
                raise BadRequest("This operation takes no body.")
            return
        if self.route.body is inputs.Input and not self._raw.strip():
            # There is nothing to say but the workspace, which the object says as well.
            self._body = inputs.Input()
            return
        check_json_headers(self.request)
        self._body = inputs.convert(self._json(), self.route.body, strict=True)
        inputs.check_same_workspace(self._query, self._body)

    def arguments(self, tx: Transaction, route: Route) -> dict[str, Any]:
        """What ``route``'s handler takes, by name."""
        found: dict[str, Any] = dict(zip(route.parameters, self.values, strict=True))
        given = {"tx": tx, "actor": self.actor, "body": self._body, "query": self._query, "upload": self._prepared}
        return found | {name: value for name, value in given.items() if name in route.takes}
