"""``python -m django load_items FILE`` loads items into empty tables, and says what a client needs.

Items come as lines of JSON (see ``benchmarks.versus.items``). They are made by Django's ``bulk_create``, a thousand
at a time; each ticket gets the follow-up that opens it, as the product's own form writes one.
"""

import json
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth import (  # type: ignore[import-not-found]
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.sessions.backends.db import SessionStore  # type: ignore[import-not-found]
from django.core.management.base import BaseCommand  # type: ignore[import-not-found]
from django.db import connection  # type: ignore[import-not-found]
from helpdesk.models import FollowUp, Queue, Ticket  # type: ignore[import-not-found]
from rest_framework.authtoken.models import Token  # type: ignore[import-not-found]

_BATCH = 1_000
_STATUSES = {
    "new": Ticket.OPEN_STATUS,
    "in-progress": Ticket.REOPENED_STATUS,
    "resolved": Ticket.RESOLVED_STATUS,
    "archived": Ticket.CLOSED_STATUS,
}
_PRIORITIES = {"urgent": 1, "high": 2, "medium": 3, "low": 4, None: 3}


class Command(BaseCommand):  # type: ignore[misc]
    """Loads a file of items."""

    def add_arguments(self, parser: Any) -> None:
        """One argument, the file."""
        parser.add_argument("items", type=Path)

    def handle(self, *, items: Path, **_: Any) -> str:
        """Returns ids, a token for the REST API and a session for the staff's pages."""
        agent = get_user_model().objects.create_user("agent", "agent@example.com", "secret", is_staff=True)
        queue = Queue.objects.create(title="App", slug="app")
        last = 0
        with items.open(encoding="utf-8") as lines:
            while batch := [json.loads(line) for line in islice(lines, _BATCH)]:
                last = _load(queue, agent, batch)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        session = SessionStore()
        session[SESSION_KEY] = str(agent.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
        session.create()
        found = {"ticket": last, "queue": queue.pk, "token": Token.objects.create(user=agent).key}
        found |= {"session": session.session_key, "version": version("django-helpdesk")}
        return json.dumps(found)


def _load(queue: Any, agent: Any, batch: list[dict[str, Any]]) -> int:
    """Make these tickets with what was said about them; returns the id of the last."""
    tickets = Ticket.objects.bulk_create(
        Ticket(
            queue=queue,
            title=item["title"],
            description=item["text"],
            submitter_email=item["email"],
            status=_STATUSES[item["status"]],
            priority=_PRIORITIES[item["priority"]],
        )
        for item in batch
    )
    said = []
    for ticket, item in zip(tickets, batch, strict=True):
        said.append(FollowUp(ticket=ticket, title="Ticket Opened", comment=item["text"], public=True, user=agent))
        said += [
            FollowUp(ticket=ticket, title="Comment", comment=text, public=True, user=agent) for text in item["comments"]
        ]
    FollowUp.objects.bulk_create(said)
    last: int = tickets[-1].pk
    return last
