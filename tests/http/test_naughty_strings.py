"""Strings that break programs: from every field of free text they come back as they were, or are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.measuring import Measured
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants

STRINGS = [
    *("null", "None", "NaN", "Infinity", "true", "nil", "0", "-1", "1e400", "0x0", "\uff11\uff12", "²", "٣"),
    *("'", '"', "''''\"", "\\", "\\\\", "/", "//", "--", "';--", "1;DROP TABLE feedback", "%", "%s%n%x", "$1", "?"),
    *("{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0}", "{}", "$(true)", "`true`", "|true", "; true", "&& true"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "&lt;&#60;", "]]>", "<!--"),
    *("../../etc/passwd", "..\\..\\x", "C:\\CON", "file:///etc/passwd", "=1+1", "+1", "-1", "@x", "\tx", "x\r\nBcc: y"),
    *("\u202etxet", "\u200b", "a\u200bb", "\ufeffx", "\u2028x", "\u00a0x", "\u00e9", "ﬁ", "\u017f", "\u0131", "ß"),
    *("🦸", "👩‍👩‍👧", "🇺🇳", "Z͑ͫ̓a̴l̡g̕o̶", "社會科學院", "사회과학", "الكلب", "עִבְרִית", "ⁿᵃᵘᵍʰᵗʸ", "\U0010fffd", "\u0378"),
    *("a" * 200, " ", "   x   ", "\n", "\x01", "\x1b[31m", "\x7f", "\x80", "\ufffe", "\uffff", "\x00", "a\x00b"),
]  # fmt: skip
MADE: dict[str, Callable[[Tenant, str], Any]] = {
    "message": lambda caller, text: caller.post("/feedback", {"projectId": caller.project_id, "message": text}),
    "category": lambda caller, text: _item(caller, category=text),
    "context.x": lambda caller, text: _item(caller, context={"x": text}),
    "customMetadata.x": lambda caller, text: _item(caller, customMetadata={"x": text}),
    "tags.0": lambda caller, text: _item(caller, tags=[text]),
    "name": lambda caller, text: caller.post("/customers", {"name": text}),
    "company": lambda caller, text: caller.post("/customers", {"name": "x", "company": text}),
    "notes": lambda caller, text: caller.post("/customers", {"name": "x", "notes": text}),
}


def _item(caller: Tenant, **fields: Any) -> Any:
    return caller.post("/feedback", {"projectId": caller.project_id, "message": "x", **fields})


def _at(found: Any, place: str) -> Any:
    for part in place.split("."):
        found = found[int(part)] if part.isdecimal() else found.get(part)
    return found


@pytest.mark.case("JSON-06")
@pytest.mark.figure(no="H22")
@pytest.mark.parametrize("place", MADE)
def test_they_come_back_or_are_refused(tenant: Tenants, measured: Measured, place: str) -> None:
    caller, kept = tenant(), 0
    for text in STRINGS:
        answer = MADE[place](caller, text)
        if answer.status == 400:
            check_problem(answer, "bad_request", echoes=True)
            continue
        kept += 1
        # White space around is trimmed where it means nothing; what is blank is nothing.
        assert (_at(answer.data, place) or "") in (text, text.strip()), (place, text)
    assert kept > len(STRINGS) / 2
    measured(attempts=len(STRINGS), found="")
