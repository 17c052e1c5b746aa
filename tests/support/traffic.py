"""Clients that write until their server is gone, and the account of what was acknowledged to them."""

import http.client
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select

from tests.support.client import Response
from tests.support.tenants import Tenant
from userhero.conversations.tables import messages
from userhero.customers.tables import customers
from userhero.feedback.tables import feedback
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import events

# Where the words of each write end up.
_WORDS = tuple(
    Statement(select(words).where(words.table.c.workspace_id == bindparam("owner")))
    for words in (feedback.c.message, customers.c.name, messages.c.text)
)
_NUMBERS = Statement(select(feedback.c.ticket_number).where(feedback.c.workspace_id == bindparam("owner")))
_EVENTS = Statement(
    select(func.count()).select_from(events).where(
        events.c.workspace_id == bindparam("owner"), events.c.kind == "feedback.created"
    )
)  # fmt: skip
OVER = (OSError, http.client.HTTPException)


@dataclass
class Account:
    """What became of what was sent, by key."""

    attempted: int
    acknowledged: int
    there: int
    lost: list[str]
    doubled: list[str]
    made_up: list[str]

    @property
    def wrong(self) -> list[str]:
        """Everything that should not be."""
        return [*self.lost, *self.doubled, *self.made_up]


@dataclass
class Traffic:
    """Clients that make items, customers and comments, each with a key of its own that is also its words."""

    caller: Tenant
    enough_at: int = 60
    sent: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    enough: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, clients: int, name: str) -> None:
        """Let so many clients write."""
        self._threads = [
            threading.Thread(target=self._run, args=(f"{name}-{number}",), daemon=True) for number in range(clients)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Return once every client has ended: because the server is gone, or at once."""
        self.stopping.set()
        for thread in self._threads:
            thread.join()

    def send(self, key: str) -> Response:
        """A write, for the first time or again."""
        path, body = self.sent[key]
        return self.caller.post(path, body, headers=[("idempotency-key", key)])

    def _request(self, key: str, number: int, item: str | None) -> tuple[str, dict[str, Any]]:
        if number % 4 == 2:
            return "/customers", {"name": key}
        if number % 4 == 3 and item is not None:
            return f"/feedback/{item}/comments", {"message": key}
        return "/feedback", {"projectId": self.caller.project_id, "message": key}

    def _run(self, name: str) -> None:
        number, item = 0, None
        while not self.stopping.is_set():
            number += 1
            key = f"{name}-{number}"
            self.sent[key] = self._request(key, number, item)
            try:
                answer = self.send(key)
            except OVER:
                return
            if answer.status == 201:
                self.acknowledged[key] = answer.body
                if number % 4 == 1:
                    item = json.loads(answer.body)["data"]["id"]
            else:
                self.refused[answer.status] += 1
            if len(self.acknowledged) >= self.enough_at:
                self.enough.set()

    def audit(self, database: Database) -> Account:
        """Hold the clients' word against the database: acknowledged and there, each once, and nothing else."""

        def unit(tx: Transaction) -> Counter[str]:
            owner = self.caller.workspace_id
            numbers = tx.all(_NUMBERS, owner=owner)
            assert len(set(numbers)) == len(numbers) == tx.value(_EVENTS, owner=owner), "an item is not whole"
            return Counter(words for statement in _WORDS for words in tx.texts(statement, owner=owner))

        there = database.read(unit)
        return Account(
            attempted=len(self.sent),
            acknowledged=len(self.acknowledged),
            there=there.total(),
            lost=sorted(self.acknowledged.keys() - there),
            doubled=sorted(key for key, times in there.items() if times > 1),
            made_up=sorted(there.keys() - self.sent.keys()),
        )
