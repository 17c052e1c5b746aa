"""Accounts: the people who sign in."""

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import audit, ids
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.passwords import hash_password
from userhero.workspaces.tables import users
from userhero.workspaces.types import Person

MAX_NAME = 200

_u = users
_names = ("id", "email", "name", "password_hash", "created_at", "updated_at")
_INSERT = Statement(
    insert(_u).values({name: bindparam(name) for name in _names}).on_conflict_do_nothing(index_elements=[_u.c.email])
)
_BY_EMAIL = Statement(select(_u.c.id, _u.c.name, _u.c.email).where(_u.c.email == bindparam("email")))
_BY_ID = Statement(select(_u.c.id, _u.c.name, _u.c.email).where(_u.c.id == bindparam("user")))
_COUNT = Statement(select(func.count()).select_from(_u))


def create_user(tx: Transaction, *, email: str, name: str, password: str | None = None, actor: Actor = OPERATOR) -> str:
    """A new account; returns its id. Without a password it can't sign in until one is set.

    Raises Conflict where the address has an account, Invalid for a bad address, name or password.
    """
    person = new_person(email, name)
    hashed = None if password is None else hash_password(password, (person.email, name))
    add_user(tx, person, hashed, actor)
    return person.user_id


def new_person(email: str, name: str) -> Person:
    """Who somebody with a new account will be. Raises Invalid for a bad address or name."""
    address = account_email(email)
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return Person(ids.new("user"), name.strip(), address)


def add_user(tx: Transaction, person: Person, hashed: str | None, actor: Actor) -> None:
    """Make their account, with the hash of their password. Raises Conflict where the address has one."""
    values = {"id": person.user_id, "email": person.email, "name": person.name, "password_hash": hashed}
    if not tx.run(_INSERT, **values, created_at=tx.now, updated_at=tx.now):
        raise Conflict(f"There is an account with the address {person.email} already.")
    subject = audit.Subject(person.user_id, person.name)
    audit.record(tx, actor, None, "user.created", subject, after={"name": person.name, "email": person.email})


def get_user(tx: Transaction, email: str) -> Person:
    """The account with this address. Raises NotFound."""
    found = tx.find(Person, _BY_EMAIL, email=account_email(email))
    if found is None:
        raise NotFound(f"There is no account with the address {email}.")
    return found


def find_person(tx: Transaction, user_id: str) -> Person | None:
    """The account with this id, or None."""
    return tx.find(Person, _BY_ID, user=user_id)


def act_as(tx: Transaction, email: str) -> Actor:
    """The operator of the machine, acting as this user from the command line, with every scope. Raises NotFound."""
    user = get_user(tx, email)
    return Actor(user.user_id, user.name, user.email, OPERATOR.credential_id, SCOPES, "operator")


def count_users(tx: Transaction) -> int:
    """How many accounts there are."""
    return int(tx.value(_COUNT))


def account_email(email: str) -> str:
    """The address in the one spelling that is stored: domain in IDNA form, all lower case, ASCII before the @.

    Raises Invalid for anything that is not a deliverable-looking address.
    """
    try:
        found = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid("email", str(error)) from None
    return (found.ascii_email or found.normalized).lower()
