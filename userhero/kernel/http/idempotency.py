"""Doing a thing once however often it is asked for (``Idempotency-Key``).

Claim, change, events and the stored answer are one transaction: a crash or a 5xx leaves no trace and the retry
executes. What is stored is sealed, since an answer may hold a secret that is shown once. The rules are in
docs/api/conventions.md.
"""

import hashlib
import re
from collections.abc import Callable

import msgspec
from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    delete,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction, WaitedTooLong, columns, metadata
from userhero.kernel.errors import BadRequest, Conflict, NotFound, Problem, ScopeMissing, Unauthorized
from userhero.kernel.http.answers import Answer

HOURS = 24
_REPLAYED = (("Idempotent-Replayed", "true"),)
_WAIT_SECONDS = 2

ABOUT = "subject IS NOT NULL"

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    columns.words("account_id"),
    columns.words("key"),
    columns.words("fingerprint"),
    columns.optional("tenant"),
    columns.whole("status"),
    Column("body", LargeBinary),
    columns.time("created_at"),
    # What the answer is about: as the unit says, else the first id in the path, else what the answer begins with.
    columns.optional("subject"),
    PrimaryKeyConstraint("account_id", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
    Index("ix_idempotency_keys_subject", "subject", sqlite_where=text(ABOUT), postgresql_where=text(ABOUT)),
)
_t = idempotency_keys

_insert = insert(_t).values(
    account_id=bindparam("account"),
    key=bindparam("key"),
    fingerprint=bindparam("fingerprint"),
    created_at=bindparam("now"),
)
_CLAIM = Statement(
    _insert.on_conflict_do_update(
        index_elements=[_t.c.account_id, _t.c.key],
        set_={
            "fingerprint": _insert.excluded.fingerprint,
            "created_at": _insert.excluded.created_at,
            "status": null(),
            "subject": null(),
        },
        where=_t.c.created_at <= bindparam("expired"),
    )
)
_mine = (_t.c.account_id == bindparam("account"), _t.c.key == bindparam("key"))
_FIND = Statement(select(_t.c.fingerprint, _t.c.tenant, _t.c.status, _t.c.body).where(*_mine))
_KEEP = Statement(
    update(_t)
    .where(*(_t.c.account_id == bindparam("b_account"), _t.c.key == bindparam("b_key")))
    .values(
        tenant=bindparam("b_tenant"),
        status=bindparam("b_status"),
        body=bindparam("b_body"),
        subject=bindparam("b_subject"),
    )
)
_FORGET = Statement(update(_t).where(_t.c.subject == bindparam("gone")).values(body=null()))
_ID = re.compile(rb'\{"data":\{"id":"([a-z]{1,8}_[0-9a-v]{26})"')
_PURGE = Statement(delete(_t).where(_t.c.created_at <= bindparam("expired")))


class UsedForAnother(Conflict):
    """The key was used for a different request."""


class InProgress(Conflict):
    """A request with this key has not ended yet."""


class _Stored(msgspec.Struct, array_like=True):
    fingerprint: str
    tenant: str | None
    status: int | None
    body: bytes | None


class Claim(msgspec.Struct, frozen=True):
    """One request's claim on a key: whose key, its value, what the request was, and the first id in its path."""

    account: str
    key: str
    fingerprint: str
    about: str | None = None


def read_key(values: list[bytes]) -> str | None:
    """The value of the ``Idempotency-Key`` header, without quotes; None where there is none.

    Raises BadRequest where there are two, or where it is not 1 to 255 printable ASCII characters.
    """
    if not values:
        return None
    text = values[0].decode("latin-1")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if len(values) > 1 or not 1 <= len(text) <= 255 or not (text.isascii() and text.isprintable()):
        raise BadRequest("Idempotency-Key must be given once, as 1 to 255 printable ASCII characters.")
    return text


def fingerprint(method: str, path: str, query: dict[str, str], content: bytes) -> str:
    """What makes two requests the same: method, path, query whatever its order, and canonical content."""
    hashed = hashlib.sha256()
    for part in (method.encode(), path.encode(), msgspec.json.encode(sorted(query.items())), content):
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()


def once(
    tx: Transaction,
    claim: Claim,
    work: Callable[[], Answer],
    render: Callable[[Problem], Answer],
    recheck: Callable[[str], None],
) -> Answer:
    """What ``work`` answers, or what it answered before to the same request.

    ``render`` turns an error of ``work`` into the answer to keep; ``recheck`` is given the tenant that the first
    request entered and raises where the caller may not enter it any more.
    Raises InProgress where the key is in use by a running request, UsedForAnother where it was used for a different
    one; NotFound where what it was about has been forgotten since.
    """
    if not _claimed(tx, claim):
        return _replay(tx, claim, recheck)
    try:
        with tx.savepoint():
            answer = work()
    except Problem as problem:
        # A refusal at the door (no member, no API access) may be mended by somebody else, so it is not kept either.
        if not _is_kept(problem) or tx.tenant is None:
            raise
        answer = render(problem)
    sealed = tx.keys.seal(answer.body)
    tx.run(
        _KEEP,
        b_account=claim.account,
        b_key=claim.key,
        b_tenant=tx.tenant,
        b_status=answer.status,
        b_body=sealed,
        b_subject=tx.subject or claim.about or _subject(answer.body),
    )
    return answer


def forget_answers(tx: Transaction, subject: str) -> None:
    """Forget what was answered to requests about something that is gone. Their keys stay used: what they made is not
    made again.
    """
    tx.run(_FORGET, gone=subject)


def purge(tx: Transaction) -> int:
    """Forget the keys that are older than a day; returns how many there were."""
    return tx.run(_PURGE, expired=clock.shift(tx.now, hours=-HOURS))


def _claimed(tx: Transaction, claim: Claim) -> bool:
    expired = clock.shift(tx.now, hours=-HOURS)
    try:
        with tx.patience(_WAIT_SECONDS):
            return tx.run(_CLAIM, **msgspec.structs.asdict(claim), now=tx.now, expired=expired) == 1
    except WaitedTooLong:
        raise InProgress(
            "Duplicate idempotency key: a request with this key is in progress.",
            headers=(("Retry-After", "1"),),
        ) from None


def _replay(tx: Transaction, claim: Claim, recheck: Callable[[str], None]) -> Answer:
    stored = tx.find(_Stored, _FIND, account=claim.account, key=claim.key)
    if stored is None or stored.fingerprint != claim.fingerprint:
        raise UsedForAnother("Duplicate idempotency key: it was used for a different request.")
    if stored.tenant is not None:
        recheck(stored.tenant)
    assert stored.status is not None, "claim and answer are one transaction"
    if stored.body is None:
        raise NotFound("What this request was about has been deleted.", headers=_REPLAYED)
    return Answer(stored.status, tx.keys.unseal(stored.body), headers=_REPLAYED)


def _is_kept(problem: Problem) -> bool:
    """Business answers are kept; what a retry may mend is not."""
    return 400 < problem.status < 500 and not isinstance(problem, Unauthorized | ScopeMissing)


def _subject(body: bytes) -> str | None:
    """The id of the object that an answer shows."""
    found = _ID.match(body)
    return None if found is None else found[1].decode()
