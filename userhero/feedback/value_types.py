"""Single values of feedback, as what goes in and what comes out have them."""

from typing import Annotated, Any

from msgspec import Meta

from userhero.kernel.http.terms import EMAIL, PHONE, WEB_ADDRESS, a_text, described, id_for, sample_id
from userhero.projects import Priority

Message = Annotated[str, a_text("Feedback text, trimmed.", 5000, example="Something is broken")]
CategoryName = Annotated[str, Meta(max_length=64, description="Feedback category, such as `bug`.", examples=["bug"])]
Tags = Annotated[
    list[Annotated[str, a_text("A tag.", 50)]],
    described("Up to 20 tags of up to 50 characters; trimmed, without duplicates.", example=["ui"], maxItems=20),
]
Rating = Annotated[float, Meta(ge=0, le=10, description="Rating value, 0 to 10.", examples=[4])]
Url = Annotated[
    str,
    Meta(
        max_length=2048,
        description="Absolute http(s) address. It is never fetched.",
        examples=["https://example.com/screenshot.png"],
        extra_json_schema={"pattern": WEB_ADDRESS},
    ),
]
Level = Annotated[Priority, Meta(description="With SLA rules in the project, a `dueDate` is computed from it.")]
Context = Annotated[
    dict[str, Any], described("Contextual metadata, up to 16 KiB of JSON.", example={"page": "/settings"})
]
_FIELD_VALUES = {
    "type": ["object", "null"],
    "description": "Values of the project's fields by the field's ID; `null` for none.",
    "propertyNames": {"pattern": "^(cf_[A-Za-z0-9_-]{1,60}|df_(name|email|phone|company))$"},
    "properties": {
        "df_name": {"type": ["string", "null"], "maxLength": 200, "description": "Name of the sender."},
        "df_email": {"type": ["string", "null"], "description": "E-mail of the sender.", **EMAIL},
        "df_phone": {"type": ["string", "null"], "description": "Phone of the sender.", "maxLength": 40, **PHONE},
        "df_company": {"type": ["string", "null"], "maxLength": 200, "description": "Company of the sender."},
    },
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
Metadata = Annotated[
    dict[str, Any],
    described(
        "Any key and value, up to 16 KiB of JSON. `customFields` holds validated field values; top-level names, "
        "e-mails and phones are promoted to `userName`, `userEmail` and `userPhone`.",
        example={"name": "Jane Smith", "plan": "pro"},
        properties={"customFields": _FIELD_VALUES},
    ),
]
WatcherIds = Annotated[
    list[Annotated[str, id_for("user", "User ID.")]],
    Meta(max_length=100, description="User IDs subscribed to updates; members only.", examples=[[sample_id("user")]]),
]
StatusName = Annotated[
    str,
    Meta(
        max_length=64,
        description="Status ID, a system one or the project's own.",
        examples=["resolved"],
        extra_json_schema={"pattern": "^[a-z0-9][a-z0-9_-]*$"},
    ),
]
WidgetId = Annotated[str, described("Widget ID, or `api`.", example="api", pattern="^(api|w_[0-9a-v]{26})$")]
TicketNumber = Annotated[
    str,
    described("The number, such as `245`, or `%23245` for `#245`.", example="245", pattern="^#?0*[1-9][0-9]*$"),
]
