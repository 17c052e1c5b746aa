"""django-helpdesk: a project as its stand-alone image has it, on PostgreSQL, behind gunicorn."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks.cluster import Cluster
from benchmarks.load import Request
from benchmarks.machine import environment, free_port
from benchmarks.servers import Server
from benchmarks.texts import RARE
from benchmarks.versus import environments
from benchmarks.versus.contender import WORKERS, Contender, Work, expect, said_by
from benchmarks.versus.environments import HERE, KEPT
from benchmarks.versus.items import COMMENT, COMMENTS, Item, Totals
from tests.support.postgres import command as statement

_INSIDE = HERE / "inside"
_COPY = "versus_copy"
_PAGE = 20
_OPEN = 1


def prepared(items: Path, count: int, cluster: Cluster) -> Path:
    """A database with these items, kept by the cluster or made now: the file with its name and what a client needs."""
    programs = environments.programs("helpdesk")
    sources = [*sorted((_INSIDE / "desk").rglob("*.py")), items, HERE / "requirements-helpdesk.lock"]
    name = f"versus_{count}_{environments.digest(*sources)}"
    kept = KEPT / f"{name}.json"
    postgres = cluster.url("postgres")
    with psycopg.connect(postgres, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'versus_%'").fetchall()
    present = {row[0] for row in rows}
    if name in present and kept.exists():
        return kept
    outdated = {each for each in present if each.startswith(f"versus_{count}_") or each == "versus_unfinished"}
    for each in outdated:
        statement(postgres, "DROP DATABASE {} WITH (FORCE)", each)
    statement(postgres, "CREATE DATABASE {} TEMPLATE template0", "versus_unfinished")
    env = _environment(cluster.url("versus_unfinished"), KEPT)
    django: list[str | Path] = [programs / "python", "-m", "django"]
    said_by([*django, "migrate", "--verbosity", "0"], cwd=_INSIDE, env=env)
    said_by([*django, "loaddata", "emailtemplate.json", "--verbosity", "0"], cwd=_INSIDE, env=env)
    found = said_by([*django, "load_items", items], cwd=_INSIDE, env=env)
    statement(postgres, "ALTER DATABASE {} RENAME TO {}", "versus_unfinished", name)
    kept.write_text(json.dumps({"database": name, **json.loads(found)}))
    return kept


def started(
    kept: Path, folder: Path, totals: Totals, bodies: Sequence[Item], core: int | None, cluster: Cluster
) -> Contender:
    """A copy of the database, served."""
    found = json.loads(kept.read_text())
    postgres = cluster.url("postgres")
    statement(postgres, "DROP DATABASE IF EXISTS {} WITH (FORCE)", _COPY)
    statement(postgres, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", _COPY, found["database"])
    folder.mkdir()
    env = _environment(cluster.url(_COPY), folder)
    programs = environments.programs("helpdesk")
    said_by(
        [programs / "python", "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"], cwd=_INSIDE, env=env
    )
    port = free_port()
    gunicorn = [programs / "gunicorn", "--chdir", _INSIDE, "--bind", f"127.0.0.1:{port}", "--preload"]
    gunicorn += ["--workers", str(WORKERS), "--timeout", "600", "--no-control-socket", "desk.wsgi:application"]
    server = Server([str(part) for part in gunicorn], port, "/login/", core, env)
    works = _Works(found, totals)
    lines = {"list": works.listed(), "item": works.item(), "page": works.page(), "create": works.create(bodies)}
    versions = environments.versions("helpdesk", "django-helpdesk", "django", "djangorestframework", "gunicorn")
    return Contender("django-helpdesk", server, lines, versions)


def _environment(url: str, folder: Path) -> dict[str, str]:
    names = {"PYTHONPATH": str(_INSIDE), "DJANGO_SETTINGS_MODULE": "desk.settings"}
    return environment(**names, HELPDESK_URL=url, HELPDESK_FOLDER=str(folder))


class _Works:
    def __init__(self, found: dict[str, Any], totals: Totals) -> None:
        self._found, self._totals = found, totals
        self._headers = {"Authorization": f"Token {found['token']}"}

    def listed(self) -> Work:
        page = self._totals.open // _PAGE
        query = urlencode({"status": _OPEN, "page_size": _PAGE, "page": page})

        def check(answers: Sequence[bytes]) -> None:
            answer = json.loads(answers[0])
            tickets = answer["results"]
            expect(len(tickets) == _PAGE and answer["count"] == self._totals.open, "a page of the open", answer)
            expect(all(ticket["status"] == _OPEN and ticket["description"] for ticket in tickets), "open", tickets)

        return Work(
            "`GET /api/tickets/?status=1&page_size=20&page=`", [Request(f"/api/tickets/?{query}", self._headers)], check
        )

    def item(self) -> Work:
        def check(answers: Sequence[bytes]) -> None:
            ticket = json.loads(answers[0])
            expect(ticket["title"] == self._totals.newest.title, "the ticket", ticket)
            texts = [said["comment"] for said in ticket["followup_set"]]
            expect(sorted(texts) == sorted([self._totals.newest.text, *[COMMENT] * COMMENTS]), "what was said", texts)

        request = Request(f"/api/tickets/{self._found['ticket']}/", self._headers)
        return Work("`GET /api/tickets/{id}/`", [request], check)

    def page(self) -> Work:
        asked = {
            "search_string": RARE,
            "sorting": "created",
            "sortreverse": True,
            "filtering": {},
            "filtering_null": {},
        }
        coded = base64.b64encode(json.dumps(asked).encode()).decode()
        query = urlencode({"draw": 1, "start": 0, "length": _PAGE, "order[0][column]": 0, "order[0][dir]": "desc"})
        headers = {"Cookie": f"sessionid={self._found['session']}"}

        def check(answers: Sequence[bytes]) -> None:
            answer = json.loads(answers[0])
            right = len(answer["data"]) == _PAGE and answer["recordsFiltered"] == self._totals.rare
            expect(right, f"20 of {self._totals.rare} tickets", answer)

        request = Request(f"/datatables_ticket_list/{coded}?{query}", headers)
        return Work("`GET /datatables_ticket_list/{query}`: the data of its page", [request], check)

    def create(self, bodies: Sequence[Item]) -> Work:
        headers = {**self._headers, "Content-Type": "application/json"}
        requests = []
        for item in bodies:
            ticket = {"queue": self._found["queue"], "title": item.title, "description": item.text, "priority": 3}
            if item.email:
                ticket["submitter_email"] = item.email
            requests.append(Request("/api/tickets/", headers, "POST", json.dumps(ticket)))

        def check(answers: Sequence[bytes]) -> None:
            ticket = json.loads(answers[0])
            right = ticket["title"] == bodies[0].title and ticket["status"] == _OPEN
            expect(right and ticket["id"] > self._found["ticket"], "the new ticket", ticket)

        return Work("`POST /api/tickets/`", requests, check)
