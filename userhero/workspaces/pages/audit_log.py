"""``/app/{workspace_id}/audit-log``: who did what in the workspace, what it was before, and from where."""

from datetime import date
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from userhero.kernel import clock
from userhero.kernel.db import Transaction
from userhero.kernel.http.pages import PageRoutes, View, Visit
from userhero.workspaces.access import enter
from userhero.workspaces.audit_queries import list_audit_log
from userhero.workspaces.audit_types import AuditList, AuditRecord
from userhero.workspaces.members import list_team

_SIZE, _MAX_SHOWN = 25, 1_000
_FILTERS = ("act", "actor", "subject", "since", "until")
_OTHERS = (("operator", "Whoever runs the server"), ("system", "The server itself"))
_NO_DAY = "must be a day, such as 2026-05-30"

pages = PageRoutes()
_decode = msgspec.json.Decoder(AuditRecord).decode
_encode = msgspec.json.Encoder().encode


class Change(NamedTuple):
    """A field that an act has changed, as people read it; empty where it was not there."""

    name: str
    before: str
    after: str


@pages.get("/app/{workspace_id}/audit-log", role="admin")
def show_audit_log(tx: Transaction, visit: Visit) -> View:
    """The records that the filters leave, newest first."""
    asked = {name: visit.query.get(name, "").strip() for name in _FILTERS}
    wrong: dict[str, str] = {}
    wanted = AuditList(
        workspace_id=cast(str, visit.workspace_id),
        act=asked["act"] or None,
        actor_id=asked["actor"] or None,
        subject_id=asked["subject"] or None,
        created_after=_edge(asked, "since", -1, wrong),
        created_before=_edge(asked, "until", 24 * 3600 * 1_000, wrong),
        page_size=_SIZE,
        cursor=visit.query.get("cursor") or UNSET,
    )
    found = list_audit_log(tx, visit.actor, wanted)
    records = [_decode(text) for text in found.items]
    used = {name: text for name, text in asked.items() if text}
    people = [(each.user_id, each.name) for each in list_team(tx, enter(tx, visit.actor, wanted.workspace_id))]
    people += _OTHERS
    if asked["actor"] and asked["actor"] not in dict(people):
        # Somebody who is gone by now, whom a record has led to.
        people.append((asked["actor"], records[0].actor.name if records else asked["actor"]))
    values = {
        "records": [(each, _changes(each), _words(each.act)) for each in records],
        "people": people,
        "asked": asked,
        "wrong": wrong,
        "used": used,
        "older": urlencode({**used, "cursor": found.pagination.next_cursor}) if found.pagination.has_more else "",
    }
    return View("workspaces/audit_log.html", values, 422 if wrong else 200)


def _edge(asked: dict[str, str], name: str, milliseconds: int, wrong: dict[str, str]) -> str | None:
    """The moment so long after a day begins, UTC; None where none is asked for, or what is asked for is no day."""
    if not asked[name]:
        return None
    try:
        day = date.fromisoformat(asked[name])
        return clock.shift(f"{day.isoformat()}T00:00:00.000Z", milliseconds=milliseconds)
    except (ValueError, OverflowError):
        wrong[name] = _NO_DAY
        return None


def _words(act: str) -> str:
    """``project.updated`` as people read it."""
    return act.replace(".", " ").replace("_", " ").capitalize()


def _changes(record: AuditRecord) -> list[Change]:
    before, after = record.before or {}, record.after or {}
    return [Change(name, _text(before, name), _text(after, name)) for name in {**before, **after}]


def _text(values: dict[str, Any], name: str) -> str:
    """A value in one line; of long ones the beginning, as the API has the whole."""
    if name not in values:
        return ""
    value = values[name]
    text = value if isinstance(value, str) else _encode(value).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
