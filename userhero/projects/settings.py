"""The settings of a project, each as a struct: privacy, portals, fields, statuses, deadlines."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Priority = Literal["low", "medium", "high", "urgent"]
Category = Literal["open", "pending", "resolved", "closed"]
FieldType = Literal["text", "textarea", "number", "email", "select", "checkbox", "date", "url", "phone"]
Color = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", description="Colour as `#rrggbb`.")]
Label = Annotated[str, Meta(min_length=1, max_length=100, description="What people read.")]


class _Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Camel case outside, nothing unknown."""


PageUrl = Annotated[Literal["off", "path", "full"], Meta(description="How much of page addresses is kept.")]
Location = Annotated[Literal["off", "country"], Meta(description="How much of the place is kept.")]
Ip = Annotated[Literal["none", "hashed", "country"], Meta(description="What is kept of IP addresses.")]


class PrivacySettings(_Settings, frozen=True, kw_only=True):
    """What is kept of the context and the metadata that come with feedback."""

    page_url: PageUrl = "full"
    referrer: bool = True
    browser_and_os: bool = True
    device_and_viewport: bool = True
    timezone_and_locale: bool = True
    location: Location = "country"
    custom_metadata: Annotated[bool, Meta(description="Whether metadata other than `customFields` is kept.")] = True
    ip: Ip = "hashed"


class PrivacyChange(_Settings, frozen=True, kw_only=True):
    """Privacy settings to change; those that are absent stay."""

    page_url: PageUrl | UnsetType = UNSET
    referrer: bool | UnsetType = UNSET
    browser_and_os: bool | UnsetType = UNSET
    device_and_viewport: bool | UnsetType = UNSET
    timezone_and_locale: bool | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    custom_metadata: bool | UnsetType = UNSET
    ip: Ip | UnsetType = UNSET


LogoUrl = Annotated[str, Meta(max_length=2048, description="Absolute http(s) address of the logo.")]
Welcome = Annotated[str, Meta(max_length=500, description="What the portal says first.")]
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$",
        description="The portal's name in its address, one of a kind on this server.",
    ),
]
Origins = Annotated[
    list[Annotated[str, Meta(pattern=r"^https://[^/\s]+$", max_length=255)]],
    Meta(max_length=50, description="HTTPS origins that may embed it."),
]
Locale = Literal["en", "es"]
Theme = Literal["light", "dark", "auto"]


class Branding(_Settings, frozen=True, kw_only=True):
    """How the public portal looks."""

    logo_url: LogoUrl | None = None
    primary_color: Color = "#6366f1"
    background_color: Color = "#ffffff"
    text_color: Color = "#1f2937"
    welcome_message: Welcome | None = None
    show_badge: bool = True


class BrandingChange(_Settings, frozen=True, kw_only=True):
    """Branding to change; what is absent stays."""

    logo_url: LogoUrl | None | UnsetType = UNSET
    primary_color: Color | UnsetType = UNSET
    background_color: Color | UnsetType = UNSET
    text_color: Color | UnsetType = UNSET
    welcome_message: Welcome | None | UnsetType = UNSET
    show_badge: bool | UnsetType = UNSET


class PublicPortal(_Settings, frozen=True, kw_only=True):
    """The public portal of a project."""

    enabled: bool = False
    slug: Slug | None = None
    require_moderation: bool = True
    branding: Branding = msgspec.field(default_factory=Branding)


class PublicPortalChange(_Settings, frozen=True, kw_only=True):
    """Portal settings to change; those that are absent stay."""

    enabled: bool | UnsetType = UNSET
    slug: Slug | None | UnsetType = UNSET
    require_moderation: bool | UnsetType = UNSET
    branding: BrandingChange | UnsetType = UNSET


class EmbeddedPortal(_Settings, frozen=True, kw_only=True):
    """The portal inside the customer's own product."""

    enabled: bool = False
    allowed_origins: Origins = []
    default_locale: Locale = "en"
    theme: Theme = "auto"
    show_metric_cards: bool = True


class EmbeddedPortalChange(_Settings, frozen=True, kw_only=True):
    """Embedded portal settings to change; those that are absent stay."""

    enabled: bool | UnsetType = UNSET
    allowed_origins: Origins | UnsetType = UNSET
    default_locale: Locale | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET
    show_metric_cards: bool | UnsetType = UNSET


class Validation(_Settings, frozen=True, kw_only=True):
    """Bounds of a value: `min` and `max` for numbers, `minLength` and `maxLength` for texts."""

    min: int | float | UnsetType = UNSET
    max: int | float | UnsetType = UNSET
    min_length: Annotated[int, Meta(ge=0, le=5000)] | UnsetType = UNSET
    max_length: Annotated[int, Meta(ge=1, le=5000)] | UnsetType = UNSET


class VisibilityCondition(_Settings, frozen=True, kw_only=True):
    """The field shows only while another select field has this value."""

    field_id: Annotated[str, Meta(description="The select field that decides.")]
    value: Annotated[str, Meta(description="The option that shows the field.")]


class OptionsByParent(_Settings, frozen=True, kw_only=True):
    """The options of a select field, by the value of another one."""

    parent_field_id: Annotated[str, Meta(description="The select field that decides.")]
    map: Annotated[dict[str, list[str]], Meta(description="The options on offer, by option of the parent.")]


class CustomField(_Settings, frozen=True, kw_only=True):
    """A field of a project. Ids start with `cf_`; they may be chosen, else they are made."""

    id: Annotated[str, Meta(pattern=r"^cf_[A-Za-z0-9_-]{1,60}$", description="Made where absent.")] | UnsetType = UNSET
    type: FieldType
    label: Label
    required: Annotated[bool, Meta(description="Asked for by widget and portal; the API may leave it out.")] = False
    placeholder: Annotated[str, Meta(max_length=200)] | None | UnsetType = UNSET
    options: (
        Annotated[
            list[Annotated[str, Meta(min_length=1, max_length=100)]],
            Meta(max_length=200, description="For select fields: what can be chosen, at least two."),
        ]
        | None
        | UnsetType
    ) = UNSET
    validation: Validation | None | UnsetType = UNSET
    is_default: bool | None | UnsetType = UNSET
    visibility_condition: VisibilityCondition | None | UnsetType = UNSET
    options_by_parent: OptionsByParent | None | UnsetType = UNSET


StatusId = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="What feedback carries; made from the label where absent."),
]


class Status(_Settings, frozen=True, kw_only=True):
    """A status of a project. System ones are `new`, `in-progress`, `reopened`, `resolved` and `archived`."""

    id: StatusId
    label: Label
    color: Color = "#6b7280"
    category: Annotated[Category, Meta(description="How items in it behave.")] = "open"
    visible_to_customers: bool = True


class StatusChange(_Settings, frozen=True, kw_only=True):
    """A status as a list of them gives it. Of a system status only label and colour can be changed."""

    label: Label
    id: StatusId | UnsetType = UNSET
    color: Color | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    visible_to_customers: bool | UnsetType = UNSET


class SlaRule(_Settings, frozen=True, kw_only=True):
    """Hours until an item of a priority is due."""

    priority: Priority
    hours: Annotated[
        Annotated[int, Meta(ge=0, le=8760)] | Annotated[float, Meta(ge=0, le=8760)],
        Meta(description="Hours, up to a year; 0 for no deadline."),
    ]


SYSTEM_STATUSES = (
    Status(id="new", label="New", color="#3b82f6", category="open"),
    Status(id="in-progress", label="In Progress", color="#f59e0b", category="open"),
    Status(id="reopened", label="Reopened", color="#f97316", category="open"),
    Status(id="resolved", label="Resolved", color="#22c55e", category="resolved"),
    Status(id="archived", label="Archived", color="#6b7280", category="closed"),
)
SYSTEM_IDS = frozenset(status.id for status in SYSTEM_STATUSES)
