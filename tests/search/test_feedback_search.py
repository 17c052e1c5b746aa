"""A search of feedback finds what a plain reading of the texts finds, with every filter, sort and page."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import search

WORDS = ["export", "Exporter", "ÉXPORT", "fails", "failing", "naïve", "Straße", "strasse", "搜索", "12", "42", "x"]


def folded(text: str) -> list[str]:
    """The words of a text, by an independent reading: without case and accents, each ideograph alone."""
    apart = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(each for each in apart if not unicodedata.combining(each))
    return re.findall(r"[\u4e00-\u9fff]|[a-z0-9]+", plain)


def is_match(item: dict[str, Any], text: str) -> bool:
    said, wanted = folded(item["said"]), folded(text)
    number = re.fullmatch(r"#?(\d+)", text.strip())
    if number and int(number[1]) == item["ticketNumber"]:
        return True
    *whole, start = wanted
    return all(word in said for word in whole) and any(word.startswith(start) for word in said)


def found(caller: Tenant, text: str, **query: Any) -> list[str]:
    """The ids that a search gives, page by page."""
    cursor, ids = None, []
    while True:
        answer = caller.get("/feedback", search=text, cursor=cursor, pageSize=3, **query).json()
        ids += [item["id"] for item in answer["data"]]
        cursor = answer["pagination"]["nextCursor"]
        if cursor is None:
            return ids


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
queries = st.one_of(
    texts, texts.map(lambda text: text[:-1] or text), st.sampled_from(["#2", "3", "ex", "搜", "FAILS exp"])
)


@given(
    messages=st.lists(st.tuples(texts, st.sampled_from([None, "bug"]), st.none() | texts), max_size=9),
    query=queries,
    sort=st.sampled_from(["createdAt", "updatedAt", "ticketNumber", "priority"]),
    order=st.sampled_from(["asc", "desc"]),
    few=st.sampled_from([1, 3, 2_000]),
)
@settings(max_examples=40)
def test_a_search_finds_what_a_plain_reading_finds(
    tenant: Tenants,
    messages: list[tuple[str, str | None, str | None]],
    query: str,
    sort: str,
    order: str,
    few: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Many matches are met in other ways than few.
        patch.setattr(search, "FEW", few)
        _check_against_a_reading(tenant(), messages, query, sort, order)


def _check_against_a_reading(
    caller: Tenant, messages: list[tuple[str, str | None, str | None]], query: str, sort: str, order: str
) -> None:
    items = []
    for message, category, comment in messages:
        item = caller.new_feedback(message, category=category)
        if comment is not None:
            caller.post(f"/feedback/{item['id']}/comments", {"message": comment})
        items.append({**item, "said": f"{message} {comment or ''}"})
    for category in (None, "bug"):
        listed = [item["id"] for item in caller.get("/feedback", sort=sort, order=order, pageSize=100).data]
        matching = {item["id"] for item in items if is_match(item, query) and category in (None, item["category"])}
        ways = {"sort": sort, "order": order, "category": category}
        assert found(caller, query, **ways) == [each for each in listed if each in matching]
        assert caller.count(search=query, category=category) == len(matching)


@pytest.fixture
def many(tenant: Tenants, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """A tenant with 30 items that match alike, where two matches count as many already."""
    monkeypatch.setattr(search, "FEW", 2)
    caller = tenant()
    for number in range(30):
        caller.new_feedback(f"Common ground {number}", priority="high" if number % 3 else None)
    return caller


def test_every_way_through_many_matches_is_the_same_list(many: Tenant) -> None:
    everything = [item["id"] for item in many.get("/feedback", pageSize=100).data]
    assert found(many, "common") == everything
    assert found(many, "common", order="asc") == everything[::-1]
    by_number = [many.get("/feedback", search="comm", page=page, pageSize=7).data for page in range(1, 6)]
    assert [item["id"] for items in by_number for item in items] == everything
    assert many.count(search="common") == 30
    assert found(many, "common 7", priority="high") == [
        item["id"]
        for item in many.get("/feedback", pageSize=100, priority="high").data
        if item["message"].endswith(" 7")
    ]


def test_an_item_is_found_as_soon_as_it_is_written(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback("The export never finishes")
    for text in ("export", "EXPÓRT never", "fin", "finishes the", '"never finishes"', "#1", "1"):
        assert found(caller, text) == [item["id"]], text
    for text in ("exports", "port", "finishes exports", "#2", "ex never now"):
        assert found(caller, text) == [], text


def test_a_change_of_the_message_changes_what_it_is_found_by(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback("Alpha")
    caller.post(f"/feedback/{item['id']}/notes", {"content": "Gamma ray"})
    caller.patch(f"/feedback/{item['id']}", {"message": "Beta"})
    assert [found(caller, text) for text in ("alpha", "beta", "gamma beta")] == [[], [item["id"]], [item["id"]]]


def test_what_is_deleted_is_not_found(tenant: Tenants) -> None:
    caller = tenant()
    item, kept = caller.new_feedback("Alpha one"), caller.new_feedback("Alpha two")
    caller.delete(f"/feedback/{item['id']}")
    assert found(caller, "alpha") == [kept["id"]]
    caller.delete(f"/projects/{caller.project_id}")
    assert found(caller, "alpha") == []


@pytest.mark.case("TEN-09")
def test_a_search_stays_in_its_workspace(tenant: Tenants) -> None:
    caller, other = tenant(), tenant()
    other.new_feedback("Canary")
    caller.new_feedback("Nothing")
    assert found(caller, "canary") == []
    assert caller.count(search="canary") == 0


def test_a_blank_search_is_none_and_one_without_words_finds_nothing(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback("Alpha")
    assert found(caller, "  ") == [item["id"]]
    for text in ("...", "%", '"', "*", "''", "_", "\\"):
        assert found(caller, text) == [], text


@pytest.mark.case("JSON-10")
@pytest.mark.parametrize(
    "text",
    [
        "\"", "\"\"", "\"\"\"a", "a*", "*a",
        "NEAR(a b)", "a NEAR b", "message:a", "words:a", "-a", "a AND", "OR", "NOT a", "(a",
        "a)", "{a b}:c", "^a", "a + b", "a | b", "a & !b", "a <-> b", "a:*", "'a", "a\\", "%" * 400, "_" * 400,
        "a " * 200, "é" * 400, "🦸 a", "ﷺ", "\u200b", "\x01", "\ufeff", "a" * 400, "1" * 400, "#99999999999999999999",
        "#0", "-1", "١٢", "e\u0301" * 100, "\U000e0001", "ﬁx", "İ", "; DROP TABLE feedback", "${a}", "a\tb\nc",
    ],
)  # fmt: skip
def test_no_text_breaks_a_search(many: Tenant, text: str) -> None:
    for sort, total in ((None, None), ("votes", None), (None, "true")):
        answer = many.get("/feedback", search=text, sort=sort, includeTotal=total)
        assert answer.status == 200, answer


@pytest.mark.case("JSON-10")
def test_a_search_has_limits(tenant: Tenants) -> None:
    caller = tenant()
    check_problem(caller.get("/feedback", search="a" * 501), "bad_request", field="search")
    check_problem(caller.get("/feedback", search=" ".join(map(str, range(33)))), "bad_request", field="search")
    assert caller.get("/feedback", search=" ".join(map(str, range(32)))).data == []


def test_a_cursor_belongs_to_its_search(many: Tenant) -> None:
    cursor = many.get("/feedback", search="common", pageSize=5).json()["pagination"]["nextCursor"]
    assert many.get("/feedback", search="common", cursor=cursor).data
    check_problem(many.get("/feedback", search="ground", cursor=cursor), "bad_request", field="cursor")
    check_problem(many.get("/feedback", cursor=cursor), "bad_request", field="cursor")
