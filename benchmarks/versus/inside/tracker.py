"""Roundup's side, run by its own interpreter: ``tracker.py HOME ITEMS`` loads items, and says what a client needs.

Items come as lines of JSON (see ``benchmarks.versus.items``). They are made by the tracker's own classes with a
thousand to a transaction, so that journals, links and detectors are as if each had come in by itself. The index of
words gets the same rows as well, but is not asked first whether it has them: that look-up reads the whole index.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import jwt  # type: ignore[import-not-found]
import roundup  # type: ignore[import-not-found]
import roundup.instance  # type: ignore[import-not-found]
from roundup.date import Date  # type: ignore[import-not-found]
from roundup.password import Password  # type: ignore[import-not-found]

_BATCH = 1_000
_AGENT, _ROLE = "agent", "User"
_STATUSES = {"new": "unread", "in-progress": "in-progress", "resolved": "resolved", "archived": "done-cbb"}
_PRIORITIES = {"urgent": "urgent", "high": "bug", "medium": "feature", "low": "wish"}


def load(home: str, items: Path) -> dict[str, Any]:
    """Fill an initialised tracker; returns ids and a token that a client of its REST API uses."""
    tracker = roundup.instance.open(home)
    database = tracker.open("admin")
    agent = database.user.create(
        username=_AGENT, password=Password("secret", config=tracker.config), address="agent@example.com", roles=_ROLE
    )
    database.commit()
    database.close()
    database = tracker.open(_AGENT)
    database.indexer.add_text = partial(_index, database)
    last: dict[str, Any] = {}
    for number, line in enumerate(items.open(encoding="utf-8"), 1):
        last = _issue(database, agent, json.loads(line))
        if number % _BATCH == 0:
            database.commit()
            # What it remembers of nodes is for one request.
            database.clearCache()
            print(f"\r  {number:,} items", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    spare = database.msg.create(content="Nobody links this one yet.", author=agent, date=Date())
    database.commit()
    web, secret = tracker.config.TRACKER_WEB, tracker.config.WEB_JWT_SECRET[0]
    unread = database.status.lookup("unread")
    database.close()
    token = jwt.encode({"sub": agent, "iss": web, "aud": web, "roles": [_ROLE]}, secret, algorithm="HS256")
    return {**last, "token": token, "unread": unread, "spare": spare, "version": roundup.__version__}


def _index(database: Any, identifier: tuple[Any, ...], text: str, mime_type: str = "text/plain") -> None:
    """What the tracker's index of words does for a text that it has not seen."""
    if mime_type == "text/plain":
        row = (*map(str, identifier), text)
        database.cursor.execute("INSERT INTO __fts (_class, _itemid, _prop, _textblob) VALUES (?, ?, ?, ?)", row)


def _issue(database: Any, agent: str, item: dict[str, Any]) -> dict[str, Any]:
    """An issue with its messages."""
    texts = [item["text"], *item["comments"]]
    messages = [database.msg.create(content=text, author=agent, date=Date(item["created"])) for text in texts]
    values = {"title": item["title"], "messages": messages, "status": database.status.lookup(_STATUSES[item["status"]])}
    if item["priority"]:
        values["priority"] = database.priority.lookup(_PRIORITIES[item["priority"]])
    return {"issue": database.issue.create(**values), "messages": messages}


if __name__ == "__main__":
    print(json.dumps(load(sys.argv[1], Path(sys.argv[2]))))
