"""Texts that are no JSON as bodies of every operation: refused, each of them, and nothing is done."""

import json

import pytest

from tests.http.json_texts import JSON, NO_JSON
from tests.support.client import Response
from tests.support.measuring import Measured
from tests.support.operations import CALLS, ROUTES
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.db import Database
from userhero.kernel.http.inputs import Input

TAKES_JSON = sorted(name for name in CALLS if ROUTES[name].body not in (None, Input))
# The short form sends all of them to one operation, and every so manieth to the others.
FIRST, STEP = "create_item", 40


def test_those_that_are_json_are_so_to_another_parser() -> None:
    """Of the others it takes some, so it has no say there."""
    for text in JSON:
        json.loads(text)
    assert FIRST in TAKES_JSON


@pytest.mark.case("JSON-01")
@pytest.mark.figure(no="H8")
@pytest.mark.parametrize("name", TAKES_JSON)
def test_what_is_no_json_is_refused(
    tenant: Tenants, database: Database, name: str, long: bool, measured: Measured
) -> None:
    caller, route = tenant(), ROUTES[name]
    path = route.path.format(**CALLS[name](caller).path)
    step = 1 if long or name == FIRST else STEP
    bad, good = (texts[TAKES_JSON.index(name) % step :: step] for texts in (NO_JSON, JSON))

    def send(text: bytes) -> Response:
        return caller.request(route.method, path, headers=[("content-type", "application/json")], body=text)

    with unchanged(database, caller):
        for each in bad:
            check_problem(send(each), "bad_request")
    # Others may be the empty object, which some operations take.
    assert not [each for each in good if send(each).status >= 500]
    whole = len(NO_JSON) + len(JSON)
    measured(attempts=len(bad) + len(good), found=f"{len(TAKES_JSON)} operations got {whole} texts each, none a 5xx")
