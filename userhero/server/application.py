"""The ASGI application: the API's edge, and the pages around it."""

from collections.abc import Awaitable

from userhero import workspaces
from userhero.kernel.actor import Actor
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, SqliteDatabase, Transaction
from userhero.kernel.errors import BadRequest
from userhero.kernel.http import problems
from userhero.kernel.http.edge import Authenticate, Edge, send_answer
from userhero.kernel.http.hooks import HookEdge
from userhero.kernel.http.limits import DatabaseLimiter, Limiter, MemoryLimiter
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.recent import Recent
from userhero.kernel.http.request import Receive, Request, Scope, Send, has_one_host
from userhero.kernel.http.strangers import Strangers
from userhero.kernel.instance import open_database, record_address, record_mail
from userhero.kernel.jobs import Runner
from userhero.kernel.mail.listener import MailListener, open_listener
from userhero.media import MediaServer
from userhero.notifications import MailDesk
from userhero.records import ExportServer
from userhero.server import composition
from userhero.server.pages import OPENAPI_PATH, Pages

API = "/api/v1"
MEDIA = "/media/"
EXPORTS = "/exports/"
# Requests without a good key that an address may make in 60 seconds, in times of what a key may make: programs that try
# out every operation don't come near it, floods do.
_REFUSALS = 6


class Application:
    """Everything behind one address. ``start`` and ``close`` stand around its life, or an ASGI lifespan does."""

    def __init__(
        self,
        edge: Edge,
        hooks: HookEdge,
        media: MediaServer,
        pages: Pages,
        database: Database,
        runner: Runner | None,
        listener: MailListener | None,
    ) -> None:
        self.database = database
        self._edge = edge
        self._hooks = hooks
        self._media = media
        self._exports = ExportServer(database)
        self._pages = pages
        self._runner = runner
        self._listener = listener

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request. No coroutine of its own: what comes to the API is the edge's at once."""
        if scope["type"] == "lifespan":
            return self._live(receive, send)
        if not has_one_host(scope):
            return _without_host(scope, send)
        path: str = scope["path"]
        if path.startswith(API) and path != OPENAPI_PATH and path[len(API) : len(API) + 1] in ("", "/"):
            scope["root_path"] = API
            return self._edge(scope, receive, send)
        if self._hooks.takes(path):
            return self._hooks(scope, receive, send)
        if path.startswith(MEDIA):
            return self._media(scope, receive, send)
        if path.startswith(EXPORTS):
            return self._exports(scope, receive, send)
        return self._pages(scope, receive, send)

    def start(self) -> None:
        """Begin with background work, if this process does any."""
        if self._runner is not None:
            self._runner.start()
        if self._listener is not None:
            self._listener.start(MailDesk(self.database))

    def close(self) -> None:
        """Finish the mails and the job at hand and what is queued to be written, and close the database."""
        if self._listener is not None:
            self._listener.stop()
        if self._runner is not None:
            self._runner.stop()
        self.database.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _without_host(scope: Scope, send: Send) -> None:
    request = Request(scope)
    problem = BadRequest("The request needs one Host header with a name or an address, and a port if need be.")
    await send_answer(request, problems.render(problem, request.id), send)


def create_application(settings: Settings) -> Application:
    """The application on an opened database.

    Raises ConfigurationError as ``open_database``, ``open_listener`` and ``Origins`` do.

    On SQLite this process does the jobs and takes mail too; with PostgreSQL, ``userhero worker`` does.
    """
    alone = settings.database is None
    origins, listener = Origins(settings), open_listener(settings) if alone else None
    database = open_database(settings)
    record_address(database, settings.base_url)
    record_mail(database)
    limiter, recent = _counting(settings, database)
    routes = composition.route_table()
    strangers = Strangers(origins, settings.rate_limit * _REFUSALS)
    edge = Edge(routes, database, limiter, _authenticating(database), workspaces.recheck, origins, strangers, recent)
    hooks = HookEdge(composition.HOOKS, database, limiter, strangers)
    runner = Runner(database, composition.job_table()) if alone else None
    media = MediaServer(database, own_host=settings.media_origin is not None)
    return Application(edge, hooks, media, Pages(settings, database, routes, origins), database, runner, listener)


def _counting(settings: Settings, database: Database) -> tuple[Limiter, Recent | None]:
    """Who counts requests; and where one process does everything, what it remembers of its answers."""
    if not isinstance(database, SqliteDatabase):
        return DatabaseLimiter(settings.rate_limit), None
    limiter = MemoryLimiter(settings.rate_limit)
    return limiter, Recent(database.version, limiter.count)


def _authenticating(database: Database) -> Authenticate:
    """Tell who has a key, and note its use. The note is not waited for: a crash may lose it."""

    def authenticate(tx: Transaction, header: str) -> Actor:
        actor = workspaces.authenticate(tx, header)
        if workspaces.is_use_due(tx, actor):
            database.defer(lambda later: workspaces.record_use(later, actor))
        return actor

    return authenticate
