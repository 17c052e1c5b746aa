"""userhero: the embedded server, on SQLite."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import dataset, servers
from benchmarks.dataset import Dataset
from benchmarks.load import Request, spelled
from benchmarks.servers import Server
from benchmarks.texts import RARE
from benchmarks.versus.contender import Contender, Work, expect
from benchmarks.versus.items import COMMENT, COMMENTS, Totals

_API = "/api/v1/feedback"
_PAGE = 20
# So many that none is asked twice within the second in which its answer is remembered.
_QUESTIONS = 8_192


def started(pristine: Dataset, folder: Path, totals: Totals, bodies: Sequence[str], core: int | None) -> Contender:
    """A copy of the data set, served."""
    data = dataset.copy(pristine, folder)
    server = servers.product(data.folder, core=core)
    works = _Works(server, data, totals)
    newest = works.newest()
    works.comment(newest)
    lines = {"list": works.listed(), "again": works.listed(again=True), "item": works.item(newest)}
    lines |= {"search": works.search(), "create": works.create(bodies)}
    return Contender("userhero", server, lines, {name: version(name) for name in ("userhero", "granian")})


class _Works:
    def __init__(self, server: Server, data: Dataset, totals: Totals) -> None:
        self._server, self._totals, self._place = server, totals, data.facts.workspace_id
        self._headers = {"Authorization": f"Bearer {data.facts.keys[0]}"}
        self._writing = {**self._headers, "Content-Type": "application/json"}

    def _reads(self, path: str, query: str = "", *, again: bool = False) -> list[Request]:
        numbers = range(1 if again else _QUESTIONS)
        return [Request(f"{path}?workspaceId={spelled(self._place, n)}{query}", self._headers) for n in numbers]

    def newest(self) -> str:
        [request] = self._reads(_API, "&status=new&pageSize=1", again=True)
        found: str = self._server.json("GET", request.target, self._headers)["data"][0]["id"]
        return found

    def comment(self, feedback_id: str) -> None:
        body = json.dumps({"workspaceId": self._place, "message": COMMENT.strip()})
        for _ in range(COMMENTS):
            self._server.json("POST", f"{_API}/{feedback_id}/comments", self._writing, body)

    def listed(self, *, again: bool = False) -> Work:
        def check(answers: Sequence[bytes]) -> None:
            items = json.loads(answers[0])["data"]
            times = [item["createdAt"] for item in items]
            expect(len(items) == _PAGE and times == sorted(times, reverse=True), "20 items, newest first", times)
            expect(all(item["status"] == "new" for item in items), "open ones", items)
            expect(items[0]["message"].startswith(self._totals.newest.title), "the newest", items[0])

        requests = self._reads(_API, f"&status=new&pageSize={_PAGE}", again=again)
        return Work("`GET /api/v1/feedback?status=new&pageSize=20`", requests, check)

    def item(self, feedback_id: str) -> Work:
        def check(answers: Sequence[bytes]) -> None:
            item = json.loads(answers[0])["data"]
            expect(item["message"].startswith(self._totals.newest.title), "the item", item)
            texts = [comment["message"] for comment in item["customerComments"]]
            expect(texts == [COMMENT.strip()] * COMMENTS, "its comments", item)

        return Work("`GET /api/v1/feedback/{id}`", self._reads(f"{_API}/{feedback_id}"), check)

    def search(self) -> Work:
        def check(answers: Sequence[bytes]) -> None:
            items = json.loads(answers[0])["data"]
            expect(len(items) == min(_PAGE, self._totals.rare), "as many as there are", len(items))
            expect(all(RARE in item["message"].lower() for item in items), "what was looked for", items)

        requests = self._reads(_API, f"&search={RARE}&pageSize={_PAGE}")
        return Work(f"`GET /api/v1/feedback?search={RARE}&pageSize=20`", requests, check)

    def create(self, bodies: Sequence[str]) -> Work:
        def check(answers: Sequence[bytes]) -> None:
            made = json.loads(answers[0])["data"]["id"]
            item = self._server.json("GET", f"{_API}/{made}?workspaceId={self._place}", self._headers)["data"]
            right = item["message"] == json.loads(bodies[0])["message"] and item["status"] == "new"
            expect(right, "the new item", item)

        requests = [Request(_API, self._writing, "POST", body) for body in bodies]
        return Work("`POST /api/v1/feedback`", requests, check)
