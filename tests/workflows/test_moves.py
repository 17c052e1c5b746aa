"""Moving items on a board: where they end up, whatever was done before, and whoever else is moving something."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, func, select, update

from tests.support.client import Client
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.workflows.boards import ISSUES, add, count_of, items_of, move, new_workflow, titles, together
from userhero.kernel.db import Database, Statement, insertion
from userhero.workflows.actions.place import WINDOW
from userhero.workflows.tables import workflow_items

_i = workflow_items
_ranked = (
    select(_i.c.id, func.row_number().over(order_by=(_i.c.position, _i.c.id)).label("number"))
    .where(_i.c.workflow_id == bindparam("workflow"))
    .subquery()
)
_SQUEEZE = Statement(update(_i).where(_i.c.id == _ranked.c.id).values(position=_ranked.c.number))
_FILL = insertion(
    workflow_items, "id", "workspace_id", "workflow_id", "title", "status", "position", "created_at", "updated_at"
)


def squeeze(database: Database, workflow_id: str) -> None:
    """Leave no room between any two items; the order stays."""
    database.write(lambda tx: tx.run(_SQUEEZE, workflow=workflow_id))


def fill(database: Database, caller: Tenant, workflow_id: str, positions: list[int]) -> None:
    """Items at these positions, named by their places among them."""

    def unit(tx: Any) -> None:
        for number, position in enumerate(positions):
            tx.run(
                _FILL,
                id=f"wfi_{workflow_id[-8:]}{number:018}",
                workspace_id=caller.workspace_id,
                workflow_id=workflow_id,
                title=str(number),
                status="open",
                position=position,
                created_at=tx.now,
                updated_at=tx.now,
            )

    database.write(unit)


def whole(caller: Tenant, workflow_id: str) -> list[Any]:
    """Every item, page by page."""
    found: list[Any] = []
    cursor = None
    while cursor is not None or not found:
        page = caller.get(f"/workflows/{workflow_id}/items", pageSize=100, cursor=cursor).json()
        found += page["data"]
        cursor = page["pagination"]["nextCursor"]
    return found


def test_within_a_column_and_across(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    a, b, c, d = (add(caller, workflow_id, title) for title in "abcd")
    move(caller, d, before=b["id"])
    assert titles(caller, workflow_id) == ["a", "d", "b", "c"]
    move(caller, a, after=b["id"])
    assert titles(caller, workflow_id) == ["d", "b", "a", "c"]
    move(caller, c, after=None)
    assert titles(caller, workflow_id) == ["c", "d", "b", "a"]
    move(caller, c, before=None)
    assert titles(caller, workflow_id) == ["d", "b", "a", "c"]
    move(caller, b, status="closed")
    move(caller, d, status="closed")
    assert titles(caller, workflow_id, status="closed") == ["b", "d"], "at the end of the column"
    moved = move(caller, a, status="closed", before=d["id"])
    assert moved.data["status"] == "closed"
    assert titles(caller, workflow_id, status="closed") == ["b", "a", "d"]
    assert titles(caller, workflow_id, status="open") == ["c"]


def test_what_is_no_neighbour_is_refused(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    workflow_id = new_workflow(caller)
    a, b = add(caller, workflow_id), add(caller, workflow_id)
    closed = add(caller, workflow_id, status="closed")
    elsewhere = add(caller, new_workflow(caller))
    theirs = add(stranger, new_workflow(stranger))
    with unchanged(database, caller, stranger):
        for side in ("before", "after"):
            for wrong in (a["id"], closed["id"], elsewhere["id"], theirs["id"], "wfi_nothing", ""):
                check_problem(move(caller, a, **{side: wrong}), "bad_request", field=side)
            check_problem(move(caller, a, status="closed", **{side: b["id"]}), "bad_request", field=side)
        check_problem(move(caller, a, before=b["id"], after=None), "bad_request", field="after")


def test_moving_to_where_it_stands_is_no_change(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    a, b, c = (add(caller, workflow_id, title) for title in "abc")
    with unchanged(database, caller):
        assert move(caller, b, after=a["id"]).data == move(caller, b, before=c["id"]).data == b
        assert move(caller, a, after=None).data == a
        assert move(caller, c, before=None).data == c


MOVE = st.tuples(
    st.just("move"),
    st.integers(0, 30),
    st.one_of(st.none(), st.sampled_from(ISSUES[:2])),
    st.sampled_from(["before", "after", "nowhere"]),
    st.one_of(st.none(), st.integers(0, 30)),
)
OPERATIONS = st.lists(
    st.one_of(
        MOVE,
        MOVE,
        MOVE,
        st.tuples(st.just("add"), st.sampled_from(ISSUES[:2])),
        st.tuples(st.just("delete"), st.integers(0, 30)),
    ),
    min_size=5,
    max_size=25,
)


class Board:
    """What a board should hold: the ids of each column, from the top down."""

    def __init__(self) -> None:
        self.columns: dict[str, list[str]] = {status: [] for status in ISSUES}

    def ids(self) -> list[str]:
        return [item_id for column in self.columns.values() for item_id in column]

    def status_of(self, item_id: str) -> str:
        return next(status for status, column in self.columns.items() if item_id in column)

    def move(self, item_id: str, status: str, side: str, neighbour: str | None) -> None:
        before = self.status_of(item_id)
        if side == "nowhere" and status == before:
            return
        self.columns[before].remove(item_id)
        column = self.columns[status]
        if neighbour is None:
            column.insert(0 if side == "after" else len(column), item_id)
        else:
            column.insert(column.index(neighbour) + (side == "after"), item_id)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS, crowded=st.booleans())
def test_a_board_is_in_order_whatever_is_done(
    tenant: Tenants, database: Database, operations: list[Any], crowded: bool
) -> None:
    """Against a model that keeps a list for each column; where it is ``crowded`` no move finds room."""
    caller = _same_caller(tenant)
    workflow_id, board = new_workflow(caller), Board()
    for kind, *words in [("add", "open")] * 4 + operations:
        if crowded:
            squeeze(database, workflow_id)
        if kind == "add":
            board.columns[words[0]].append(add(caller, workflow_id, status=words[0])["id"])
        elif board.ids():
            item = {"id": board.ids()[words[0] % len(board.ids())], "workflowId": workflow_id}
            if kind == "delete":
                caller.delete(f"/workflows/{workflow_id}/items/{item['id']}")
                board.columns[board.status_of(item["id"])].remove(item["id"])
            else:
                _move_both(caller, board, item, *words[1:])
    found = items_of(caller, workflow_id)
    assert {s: [each["id"] for each in found if each["status"] == s] for s in ISSUES} == board.columns
    positions = [each["position"] for each in found]
    assert positions == sorted(set(positions))
    assert count_of(caller, workflow_id) == len(found)
    caller.delete(f"/workflows/{workflow_id}")


_callers: list[Tenant] = []


def _same_caller(tenant: Tenants) -> Tenant:
    """One tenant for all examples."""
    if not _callers:
        _callers.append(tenant())
    return _callers[0]


def _move_both(caller: Tenant, board: Board, item: Any, status: str | None, side: str, other: int | None) -> None:
    """Move the item on the server and in the model."""
    target = status or board.status_of(item["id"])
    candidates = [each for each in board.columns[target] if each != item["id"]]
    neighbour = candidates[other % len(candidates)] if candidates and other is not None else None
    fields: dict[str, Any] = {} if status is None else {"status": status}
    if side == "nowhere":
        neighbour = None
    else:
        fields[side] = neighbour
    assert move(caller, item, **fields).data["status"] == target
    board.move(item["id"], target, side, neighbour)


@pytest.mark.parametrize("dense", [5, 200, 400])
def test_where_there_is_no_room_some_is_made(tenant: Tenants, database: Database, dense: int) -> None:
    """Few crowded items make room by themselves; where the crowd is larger than that, the whole board does."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    places = [*range(dense), *(dense + (number << 24) for number in range(WINDOW + 20))]
    fill(database, caller, workflow_id, places)
    before = whole(caller, workflow_id)
    last, first = before[-1], before[0]
    assert move(caller, last, after=first["id"]).status == 200
    after = whole(caller, workflow_id)
    assert [each["id"] for each in after] == [first["id"], last["id"], *(each["id"] for each in before[1:-1])]
    moved = sum(one["position"] != other["position"] for one, other in zip(before[1:-1], after[2:], strict=True))
    assert (moved > WINDOW) == (dense > WINDOW)
    assert len({each["position"] for each in after}) == len(after)
    assert {each["updatedAt"] for each in after[2:]} == {each["updatedAt"] for each in before[1:-1]}


def test_the_same_gap_again_and_again(tenant: Tenants) -> None:
    """Longer than halves of the first gap last."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    first, _ = add(caller, workflow_id, "first"), add(caller, workflow_id, "last")
    for number in range(30):
        move(caller, add(caller, workflow_id, str(number)), after=first["id"])
    assert titles(caller, workflow_id) == ["first", *(str(number) for number in reversed(range(30))), "last"]


def test_moves_at_once_lose_nothing(tenant: Tenants, client: Client) -> None:
    """All want the same gap: each gets a place of its own in it."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    first, last = add(caller, workflow_id, "first"), add(caller, workflow_id, "last")
    others = [add(caller, workflow_id, str(number), status="closed") for number in range(8)]
    path = f"/workflows/{workflow_id}/items"
    answers = together(
        client,
        [
            ("PATCH", caller, f"{path}/{item['id']}", {"status": "open", "after": first["id"]})
            if number % 2
            else ("PATCH", caller, f"{path}/{item['id']}", {"status": "open", "before": last["id"]})
            for number, item in enumerate(others)
        ],
    )
    assert [answer.status for answer in answers] == [200] * 8
    found = items_of(caller, workflow_id)
    assert len({each["position"] for each in found}) == 10
    names = [each["title"] for each in found]
    assert (names[0], names[-1]) == ("first", "last")
    assert {*names[1:5]} == {"1", "3", "5", "7"}, "those that want to be after the first"
    assert {*names[5:9]} == {"0", "2", "4", "6"}


def test_two_moves_of_one_item_leave_one_of_both(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    a, b = add(caller, workflow_id, "a"), add(caller, workflow_id, "b", status="closed")
    item = add(caller, workflow_id, "x", status="resolved")
    path = f"/workflows/{workflow_id}/items/{item['id']}"
    answers = together(
        client,
        [
            ("PATCH", caller, path, {"status": "open", "before": a["id"]}),
            ("PATCH", caller, path, {"status": "closed", "before": b["id"]}),
        ],
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert sorted(titles(caller, workflow_id)) == ["a", "b", "x"]
    (now,) = [each["status"] for each in items_of(caller, workflow_id) if each["id"] == item["id"]]
    assert titles(caller, workflow_id, status=now) == ["x", "a" if now == "open" else "b"]


def test_a_neighbour_that_goes_at_once_is_no_fault(tenant: Tenants, client: Client) -> None:
    """Either the move comes first, or the neighbour is gone and the item stays where it was."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    for _ in range(5):
        item, neighbour = add(caller, workflow_id, "x"), add(caller, workflow_id, "n", status="closed")
        path = f"/workflows/{workflow_id}/items"
        moved, removed = together(
            client,
            [
                ("PATCH", caller, f"{path}/{item['id']}", {"status": "closed", "after": neighbour["id"]}),
                ("PATCH", caller, f"{path}/{neighbour['id']}", {"status": "resolved"}),
            ],
        )
        assert (moved.status, removed.status) in {(200, 200), (400, 200)}


def test_items_that_come_at_once_are_counted(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    workflow_id, feedback = new_workflow(caller), caller.new_feedback()
    path = f"/workflows/{workflow_id}/items"
    calls: list[tuple[str, Tenant, str, dict[str, Any]]] = [("POST", caller, path, {"title": "A"}) for _ in range(4)]
    calls += [("POST", caller, path, {"feedbackId": feedback["id"]}) for _ in range(4)]
    assert Counter(answer.status for answer in together(client, calls)) == {201: 5, 409: 3}
    found = items_of(caller, workflow_id)
    assert (len(found), count_of(caller, workflow_id)) == (5, 5)
    assert len({each["position"] for each in found}) == 5


def test_a_column_that_goes_leaves_no_item_behind(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    for _ in range(5):
        workflow_id = new_workflow(caller)
        item = add(caller, workflow_id)
        left = [each for each in caller.get(f"/workflows/{workflow_id}").data["statuses"] if each["id"] != "closed"]
        moved, removed = together(
            client,
            [
                ("PATCH", caller, f"/workflows/{workflow_id}/items/{item['id']}", {"status": "closed"}),
                ("PATCH", caller, f"/workflows/{workflow_id}", {"statuses": left}),
            ],
        )
        assert (moved.status, removed.status) in {(200, 409), (400, 200)}
