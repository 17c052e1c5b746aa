"""P1, P2, P4, P5, P6: reads of the embedded server."""

import json
from functools import partial

from benchmarks.bench import API, Bench
from benchmarks.figures import Part, Result, Side, interleaved, ratio
from benchmarks.load import Request
from benchmarks.texts import COMMON, RARE

_CONNECTIONS = 32
_FEW = 4
_DEEP_PAGE = 5_000
_PAGE = 20
_COMMENTS, _NOTES = 5, 3
_LONG_TALK = 50


def list_of_new(bench: Bench) -> Result:
    """P1: the list that an inbox opens with."""
    requests = bench.readings("/feedback", "&status=new")
    size = bench.size(bench.embedded, requests[0])
    parts = [
        _against_constant(bench, "asked again", 0.30, requests[:1]),
        _against_constant(bench, "asked anew", 0.30, requests),
    ]
    return Result("P1", f"GET /feedback?status=new, 20 items, {size:,} bytes", parts)


def one_item(bench: Bench) -> Result:
    """P2: an item with what was said about it."""
    feedback_id = json.loads(_body(bench, bench.reading("/feedback", "&status=new&pageSize=1")))["data"][0]["id"]
    _talk(bench, feedback_id, _COMMENTS, _NOTES)
    requests = bench.readings(f"/feedback/{feedback_id}")
    size = bench.size(bench.embedded, requests[0])
    parts = [
        _against_constant(bench, "asked again", 0.35, requests[:1]),
        _against_constant(bench, "asked anew", 0.35, requests),
    ]
    _talk(bench, feedback_id, _LONG_TALK - _COMMENTS, 0)
    parts.append(_against_constant(bench, f"{_LONG_TALK} comments, asked anew", 0.35, requests))
    title = f"GET /feedback/{{id}}, {_COMMENTS} comments, {_NOTES} notes, {size:,} bytes"
    return Result("P2", title, parts)


def same_list_on_little_data(bench: Bench) -> Result:
    """P4: what the amount of data costs."""
    requests = bench.readings("/feedback", "&status=new")
    little = bench.readings("/feedback", "&status=new", data=bench.little_data)
    sides = {
        f"{bench.options.items:,} items": (bench.load(*requests, connections=_CONNECTIONS), bench.embedded),
        "1,000 items": (bench.load(*little, connections=_CONNECTIONS), bench.little),
    }
    title = "The list of P1, asked anew, against the same on 1,000 items"
    return Result("P4", title, [bench.compared("size", 0.85, sides)])


def deep_pages(bench: Bench) -> Result:
    """P5: page 5,000, or the last but one where there are fewer."""
    page = max(2, min(_DEEP_PAGE, bench.options.items // 5 // _PAGE - 1))
    before = json.loads(_body(bench, bench.reading("/feedback", f"&page={page - 1}")))
    cursor = before["pagination"]["nextCursor"]
    loads = [
        bench.load(*bench.readings("/feedback", query), connections=_CONNECTIONS)
        for query in (f"&cursor={cursor}", f"&page={page}", "")
    ]
    measures = [partial(load.run, bench.embedded.port) for load in loads]
    labels = [f"page {page:,} by cursor", f"page {page:,} by number", "page 1"]
    taken = interleaved(bench.options.repetitions, *measures)
    by_cursor, by_number, first = (Side(label, "/s", samples) for label, samples in zip(labels, taken, strict=True))
    parts = [
        Part("cursor", ratio(by_cursor, first), 0.85, [by_cursor, first]),
        Part("number", ratio(by_number, first), 0.05, [by_number, first]),
    ]
    return Result("P5", f"Page {page:,} of the workspace's items, asked anew, against page 1", parts)


def search(bench: Bench) -> Result:
    """P6: full text."""
    rare, common, listed = (
        bench.load(*bench.readings("/feedback", query), connections=_FEW)
        for query in (f"&search={RARE}", f"&search={COMMON}", "&status=new")
    )
    part = bench.compared("rare", 0.25, {"rare word": (rare, bench.embedded), "list of P1": (listed, bench.embedded)})
    [samples] = interleaved(bench.options.repetitions, lambda: common.run(bench.embedded.port))
    side = Side("common word", "/s", samples)
    slow = Part("common p95", side.latency("p95") or 0.0, 150, [side], better="less", unit="ms")
    title = "GET /feedback?search=, a rare word against P1, both asked anew; a common word"
    return Result("P6", title, [part, slow], note=f"{_FEW} connections")


def _against_constant(bench: Bench, name: str, target: float, requests: list[Request]) -> Part:
    size = bench.size(bench.embedded, requests[0])
    fixed = Request(f"/constant/{size}", requests[0].headers)
    sides = {
        "product": (bench.load(*requests, connections=_CONNECTIONS), bench.embedded),
        "constant answer": (bench.load(fixed, connections=_CONNECTIONS), bench.constant),
    }
    return bench.compared(name, target, sides)


def _body(bench: Bench, request: Request) -> bytes:
    status, body = bench.embedded.call(request.method, request.target, request.headers)
    if status != 200:
        raise RuntimeError(f"{request.target}: {status} {body[:500]!r}")
    return body


def _talk(bench: Bench, feedback_id: str, comments: int, notes: int) -> None:
    """Give the item comments and notes."""
    said = [("comments", {"message": "Thank you, we are looking into it. " * 4})] * comments
    said += [("notes", {"content": "Reproduced on the latest release; it is the cache. " * 3})] * notes
    for kind, content in said:
        body = json.dumps({"workspaceId": bench.pristine.facts.workspace_id, **content})
        bench.embedded.json("POST", f"{API}/feedback/{feedback_id}/{kind}", bench.headers(), body)
