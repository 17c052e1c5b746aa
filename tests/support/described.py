"""What generated requests and their answers are held against: the OpenAPI document, and what no schema can say."""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
from schemathesis import Case
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from tests.support.operations import CALLS, ROUTES, Call
from tests.support.tenants import Tenant

CONFIG = Path(__file__).with_name("schemathesis.toml")
# The rules that the server holds requests to although the document does not say them, whatever field they are about
# (but where one is named):
# what depends on more than one value, on what is stored, or on knowledge that is no pattern. A request that follows the
# document may be refused for these, and for nothing else.
UNSAYABLE = (
    # One value forbids or needs another.
    r"can't be combined with .*",
    r"differs between query and body",
    # ``workspaceId``, where another id may say which one is meant.
    r"workspaceId: is required",
    r"(is required with|goes with) the scope time\.scheduled( only)?",
    r"is damaged, or belongs to a list with other filters or another sort",
    r"\w+ must not be above \w+",
    r"must not be less than \w+",
    # HTML without words.
    r"is required where there are no attachments",
    # What is stored.
    r"must be (an? |another |members)\b.* of .*",
    r"is not a status of the (project|workflow); it knows .*",
    r"is not a field of the project.*",
    r"is not a select field of the project",
    r"is no (attachment that was uploaded for this feedback item|event of this workspace|file of this workspace)",
    r"must be the id of the last automation of the page before",
    r"names an event that is kept no more: .*",
    r"belongs to another project",
    r"must be another customer than the target",
    r"Only macros can be run by hand; .*",
    # How the entries of a list go together.
    r"is given twice",
    r".* is the id of another (field|status) already",
    r".* is a system status: .*",
    r"must name each priority once",
    r"must end after it begins, and begin after those before it",
    r"must hold 5 hours a week at least",
    r".* must be (an option|options) of .*",
    r"(the options for .* )?must be different from each other",
    r"is nested deeper than 3 groups",
    r"must hold 100 rules and groups at the most",
    # Which operators go with a field of a condition, and which values with both.
    r"does not go with .*",
    r"must be left out: is_(not_)?set takes none",
    r"must be (hours, 0 to \d+|a number|true or false|a list of 1 to 100 values|one of .*)",
    r"(holds a value that )?must be text of 1 to 500 characters(, a number or a flag)?",
    # Knowledge that is no pattern, and sizes in other units than characters.
    r"must be an ISO 8601 time",
    r"must be a date, such as 2026-12-25",
    r"must be an absolute http or https address",
    r"must (lead to a public host|have a host that is a name or an IP address).*",
    r"must be an e-mail address(, or the user ID of a member of the workspace)?",
    r"must be the name of an IANA time zone, such as Europe/Berlin",
    r"must be printable text",
    r"holds a placeholder that is not one of .*",
    r"must have 32 words at the most",
    r"contentHtml: must have 5000 characters at the most",
    r"must be 16384 bytes of JSON at the most",
    r"must be 4096 bytes at the most",
    # Files: what they are is found in their content.
    r"is none of image/png, .*",
    r"is declared as .*",
)
_UNSAYABLE = re.compile("|".join(f"(?:{rule})" for rule in UNSAYABLE), re.DOTALL)
_SHORT_KEY = re.compile(r"[!-~]([ -~]{0,200}[!-~])?", re.ASCII)
# The names of what has to be there already.
_NAMED = ("Id", "Ids", "Number", "attachments", "mentions", "status")


class RealIds:
    """Lets most ids of generated requests name something of a tenant's: a made-up one gets no further than 404.

    What an operation removes is made for it each time.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._known: dict[str, Call] = {}

    def put_into(self, case: Case[Any]) -> None:
        """Give the case real ids wherever it has some, mostly the current version, and a key for this request alone."""
        name = case.operation.definition.raw["operationId"]
        if name not in CALLS:
            return  # which fails a test of its own
        try:
            call = self._call(name)
        except AssertionError:
            return  # the workspace holds as many of them as it may
        in_path = {_camel(name): str(value) for name, value in call.path.items()}
        for place, given in (("path_parameters", in_path), ("query", call.query), ("body", call.body or {})):
            values, real = getattr(case, place), dict(_real(given))
            # A form with a file stays as it is: once touched, it could not be told from one that breaks its schema.
            if isinstance(values, dict) and (place != "body" or call.form is None):
                setattr(case, place, _with(values, real))
        version, key = case.headers.get("If-Match"), case.headers.get("Idempotency-Key")
        if isinstance(version, str) and zlib.crc32(version.encode()) % 4:
            case.headers["If-Match"] = "*"
        if isinstance(key, str) and _SHORT_KEY.fullmatch(key):
            case.headers["Idempotency-Key"] = f"{key}-{zlib.crc32(repr(case.body).encode('utf-8', 'replace'))}"

    def _call(self, name: str) -> Call:
        if ROUTES[name].method == "DELETE" or ROUTES[name].scope.endswith(":delete"):
            return CALLS[name](self._with_spare_project())
        if name not in self._known:
            self._known[name] = CALLS[name](self._tenant)
        return self._known[name]

    def _with_spare_project(self) -> Tenant:
        project = self._tenant.post("/projects", {"name": "To be removed"}).data
        widget = self._tenant.post("/widgets", {"projectId": project["id"], "name": "To be removed"}).data
        return replace(self._tenant, project_id=project["id"], widget_id=widget["id"])


def found_in(document: Any, reference: str) -> Any:
    """What a ``$ref`` names in the document."""
    for part in reference[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def operation_of(document: Any, name: str) -> Any:
    """What the document says of an operation."""
    path = re.sub(r"_(.)", lambda matched: matched[1].upper(), ROUTES[name].path)
    return document["paths"][path][ROUTES[name].method.lower()]


def validator(document: Any, schema: Any) -> jsonschema_rs.Draft202012Validator:
    """Holds values to a schema of the document, formats included."""
    whole = {**schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def is_a_fault(failure: Failure, content: bytes) -> bool:
    """Whether a failed check says something against document or server; ``content`` is the answer's body."""
    return not (isinstance(failure, RejectedPositiveData) and _is_unsayable(content))


def _is_unsayable(content: bytes) -> bool:
    error = json.loads(content)["error"]
    broken = [(each["field"], each["message"]) for each in error.get("details", [])] or [("", error["message"])]
    return all(_UNSAYABLE.fullmatch(rule) or _UNSAYABLE.fullmatch(f"{field}: {rule}") for field, rule in broken)


def _real(value: Any) -> Iterator[tuple[str, Any]]:
    """What a good request says of what is there already, by name, wherever it stands."""
    if isinstance(value, list):
        for each in value:
            yield from _real(each)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name.endswith(_NAMED):
                yield name, below
            else:
                yield from _real(below)


def _with(value: Any, real: dict[str, Any]) -> Any:
    """A generated value with real ones in the places of their names, and with whole numbers as the server reads them:
    JSON Schema takes 1.0 for one as well.
    """
    if isinstance(value, list):
        return [_with(each, real) for each in value]
    if isinstance(value, dict):
        return {
            name: real[name] if name in real and below is not None else _with(below, real)
            for name, below in value.items()
        }
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
