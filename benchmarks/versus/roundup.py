"""Roundup: the tracker of its classic template on SQLite with its index of words, behind gunicorn."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.load import Request
from benchmarks.machine import environment, free_port
from benchmarks.servers import Server
from benchmarks.texts import RARE
from benchmarks.versus import environments
from benchmarks.versus.contender import WORKERS, Contender, Work, expect, said_by
from benchmarks.versus.environments import HERE, KEPT
from benchmarks.versus.items import COMMENT, COMMENTS, Item, Totals

_LOADER = HERE / "inside" / "tracker.py"
_WEB = "http://localhost/"
_SETTINGS = f"tracker_web={_WEB},mail_domain=example.com,mail_host=localhost,indexer=native-fts"
# Its documents advise this; without it a list puts every open issue together and then shows twenty.
_INTERFACES = "from roundup.rest import RestfulInstance\n\nRestfulInstance.max_response_row_size = 26\n"
_WSGI = """\
from pathlib import Path
from roundup.cgi.wsgi_handler import RequestDispatcher

app = RequestDispatcher(str(Path(__file__).parent))
"""
_FIELDS = "title,status,priority,creation,activity,creator,assignedto,nosy,keyword"
_PAGE = 20


def prepared(items: Path, count: int) -> Path:
    """A tracker with these items, from the cache or made now: the folder with its home and what a client needs."""
    programs = environments.programs("roundup")
    made_by = environments.digest(_LOADER, items, HERE / "requirements-roundup.lock")
    folder = KEPT / f"roundup-{count}-{made_by}"
    if (folder / "found.json").exists():
        return folder
    for outdated in KEPT.glob(f"roundup-{count}-*"):
        shutil.rmtree(outdated)
    home = folder / "home"
    home.mkdir(parents=True)
    admin: list[str | Path] = [programs / "roundup-admin", "-i", home]
    said_by([*admin, "install", "classic", "sqlite", _SETTINGS], cwd=folder)
    config = home / "config.ini"
    secret = f"jwt_secret = {secrets.token_hex(32)}"
    config.write_text(re.sub(r"(?m)^jwt_secret = .*$", secret, config.read_text("utf-8")), "utf-8")
    said_by([*admin, "initialise", secrets.token_hex(16)], cwd=folder)
    (home / "interfaces.py").write_text(_INTERFACES)
    (home / "wsgi.py").write_text(_WSGI)
    found = said_by([programs / "python", "-P", _LOADER, home, items], cwd=folder)
    (folder / "found.json").write_text(found)
    return folder


def started(kept: Path, folder: Path, totals: Totals, bodies: Sequence[Item], core: int | None) -> Contender:
    """A copy of the tracker, served from ``folder``."""
    found = json.loads((kept / "found.json").read_text())
    shutil.copytree(kept / "home", folder, copy_function=_copy)
    port = free_port()
    command = [environments.programs("roundup") / "gunicorn", "--chdir", folder, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--timeout", "600", "--no-control-socket", "wsgi:app"]
    server = Server([str(part) for part in command], port, "/", core, environment())
    works = _Works(server, found, totals)
    lines = {"list": works.listed(), "item": works.item(), "search": works.search(), "page": works.page()}
    versions = environments.versions("roundup", "roundup", "gunicorn")
    return Contender("Roundup", server, {**lines, "create": works.create(bodies)}, versions)


def _copy(source: str, target: str) -> str:
    """A file of the copy. Texts of messages are never written to again: they are linked, a hundred thousand of them."""
    if Path(source).parts[-4:-2] == ("files", "msg"):
        os.link(source, target)
        return target
    return shutil.copy2(source, target)


class _Works:
    def __init__(self, server: Server, found: dict[str, Any], totals: Totals) -> None:
        self._server, self._found, self._totals = server, found, totals
        # What its protection against forged requests wants of a client.
        self._headers = {"Authorization": f"Bearer {found['token']}", "Host": "localhost", "X-Requested-With": "rest"}
        self._writing = {**self._headers, "Content-Type": "application/json", "Origin": _WEB.rstrip("/")}
        self._writing["Referer"] = _WEB

    def _read(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Request:
        # Not indented: that is its default, and more bytes.
        return Request(f"{path}?{urlencode([*query, ('@pretty', 'false')])}", self._headers)

    def listed(self) -> Work:
        query = [("status", self._found["unread"]), ("@sort", "-id"), ("@page_size", str(_PAGE)), ("@fields", _FIELDS)]

        def check(answers: Sequence[bytes]) -> None:
            issues = json.loads(answers[0])["data"]["collection"]
            ids = [int(issue["id"]) for issue in issues]
            expect(len(ids) == _PAGE and ids == sorted(ids, reverse=True), "20 issues, newest first", ids)
            expect(ids[0] == int(self._found["issue"]), "the newest issue", ids)
            expect(issues[0]["title"] == self._totals.newest.title, "its title", issues[0])
            expect(all(issue["status"]["id"] == self._found["unread"] for issue in issues), "open ones", issues)

        return Work(
            "`GET /rest/data/issue?status=&@sort=-id&@page_size=20&@fields=`",
            [self._read("/rest/data/issue", query)],
            check,
        )

    def item(self) -> Work:
        messages = [("id", each) for each in self._found["messages"]]
        fields = [("@verbose", "3"), ("@fields", "content,author,date")]
        requests = [
            self._read(f"/rest/data/issue/{self._found['issue']}"),
            self._read("/rest/data/msg", messages + fields),
        ]

        def check(answers: Sequence[bytes]) -> None:
            issue, said = (json.loads(answer)["data"] for answer in answers)
            expect(issue["attributes"]["title"] == self._totals.newest.title, "the issue", issue)
            texts = [message["content"] for message in said["collection"]]
            expect(sorted(texts) == sorted([self._totals.newest.text, *[COMMENT] * COMMENTS]), "its messages", texts)

        return Work("`GET /rest/data/issue/{id}`, then `GET /rest/data/msg?id=&id=…`", requests, check, each=2)

    def search(self) -> Work:
        query = [("title", RARE), ("@sort", "-id"), ("@page_size", str(_PAGE)), ("@fields", _FIELDS)]

        def check(answers: Sequence[bytes]) -> None:
            issues = json.loads(answers[0])["data"]["collection"]
            expect(len(issues) == min(_PAGE, self._totals.rare_titles), "as many as there are", len(issues))
            expect(all(RARE in issue["title"].lower() for issue in issues), "what was looked for", issues)

        return Work(
            f"`GET /rest/data/issue?title={RARE}`: a part of the title", [self._read("/rest/data/issue", query)], check
        )

    def page(self) -> Work:
        query = [("@search_text", RARE), ("@columns", "id,activity,title,creator,assignedto,status"), ("@sort", "-id")]
        request = self._read("/issue", [*query, ("@pagesize", str(_PAGE)), ("@startwith", "0")])

        def check(answers: Sequence[bytes]) -> None:
            links = set(re.findall(rb'href="issue(\d+)"', answers[0]))
            expect(len(links) == min(_PAGE, self._totals.rare), "a page of those found", links)

        return Work(f"`GET /issue?@search_text={RARE}`: its page, from its index of words", [request], check)

    def create(self, bodies: Sequence[Item]) -> Work:
        requests = []
        for item in bodies:
            message = {"content": item.text, "author": "agent", "date": "2026-01-01.00:00:00"}
            issue = {"title": item.title, "messages": [self._found["spare"]], "priority": "bug"}
            requests += [self._write("/rest/data/msg", message), self._write("/rest/data/issue", issue)]

        def check(answers: Sequence[bytes]) -> None:
            made = [json.loads(answer)["data"]["id"] for answer in answers]
            paths = (f"/rest/data/msg/{made[0]}?@verbose=3", f"/rest/data/issue/{made[1]}")
            message, issue = (self._server.json("GET", path, self._headers)["data"]["attributes"] for path in paths)
            expect(message["content"] == bodies[0].text, "the message", message)
            expect(issue["title"] == bodies[0].title and issue["status"]["id"] == self._found["unread"], "it", issue)

        return Work("`POST /rest/data/msg`, then `POST /rest/data/issue`", requests, check, each=2)

    def _write(self, path: str, values: dict[str, Any]) -> Request:
        return Request(path, self._writing, "POST", json.dumps(values))
