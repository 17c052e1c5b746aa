"""Erasing what is left of a customer: by a job, in stages, each of which can be done again from its start.

First what they sent and said, so that nothing new is told of it; then what was told of it. Units of work are short: on
SQLite they hold up everybody's writes.
"""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from userhero import automations, conversations, feedback, notifications, webhooks
from userhero.kernel import clock, events
from userhero.kernel.db import Database, Transaction
from userhero.kernel.db.traces import PAGE, Traces
from userhero.records.actions import erase
from userhero.records.actions.export import withdraw_some
from userhero.records.erasure_queries import find_going
from userhero.records.erasure_types import Description, ErasureRow, Marks
from userhero.records.redoing import note
from userhero.workflows import disown_cards, forget_feedback_on_cards

# Which of the stages goes through the items: the comments come first, so that what is said in them is others' then.
_OF_ITEMS = 1
# Rows in one unit of work.
_ITEMS, _ROWS = 5, 50
# Then another job goes on.
JOB_SECONDS = 120.0

_TRACES: tuple[Traces, ...] = (*webhooks.TRACES, *notifications.TRACES, *automations.TRACES)


def erase_rest(database: Database, erasure_id: str) -> None:
    """Erase what is left of a customer, as much of it as a job may; another one goes on where there is more."""
    row = database.read(partial(find_going, erasure_id=erasure_id))
    if row is None:
        return
    started = clock.monotonic()
    erasing = _Erasing(database, row)
    if row.stage == 0:
        note(database, row, erasing.marks.ids)
    for _ in erasing.steps():
        if clock.monotonic() - started > JOB_SECONDS:
            database.write(partial(erase.pause, row=row, marks=erasing.marks))
            return
    database.write(partial(erase.end, row=row))


class _Erasing:
    """One erasure."""

    def __init__(self, database: Database, row: ErasureRow) -> None:
        self._database = database
        self._row = row
        self._stages: tuple[Callable[[], Iterator[None]], ...] = (
            self._erase_comments,
            self._erase_items,
            self._erase_events,
            *(partial(self._erase_from, traces) for traces in _TRACES),
            self._withdraw_exports,
            self._compact,
        )
        marks = database.read(partial(erase.unsealed, row=row))
        self._emails = msgspec.json.encode(marks.emails).decode()
        self.marks = marks if marks.items is not None else self._begin(marks)
        self._items = self.marks.items or []
        self._about = Description(self.marks, row.created_at, notifications.reply_beginning)
        self._stage = row.stage

    def _begin(self, marks: Marks) -> Marks:
        """Look up what they sent and where they spoke while it can still be told."""

        def unit(tx: Transaction) -> Marks:
            row = self._row
            marks.items = feedback.list_their_items(tx, row.workspace_id, row.customer_id, self._emails)
            marks.said = conversations.list_authorship(tx, row.workspace_id, self._emails, row.created_at)
            erase.begin(tx, row, marks, len(marks.items) + len(self._stages))
            return marks

        return self._database.write(unit)

    def steps(self) -> Iterator[None]:
        """Do all that is left, a unit of work after the other."""
        for number in range(self._row.stage, len(self._stages)):
            self._stage = number
            yield from self._stages[number]()
            done = number + 1 + (len(self._items) if number >= _OF_ITEMS else 0)
            self._database.write(partial(erase.advance, row=self._row, stage=number + 1, done=done))

    def _erase_items(self) -> Iterator[None]:
        begun = self._row.done - _OF_ITEMS if self._row.stage == _OF_ITEMS else 0
        for start in range(begun, len(self._items), _ITEMS):
            self._database.write(partial(self._erase_some, start=start))
            yield

    def _erase_some(self, tx: Transaction, start: int) -> None:
        items = self._items[start : start + _ITEMS]
        for feedback_id in items:
            if self._row.content == "keep":
                disown_cards(tx, feedback_id)
                feedback.disown_item(tx, feedback_id)
            else:
                forget_feedback_on_cards(tx, feedback_id)
                feedback.erase_item(tx, feedback_id)
        erase.advance(tx, self._row, _OF_ITEMS, _OF_ITEMS + start + len(items))

    def _erase_comments(self) -> Iterator[None]:
        unit = partial(
            feedback.unsay_some,
            workspace_id=self._row.workspace_id,
            emails=self._emails,
            until=self._row.created_at,
            keep_text=self._row.content == "keep",
        )
        while self._database.write(unit):
            yield

    def _erase_events(self) -> Iterator[None]:
        yield from self._erase_from(events.TRACES)
        self._database.write(events.await_listeners)

    def _erase_from(self, traces: Traces) -> Iterator[None]:
        stage, after = self.marks.place or (None, None)
        after = after if stage == self._stage else None
        while True:
            page = self._database.read(partial(traces.page, workspace_id=self._row.workspace_id, after=after))
            found = [trace.key for trace in page if self._about.fits(trace.since, trace.text)]
            for start in range(0, len(found), _ROWS):
                self._database.write(partial(traces.forget, keys=found[start : start + _ROWS]))
            if len(page) < PAGE:
                return
            after = page[-1].key
            self.marks.place = self._stage, after
            yield

    def _withdraw_exports(self) -> Iterator[None]:
        while self._database.write(partial(withdraw_some, workspace_id=self._row.workspace_id)):
            yield

    def _compact(self) -> Iterator[None]:
        while self._database.write(feedback.compact_index):
            yield
