"""The rules that the definitions of a project's fields keep among themselves."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from userhero.kernel import ids
from userhero.kernel.errors import BadRequest, Detail
from userhero.projects.field_settings import TEXT_TYPES, CustomField, Validation

# A field, the one that shows it, and the one that shows that.
MAX_CHAIN = 3
_OPTIONAL = ("placeholder", "options", "validation", "is_default", "visibility_condition", "options_by_parent")
_decode = msgspec.json.Decoder(list[CustomField]).decode


class Choice(NamedTuple):
    """A select field, as other fields depend on it."""

    field: CustomField
    options: frozenset[str]


@lru_cache(maxsize=256)
def definitions(stored: str) -> tuple[CustomField, ...]:
    """The fields that a project's stored definitions hold. The same project is asked for over and over."""
    return tuple(_decode(stored))


def checked_definitions(given: list[CustomField]) -> list[CustomField]:
    """The definitions as they are stored: with ids, without empty members.

    Raises BadRequest with a detail for everything wrong with them: ids given twice, options and bounds that make no
    sense, conditions on fields or values that do not exist, circles, and chains of more than three fields.
    """
    fields = [_with_id(_without_nulls(field)) for field in given]
    choices = {
        str(field.id): Choice(field, frozenset(field.options or ())) for field in fields if field.type == "select"
    }
    problems = [*_duplicates(fields)]
    for number, field in enumerate(fields):
        found = (*_options(field), *_bounds(field), *_condition(field, choices), *_cascade(field, choices))
        problems += [Detail(f"customFieldDefinitions[{number}].{member}", rule) for member, rule in found]
    problems = problems or [*_circles(fields)] or [*_long_chains(fields)]
    if problems:
        first = problems[0]
        raise BadRequest(f"{first.field}: {first.message}", details=tuple(problems))
    return fields


def _without_nulls(field: CustomField) -> CustomField:
    return msgspec.structs.replace(field, **{name: UNSET for name in _OPTIONAL if getattr(field, name) is None})


def _with_id(field: CustomField) -> CustomField:
    if field.id is not UNSET:
        return field
    return msgspec.structs.replace(field, id="cf_" + ids.random_base62(12))


def _duplicates(fields: list[CustomField]) -> Iterator[Detail]:
    seen = set()
    for number, field in enumerate(fields):
        if field.id in seen:
            yield Detail(f"customFieldDefinitions[{number}].id", f"{field.id} is the id of another field already")
        seen.add(field.id)


def _options(field: CustomField) -> Iterator[tuple[str, str]]:
    if not field.label.strip():
        yield "label", "must not be blank"
    if field.type != "select":
        if field.options:
            yield "options", "are for select fields"
        return
    options = field.options or []
    if len(options) < 2:
        yield "options", "must be at least 2"
    if len(set(options)) < len(options):
        yield "options", "must be different from each other"
    if any(not option.strip() for option in options):
        yield "options", "must not be blank"


def _bounds(field: CustomField) -> Iterator[tuple[str, str]]:
    bounds = field.validation or Validation()
    if (bounds.min is not UNSET or bounds.max is not UNSET) and field.type != "number":
        yield "validation", "min and max are for number fields"
    if (bounds.min_length is not UNSET or bounds.max_length is not UNSET) and field.type not in TEXT_TYPES:
        yield "validation", "minLength and maxLength are for text fields"
    if bounds.min is not UNSET and bounds.max is not UNSET and bounds.min > bounds.max:
        yield "validation", "min must not be above max"
    if bounds.min_length is not UNSET and bounds.max_length is not UNSET and bounds.min_length > bounds.max_length:
        yield "validation", "minLength must not be above maxLength"


def _condition(field: CustomField, choices: dict[str, Choice]) -> Iterator[tuple[str, str]]:
    condition = field.visibility_condition
    if not condition:
        return
    trigger = choices.get(condition.field_id)
    if trigger is None:
        yield "visibilityCondition.fieldId", "must be a select field of the project"
    elif condition.value not in trigger.options:
        yield "visibilityCondition.value", f"must be an option of {condition.field_id}"


def _cascade(field: CustomField, choices: dict[str, Choice]) -> Iterator[tuple[str, str]]:
    cascade = field.options_by_parent
    if not cascade:
        return
    parent = choices.get(cascade.parent_field_id)
    if field.type != "select":
        yield "optionsByParent", "is for select fields"
        return
    if parent is None:
        yield "optionsByParent.parentFieldId", "must be a select field of the project"
        return
    own = frozenset(field.options or ())
    for value, options in cascade.map.items():
        if value not in parent.options:
            yield "optionsByParent.map", f"{value!r} must be an option of {cascade.parent_field_id}"
        if not own.issuperset(options):
            yield "optionsByParent.map", f"the options for {value!r} must be options of this field"
        if len(set(options)) < len(options):
            yield "optionsByParent.map", f"the options for {value!r} must be different from each other"


def _circles(fields: list[CustomField]) -> Iterator[Detail]:
    """Fields that, step by step, depend on themselves: nobody could ever fill them in."""
    leads_to = {field.id: _dependencies(field) for field in fields}
    for number, field in enumerate(fields):
        reached: set[object] = set()
        ahead = list(leads_to[field.id])
        while ahead:
            following = ahead.pop()
            if following not in reached:
                reached.add(following)
                ahead += leads_to[following]
        if field.id in reached:
            yield Detail(f"customFieldDefinitions[{number}]", f"{field.id} depends on itself, in a circle")


def _dependencies(field: CustomField) -> list[str]:
    condition, cascade = field.visibility_condition, field.options_by_parent
    return [*([condition.field_id] if condition else []), *([cascade.parent_field_id] if cascade else [])]


def _long_chains(fields: list[CustomField]) -> Iterator[Detail]:
    by_id = {field.id: field for field in fields}
    for number, field in enumerate(fields):
        length, current = 1, field
        while condition := current.visibility_condition:
            length, current = length + 1, by_id[condition.field_id]
        if length > MAX_CHAIN:
            rule = f"makes a chain of {length} fields; at most {MAX_CHAIN}"
            yield Detail(f"customFieldDefinitions[{number}].visibilityCondition", rule)
