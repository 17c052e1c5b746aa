"""The values that an item carries for its project's fields: checked against the definitions, hidden ones dropped."""

from typing import Any

import msgspec

from userhero.feedback.field_values import problem_with
from userhero.kernel.errors import BadRequest, Detail, Invalid
from userhero.projects import CustomField, ProjectRow, Validation, definitions

KEY = "customFields"
_MAX_NAME = 200
_short = Validation(max_length=_MAX_NAME)
# What every project asks, unless it is switched off.
DEFAULT_FIELDS = {
    "df_name": CustomField(id="df_name", type="text", label="Name", validation=_short),
    "df_email": CustomField(id="df_email", type="email", label="Email"),
    "df_phone": CustomField(id="df_phone", type="phone", label="Phone"),
    "df_company": CustomField(id="df_company", type="text", label="Company", validation=_short),
}
_switched_off = msgspec.json.Decoder(list[str]).decode


def with_checked_fields(
    project: ProjectRow,
    metadata: dict[str, Any] | None,
    *,
    complete: bool = False,
    before: dict[str, Any] | None = None,
) -> dict[str, Any] | None:
    """The metadata with its ``customFields`` as they are stored: without nulls and without values of hidden fields.

    With ``complete`` every required field that shows must have a value: a form asks for them, the API does not.
    ``before`` holds the item's values so far: one whose field is gone meanwhile may stay as it is. Raises BadRequest
    with a detail for each value that breaks a rule.
    """
    given = (metadata or {}).get(KEY)
    if given is None and not complete:
        return {name: value for name, value in (metadata or {}).items() if name != KEY}
    if not isinstance(given, dict | None):
        raise Invalid(f"customMetadata.{KEY}", "must be an object")
    values = {name: value for name, value in (given or {}).items() if value is not None}
    checked = _Form(project, values, before or {}).checked(complete=complete)
    rest = {name: value for name, value in (metadata or {}).items() if name != KEY}
    return {**rest, KEY: checked} if checked else rest


class _Form:
    """A project's fields and the values given for them."""

    def __init__(self, project: ProjectRow, values: dict[str, Any], before: dict[str, Any]) -> None:
        off = _switched_off(project.disabled_default_fields)
        self._off = frozenset(off)
        self._own = {str(field.id): field for field in definitions(project.custom_field_definitions)}
        self._fields = {name: field for name, field in DEFAULT_FIELDS.items() if name not in off} | self._own
        self._values = values
        self._before = before

    def checked(self, *, complete: bool) -> dict[str, Any]:
        """The values to store, in the order given. Raises BadRequest."""
        kept: dict[str, Any] = {}
        problems: list[Detail] = []
        for name, value in self._values.items():
            field = self._fields.get(name)
            if field is not None and not self._shows(field):
                continue
            problem = self._unknown(name) if field is None else self._problem(field, value)
            if problem is None or (field is None and self._before.get(name) == value):
                kept[name] = value
            else:
                problems.append(Detail(f"customMetadata.{KEY}.{name}", problem))
        if complete:
            problems += self._missing(kept, problems)
        if problems:
            words = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
            raise BadRequest(words, details=tuple(problems))
        return kept

    def _shows(self, field: CustomField) -> bool:
        """Whether the field is visible: its trigger is, and has the value. Definitions hold no circles."""
        condition = field.visibility_condition
        if not condition:
            return True
        trigger = self._own.get(condition.field_id)
        if trigger is None or not self._shows(trigger):
            return False
        return bool(self._values.get(condition.field_id) == condition.value)

    def _unknown(self, name: str) -> str:
        return "is switched off in the project" if name in self._off else "is not a field of the project"

    def _problem(self, field: CustomField, value: Any) -> str | None:
        problem = problem_with(field, value)
        if problem is None and field.type == "select" and value not in self._on_offer(field):
            return "must be one of the options that the project offers"
        return problem

    def _on_offer(self, field: CustomField) -> list[str]:
        """The options of a select field, as far as its parent's value lets them through."""
        cascade = field.options_by_parent
        options = field.options or []
        if not cascade:
            return options
        parent = self._own.get(cascade.parent_field_id)
        chosen = self._values.get(cascade.parent_field_id)
        if parent is None or not isinstance(chosen, str) or not self._shows(parent):
            return []
        return cascade.map.get(chosen, [])

    def _missing(self, kept: dict[str, Any], problems: list[Detail]) -> list[Detail]:
        named = {problem.field for problem in problems}
        return [
            Detail(where, "is required")
            for field in self._own.values()
            if self._is_asked_for(field) and kept.get(str(field.id)) in (None, "", False)
            if (where := f"customMetadata.{KEY}.{field.id}") not in named
        ]

    def _is_asked_for(self, field: CustomField) -> bool:
        """Whether whoever fills in the form has to fill in this field; never where there is nothing to choose from."""
        return field.required and self._shows(field) and (field.type != "select" or bool(self._on_offer(field)))
