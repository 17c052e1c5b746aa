"""Checking many values of one record, to tell of all that is wrong with it at once."""

from collections.abc import Callable
from typing import Any, TypeVar

from userhero.kernel.errors import BadRequest, Detail

T = TypeVar("T")


class Rules:
    """Gathers all that is wrong with a record."""

    def __init__(self) -> None:
        self._problems: list[Detail] = []

    def keep(self, rule: Callable[..., T], *given: Any) -> T | None:
        """What a rule makes of a value; None where the value breaks it."""
        try:
            return rule(*given)
        except BadRequest as error:
            self._problems += error.details
            return None

    def broken(self, field: str, message: str) -> None:
        """A rule is broken."""
        self._problems.append(Detail(field, message))

    def enforce(self) -> None:
        """Raises BadRequest where a rule is broken."""
        if self._problems:
            problems = tuple(dict.fromkeys(self._problems))
            raise BadRequest("; ".join(f"{each.field}: {each.message}" for each in problems), details=problems)
