"""``/customers``."""

from userhero.customers import queries
from userhero.customers.actions import leave, profile
from userhero.customers.types import (
    Customer,
    CustomerChange,
    CustomerList,
    CustomerMerge,
    CustomerProfile,
    Merged,
    NewCustomer,
)
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, PageOrOne
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes

routes = Routes("Customers")


@routes.get("/customers", scope="customers:read", slow=True)
def list_customers(tx: Transaction, actor: Actor, query: CustomerList) -> PageOrOne[Customer]:
    """List customers, or look one up.

    With `email` or `phone` the answer is the one customer with that address, as an object: `404` where nobody has it,
    `409` where the two belong to different customers. Filters and pages can't be combined with them.
    Without, it is a page of the workspace's customers, those seen last first.
    """
    if query.email is None and query.phone is None:
        return PageOrOne(queries.list_customers(tx, actor, query))
    return PageOrOne(queries.look_up(tx, actor, query))


@routes.post(
    "/customers",
    scope="customers:write",
    example={
        "workspaceId": "ws_123",
        "name": "Jane Smith",
        "primaryEmail": "jane@example.com",
        "company": "Acme Inc",
        "tags": ["enterprise", "beta"],
    },
)
def create_customer(tx: Transaction, actor: Actor, body: NewCustomer) -> Json[CustomerProfile]:
    """Create a customer.

    An e-mail address or phone number leads to one customer of the workspace: `409` where another has it.
    """
    return Json(profile.create_customer(tx, actor, body))


@routes.get("/customers/{customer_id}", scope="customers:read")
def get_customer(tx: Transaction, actor: Actor, customer_id: str, query: Input) -> Json[CustomerProfile]:
    """Get a customer's whole profile."""
    return Json(queries.get_customer(tx, actor, customer_id, query.workspace_id))


@routes.patch(
    "/customers/{customer_id}",
    scope="customers:write",
    example={
        "name": "Jane Smith-Rogers",
        "tags": ["enterprise", "beta", "vip"],
        "customFields": {"plan": "pro", "accountManager": "alex"},
    },
)
def update_customer(tx: Transaction, actor: Actor, customer_id: str, body: CustomerChange) -> Json[CustomerProfile]:
    """Update a customer.

    Fields that are absent stay as they are; `null` clears a nullable one; lists and `customFields` are replaced whole.
    """
    return Json(profile.change_customer(tx, actor, customer_id, body))


@routes.delete("/customers/{customer_id}", scope="customers:delete")
def delete_customer(tx: Transaction, actor: Actor, customer_id: str, query: Input) -> Deleted:
    """Delete a customer. Their feedback stays, linked to nobody."""
    leave.delete_customer(tx, actor, customer_id, query.workspace_id)
    return Deleted(customer_id)


@routes.post(
    "/customers/{target_id}/merge",
    scope="customers:delete",
    status=200,
    example={"sourceCustomerId": "cust_old_duplicate"},
)
def merge_customers(tx: Transaction, actor: Actor, target_id: str, body: CustomerMerge) -> Json[Merged]:
    """Merge a customer into another.

    The target gets the source's addresses, tags, handles, channels and feedback, and whatever single fields it does not
    have itself. The source is deleted.
    """
    return Json.of(leave.merge_customers(tx, actor, target_id, body))
