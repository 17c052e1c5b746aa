"""The items that all sides hold: those of the data set's large workspace, as lines of JSON for whoever loads them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pysqlite3

from benchmarks.dataset import Dataset
from benchmarks.texts import RARE

# The longest title that all of them take.
_TITLE = 200
COMMENTS = 5
COMMENT = "Thank you, we are looking into it. " * 4


class Item(msgspec.Struct, frozen=True):
    """One item. ``text`` is its message with what the sender's browser told; ``created`` is ISO 8601 without a zone."""

    title: str
    text: str
    status: str
    priority: str | None
    email: str | None
    created: str
    comments: list[str]


class Totals(NamedTuple):
    """What answers are checked against: items that are open, that have the rare word, that have it in their title."""

    open: int
    rare: int
    rare_titles: int
    newest: Item


def write(dataset: Dataset, path: Path) -> None:
    """Write the items of the large workspace into a file, oldest first. The newest open one has comments."""
    items = list(_read(dataset))
    newest = max(number for number, item in enumerate(items) if item.status == "new")
    items.append(msgspec.structs.replace(items.pop(newest), comments=[COMMENT] * COMMENTS))
    path.write_bytes(b"".join(msgspec.json.encode(item) + b"\n" for item in items))


def totals(path: Path) -> Totals:
    """Count what is in such a file."""
    items = [msgspec.json.decode(line, type=Item) for line in path.read_bytes().splitlines()]
    still_open = sum(item.status == "new" for item in items)
    rare = [item for item in items if RARE in item.text.lower()]
    return Totals(still_open, len(rare), sum(RARE in item.title.lower() for item in rare), items[-1])


def item_of(body: dict[str, Any]) -> Item:
    """A body of ``POST /feedback`` as the others take it."""
    return _item(body["message"], body.get("context") or {}, body.get("customMetadata"), body)


def _read(dataset: Dataset) -> Iterator[Item]:
    connection = pysqlite3.connect(f"file:{dataset.folder / 'userhero.db'}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT message, context, custom_metadata, status, priority, user_email, created_at FROM feedback "
        "WHERE workspace_id = ? ORDER BY created_at",
        (dataset.facts.workspace_id,),
    )
    for message, context, custom, status, priority, email, created in rows:
        rest = {"status": status, "priority": priority, "userEmail": email, "created": created[:19].replace("T", ".")}
        yield _item(message, json.loads(context), json.loads(custom or "null"), rest)
    connection.close()


def _item(message: str, context: dict[str, Any], custom: dict[str, Any] | None, rest: dict[str, Any]) -> Item:
    told = [f"{name}: {value}" for name, value in {**context, **(custom or {})}.items()]
    return Item(
        title=message[:_TITLE].strip(),
        text="\n".join([message, "", *told]),
        status=rest.get("status", "new"),
        priority=rest.get("priority"),
        email=rest.get("userEmail"),
        created=rest.get("created", ""),
        comments=[],
    )
