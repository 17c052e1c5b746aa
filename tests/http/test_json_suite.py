"""The published collection of JSON texts (JSONTestSuite, MIT licence in the archive) as bodies of every operation.

Its names say what a text is: ``n_`` no JSON, ``y_`` JSON, ``i_`` either.
"""

from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.client import Response
from tests.support.measuring import Measured
from tests.support.operations import CALLS, ROUTES
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.db import Database
from userhero.kernel.http.inputs import Input

with ZipFile(Path(__file__).with_name("json_suite.zip")) as _archive:
    TEXTS = {name: _archive.read(name) for name in _archive.namelist() if name.endswith(".json")}
TAKES_JSON = sorted(name for name in CALLS if ROUTES[name].body not in (None, Input))
# The short form sends all of them to one operation, and every so manieth to the others.
FIRST, STEP = "create_item", 20


def test_the_collection_is_whole() -> None:
    kinds = [name[0] for name in TEXTS]
    assert {kind: kinds.count(kind) for kind in kinds} == {"i": 35, "n": 188, "y": 95}
    assert FIRST in TAKES_JSON


@pytest.mark.case("JSON-01")
@pytest.mark.figure(no="H8")
@pytest.mark.parametrize("name", TAKES_JSON)
def test_what_is_no_json_is_refused(
    tenant: Tenants, database: Database, name: str, long: bool, measured: Measured
) -> None:
    caller, route = tenant(), ROUTES[name]
    path = route.path.format(**CALLS[name](caller).path)
    texts = sorted(TEXTS) if long or name == FIRST else sorted(TEXTS)[TAKES_JSON.index(name) % STEP :: STEP]

    def send(text: str) -> Response:
        return caller.request(route.method, path, headers=[("content-type", "application/json")], body=TEXTS[text])

    with unchanged(database, caller):
        for each in texts:
            if each.startswith("n_"):
                check_problem(send(each), "bad_request")
    # Others may be the empty object, which some operations take.
    assert not [each for each in texts if not each.startswith("n_") and send(each).status >= 500]
    measured(attempts=len(texts), found=f"{len(TAKES_JSON)} operations got {len(TEXTS)} texts each, none a 5xx")
