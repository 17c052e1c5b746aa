"""From what came over the wire to the struct that a handler asks for, with errors that name the field and the rule."""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
import msgspec.inspect

from userhero.kernel.db.listing import Wanted
from userhero.kernel.errors import BadRequest, Detail, Invalid

S = TypeVar("S", bound=msgspec.Struct)

MAX_PARAMETERS = 100
# How many results a page has where the request does not say, and how many a whole list has at the most.
USUAL, WHOLE = 20, 1000
_SHORT = 512
# How much an error repeats of what was sent: characters at either end, and unknown names.
_REPEATED, _NAMES = 200, 20
_WHERE = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$\.?([^`]*)`)?$", re.DOTALL)
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_NAMED = re.compile(r"(unknown|missing required) field `([^`]*)`")

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_WORDING: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"^Expected ", "must be "),
    # How patterns say the end of a text: Python's ``$`` also stands before a last line break.
    (r"\\\\Z'$", "$'"),
    (r"^Invalid enum value (.*)$", r"must be one of the values in the reference, not \1"),
    (r"`([^`]*)`", lambda matched: " or ".join(_KINDS.get(kind, kind) for kind in matched[1].split(" | "))),
]


WorkspaceId = Annotated[str, msgspec.Meta(description="Workspace ID.", examples=["ws_123"])]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What a body or a query may hold. ``workspaceId`` is accepted everywhere; operations that need it
    declare it again, as a plain ``WorkspaceId``.
    """

    workspace_id: (
        Annotated[str, msgspec.Meta(description="The workspace. Checked against the object where both are given.")]
        | msgspec.UnsetType
    ) = msgspec.UNSET


class _Part(Input):
    """Which part of a list is asked for."""

    page: (
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000, description="Page number, from 1.")] | msgspec.UnsetType
    ) = msgspec.UNSET
    cursor: (
        Annotated[
            str,
            msgspec.Meta(
                max_length=4096,
                description="`nextCursor` of the page before: instead of `page`, at the same cost at any depth.",
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    include_total: Annotated[bool, msgspec.Meta(description="Adds `pagination.total`.")] = False
    order: Annotated[Literal["asc", "desc"], msgspec.Meta(description="Direction of the sort.")] = "desc"

    def _wanted(self, size: int) -> Wanted:
        if isinstance(self.cursor, str):
            if self.page is not msgspec.UNSET:
                raise Invalid("cursor", "can't be combined with page")
            return Wanted(1, size, self.cursor, self.include_total)
        return Wanted(self.page or 1, size, None, self.include_total)


class Paging(_Part):
    """The parameters of lists that come in pages."""

    page_size: Annotated[int, msgspec.Meta(ge=1, le=100, description="Results per page.")] = USUAL

    def wanted(self) -> Wanted:
        """Which part of the list this asks for. Raises Invalid where it names both a page and a cursor."""
        return self._wanted(self.page_size)


class WholeList(_Part):
    """The parameters of short lists, which come whole, up to 1,000, where no page is asked for."""

    page_size: (
        Annotated[int, msgspec.Meta(ge=1, le=100, description="Results per page; 20 where only `page` is given.")]
        | msgspec.UnsetType
    ) = msgspec.UNSET

    @property
    def paged(self) -> bool:
        """Whether a page is asked for."""
        return self.include_total or any(
            given is not msgspec.UNSET for given in (self.page, self.page_size, self.cursor)
        )

    def wanted(self) -> Wanted:
        """Which part of the list this asks for. Raises Invalid where it names both a page and a cursor."""
        return self._wanted(self.page_size or (USUAL if self.paged else WHOLE))


def read_query(raw: bytes, shape: type[S]) -> S:
    """The query string as ``shape``. Raises BadRequest for unknown, repeated or malformed parameters.

    Clients ask the same questions over and over, so recent answers to short ones are kept; nobody changes the struct.
    """
    return _remembered(raw, shape) if len(raw) <= _SHORT else _read(raw, shape)


@lru_cache(maxsize=1024)
def _remembered(raw: bytes, shape: type[S]) -> S:
    return _read(raw, shape)


def _read(raw: bytes, shape: type[S]) -> S:
    found = split_query(raw)
    for name in _whole_numbers(shape) & found.keys():
        if isinstance(found[name], str) and not _NUMERAL.fullmatch(found[name]):
            raise Invalid(name, "must be a whole number in decimal digits, such as 7")
    for name in _other_than_text(shape) & found.keys():
        if isinstance(found[name], str) and found[name].lower() == "null":
            raise Invalid(name, "must have a value")
    return convert(found, shape, strict=False)


@cache
def _whole_numbers(shape: type[msgspec.Struct]) -> frozenset[str]:
    """The parameters that are whole numbers: lax reading would take ``1.0`` and ``1e2`` for them too."""
    return frozenset(name for name, kinds in _kinds(shape) if msgspec.inspect.IntType in kinds)


@cache
def _other_than_text(shape: type[msgspec.Struct]) -> frozenset[str]:
    """The parameters for which lax reading would take the word ``null`` for none at all."""
    return frozenset(name for name, kinds in _kinds(shape) if msgspec.inspect.StrType not in kinds)


def _kinds(shape: type[msgspec.Struct]) -> list[tuple[str, set[type[msgspec.inspect.Type]]]]:
    fields = msgspec.inspect.type_info(shape).fields  # type: ignore[attr-defined]
    return [(field.encode_name, _within(field.type)) for field in fields]


def _within(kind: msgspec.inspect.Type) -> set[type[msgspec.inspect.Type]]:
    if isinstance(kind, msgspec.inspect.Metadata):
        return _within(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return set().union(*map(_within, kind.types))
    return {type(kind)}


def split_query(raw: bytes) -> dict[str, Any]:
    """The parameters of a query string, each at most once. Raises BadRequest otherwise."""
    if not raw:
        return {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except (UnicodeError, ValueError):
        raise BadRequest("The query string is not valid: percent-encoded UTF-8, 100 parameters at the most.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(twice, "is given more than once")
    for name, value in pairs:
        if "\0" in value:
            raise Invalid(name, "must not contain NUL characters")
    return _grouped(found)


def _grouped(found: dict[str, Any]) -> dict[str, Any]:
    """``customField.plan=Pro`` as ``{"customField": {"plan": "Pro"}}``."""
    for name in [name for name in found if "." in name]:
        family, _, member = name.partition(".")
        group = found.setdefault(family, {})
        if not isinstance(group, dict):
            raise Invalid(name, "can't be combined with " + family)
        group[member] = found.pop(name)
    return found


def convert(value: Any, shape: type[S], *, strict: bool) -> S:
    """``value`` as ``shape``. Raises BadRequest with a detail that names the field and the rule it breaks."""
    try:
        return msgspec.convert(value, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise _unknown(value, shape) or invalid(str(error)) from None


def _unknown(value: Any, shape: type[msgspec.Struct]) -> BadRequest | None:
    """The error that names whatever ``shape`` does not know, where it forbids that; None where it knows all."""
    if not (isinstance(value, dict) and shape.__struct_config__.forbid_unknown_fields):
        return None
    known = {field.encode_name for field in msgspec.structs.fields(shape)}
    names = [_shortened(name) or '""' for name in value if name not in known][:_NAMES]
    if not names:
        return None
    rule = "is not a field of this request"
    message = f"{names[0]}: {rule}" if len(names) == 1 else f"{', '.join(names)}: are not fields of this request"
    return BadRequest(message, details=tuple(Detail(name, rule) for name in names))


def _shortened(text: str) -> str:
    """Beginning and end of what is long: where it is a message of msgspec's, the end says where."""
    return text if len(text) <= 2 * _REPEATED else f"{text[:_REPEATED]}…{text[-_REPEATED:]}"


def invalid(text: str, within: Sequence[str] = ()) -> BadRequest:
    """msgspec's message as an error of ours; ``within`` is the path of what was being read."""
    text = _shortened(text)
    matched = _WHERE.match(text)
    rule, path = (matched[1], matched[2] or "") if matched else (text, "")
    parts = [*within, *([path] if path else [])]
    named = _NAMED.search(rule)
    if named:
        parts.append(named[2])
        rule = "is not a field of this request" if named[1] == "unknown" else "is required"
    else:
        rule = _worded(rule)
    field = ".".join(parts)
    if not field:
        return BadRequest(f"The body {rule}.")
    return BadRequest(f"{field}: {rule}", details=(Detail(field, rule),))


def _worded(rule: str) -> str:
    """``Expected `int` >= 1`` reads ``must be a whole number >= 1``."""
    for theirs, ours in _WORDING:
        rule = re.sub(theirs, ours, rule)
    return rule


def check_same_workspace(query: Input, body: Input) -> None:
    """Raises Invalid where query and body name different workspaces."""
    one, other = query.workspace_id, body.workspace_id
    if msgspec.UNSET not in (one, other) and one != other:
        raise Invalid("workspaceId", "differs between query and body")
