"""The settings of a project, each as a struct: privacy, statuses, deadlines. Fields and portals are apart."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.terms import NOT_BLANK, TIME_ZONE, described

Priority = Literal["low", "medium", "high", "urgent"]
Category = Literal["open", "pending", "resolved", "closed"]
Color = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}\Z", description="Colour as `#rrggbb`.", examples=["#22c55e"])]
Label = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="What people read.",
        examples=["In Review"],
        extra_json_schema={"pattern": NOT_BLANK},
    ),
]


class _Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Camel case outside, nothing unknown."""


PageUrl = Annotated[Literal["off", "path", "full"], Meta(description="How much of page addresses is kept.")]
Location = Annotated[Literal["off", "country"], Meta(description="How much of the place is kept.")]
Ip = Annotated[Literal["none", "hashed", "country"], Meta(description="What is kept of IP addresses.")]
Referrer = Annotated[bool, Meta(description="Whether the page that led to the page is kept.")]
Browser = Annotated[bool, Meta(description="Whether browser and operating system are kept.")]
Device = Annotated[bool, Meta(description="Whether device, screen and viewport are kept.")]
Locality = Annotated[bool, Meta(description="Whether time zone and language are kept.")]
OtherMetadata = Annotated[bool, Meta(description="Whether metadata other than `customFields` is kept.")]


class PrivacySettings(_Settings, frozen=True, kw_only=True):
    """What is kept of the context and the metadata that come with feedback."""

    page_url: PageUrl = "full"
    referrer: Referrer = True
    browser_and_os: Browser = True
    device_and_viewport: Device = True
    timezone_and_locale: Locality = True
    location: Location = "country"
    custom_metadata: OtherMetadata = True
    ip: Ip = "hashed"


class PrivacyChange(_Settings, frozen=True, kw_only=True):
    """Privacy settings to change; those that are absent stay."""

    page_url: PageUrl | UnsetType = UNSET
    referrer: Referrer | UnsetType = UNSET
    browser_and_os: Browser | UnsetType = UNSET
    device_and_viewport: Device | UnsetType = UNSET
    timezone_and_locale: Locality | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    custom_metadata: OtherMetadata | UnsetType = UNSET
    ip: Ip | UnsetType = UNSET


StatusId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\Z",
        description="What feedback carries; made from the label where absent.",
        examples=["in-review"],
    ),
]

Behaviour = Annotated[Category, Meta(description="How items in it behave.", examples=["open"])]
Visible = Annotated[bool, Meta(description="Whether customers are told of it.")]


class Status(_Settings, frozen=True, kw_only=True):
    """A status of a project. System ones are `new`, `in-progress`, `reopened`, `resolved` and `archived`."""

    id: StatusId
    label: Label
    color: Color = "#6b7280"
    category: Behaviour = "open"
    visible_to_customers: Visible = True


class StatusChange(_Settings, frozen=True, kw_only=True):
    """A status as a list of them gives it. Of a system status only label and colour can be changed."""

    label: Label
    id: StatusId | UnsetType = UNSET
    color: Color | UnsetType = UNSET
    category: Behaviour | UnsetType = UNSET
    visible_to_customers: Visible | UnsetType = UNSET


class SlaRule(_Settings, frozen=True, kw_only=True):
    """Hours until an item of a priority is due."""

    priority: Annotated[Priority, Meta(description="The priority that it is for.", examples=["urgent"])]
    hours: Annotated[
        Annotated[int, Meta(ge=0, le=8760)] | Annotated[float, Meta(ge=0, le=8760)],
        Meta(description="Hours, up to a year; 0 for no deadline.", examples=[4]),
    ]
    first_response_hours: (
        Annotated[
            Annotated[int, Meta(ge=0, le=8760)] | Annotated[float, Meta(ge=0, le=8760)],
            Meta(description="Hours until an agent should have answered first; 0 for no such target."),
        ]
        | UnsetType
    ) = UNSET


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Time = Annotated[
    str,
    Meta(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z",
        description="Hours and minutes; `24:00` is midnight.",
        examples=["09:00"],
    ),
]
Openings = Annotated[
    list[tuple[Time, Time]],
    Meta(
        max_length=10,
        description="When work begins and ends, in order; none for a day off.",
        examples=[[["09:00", "17:00"]]],
    ),
]


class Week(_Settings, frozen=True, kw_only=True):
    """The working hours of each day of the week."""

    mon: Openings = []
    tue: Openings = []
    wed: Openings = []
    thu: Openings = []
    fri: Openings = []
    sat: Openings = []
    sun: Openings = []


class SlaCalendar(_Settings, frozen=True, kw_only=True):
    """When the clock of deadlines runs. Without a calendar it always does."""

    time_zone: Annotated[
        str, Meta(max_length=64), described("IANA time zone.", example="Europe/Berlin", pattern=TIME_ZONE)
    ]
    days: Week
    holidays: Annotated[
        list[Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]],
        Meta(max_length=1000, description="Dates on which nobody works."),
    ] = []


SYSTEM_STATUSES = (
    Status(id="new", label="New", color="#3b82f6", category="open"),
    Status(id="in-progress", label="In Progress", color="#f59e0b", category="open"),
    Status(id="reopened", label="Reopened", color="#f97316", category="open"),
    Status(id="resolved", label="Resolved", color="#22c55e", category="resolved"),
    Status(id="archived", label="Archived", color="#6b7280", category="closed"),
)
SYSTEM_IDS = frozenset(status.id for status in SYSTEM_STATUSES)
