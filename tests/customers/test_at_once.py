"""Customers whose addresses come with several requests at the same time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.tenants import Tenants
from tests.support.waiting import held, wait_for_lock
from userhero.customers import Contact, identify
from userhero.kernel.db import Database

EMAIL, PHONE = "jane@example.com", "+16502530000"


def test_of_two_addresses_one_may_be_taken_at_the_last_moment(tenant: Tenants, database: Database) -> None:
    """Somebody takes the phone number while the e-mail address is waited for: in the end one customer has both."""
    caller = tenant()
    jane = Contact(EMAIL, None, None, "api")

    def submit(fields: dict[str, Any]) -> Any:
        return caller.new_feedback(**fields)["customerId"]

    with ThreadPoolExecutor(2) as pool:
        with held(database, lambda tx: identify(tx, caller.workspace_id, jane), kept=False):
            both = pool.submit(submit, {"userEmail": EMAIL, "customMetadata": {"phone": PHONE}})
            wait_for_lock(database, both)
            phone = pool.submit(submit, {"customMetadata": {"phone": PHONE}})
            if database.engine == "postgresql":
                phone.result()
        assert both.result() == phone.result()
    (customer,) = caller.get("/customers").data
    assert (customer["emails"], customer["phones"], customer["feedbackCount"]) == ([EMAIL], [PHONE], 2)


def test_items_find_a_customer_however_often_that_is_deleted(tenant: Tenants) -> None:
    caller = tenant()

    def come_and_go(_number: int) -> int:
        item = caller.new_feedback(userEmail=EMAIL)
        return caller.delete(f"/customers/{item['customerId']}").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(come_and_go, range(120))) <= {200, 404}
