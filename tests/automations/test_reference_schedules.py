"""How often a scheduled automation looks: every so many hours or days, to the minute."""

import pytest

from tests.automations.macros import TAG, save, saved
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenants
from tests.support.work import catch_up
from userhero.automations.actions.scan import SCAN
from userhero.kernel.db import Database
from userhero.kernel.jobs import enqueue

HOURS = {"hours": 1, "days": 24}


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("unit", HOURS)
def test_it_looks_after_that_time_and_not_before(
    tenant: Tenants, database: Database, clock: Clock, every: int, unit: str
) -> None:
    caller = tenant()
    saved(caller, TAG, scope="time.scheduled", schedule={"every": every, "unit": unit})
    item = caller.new_feedback()
    seen = []
    for minutes in (every * HOURS[unit] * 60 - 1, 2):
        clock.advance(minutes=minutes)
        database.write(lambda tx: enqueue(tx, "automations.schedule", {}))
        catch_up(database, "automations.schedule", SCAN)
        seen.append(caller.get(f"/feedback/{item['id']}").data["tags"])
    assert seen == [[], ["seen"]]


@pytest.mark.parametrize(
    "schedule",
    [
        {"every": 1},
        {"unit": "hours"},
        {"every": 0, "unit": "hours"},
        {"every": -1, "unit": "days"},
        {"every": 1.5, "unit": "days"},
        {"every": "1", "unit": "days"},
        {"every": 1, "unit": "minutes"},
        {"every": 1, "unit": "day"},
        {"every": 1, "unit": "days", "at": "09:00"},
        "hourly",
        None,
    ],
)
def test_there_is_no_other_way_to_say_it(tenant: Tenants, schedule: object) -> None:
    check_problem(save(tenant(), scope="time.scheduled", schedule=schedule), "bad_request")
