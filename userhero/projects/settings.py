"""The settings of a project, each as a struct: privacy, portals, fields, statuses, deadlines."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Priority = Literal["low", "medium", "high", "urgent"]
Category = Literal["open", "pending", "resolved", "closed"]
FieldType = Literal["text", "textarea", "number", "email", "select", "checkbox", "date", "url", "phone"]
Color = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", description="Colour as `#rrggbb`.")]
Label = Annotated[str, Meta(min_length=1, max_length=100, description="What people read.")]


class _Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Camel case outside, nothing unknown."""


class PrivacySettings(_Settings):
    """What is kept of the context that comes with feedback."""

    page_url: Annotated[Literal["off", "path", "full"], Meta(description="How much of page addresses.")] = "full"
    referrer: bool = True
    browser_and_os: bool = True
    device_and_viewport: bool = True
    timezone_and_locale: bool = True
    location: Literal["off", "country"] = "country"
    custom_metadata: bool = True
    ip: Annotated[Literal["none", "hashed", "country"], Meta(description="What is kept of IP addresses.")] = "hashed"


class Branding(_Settings):
    """How the public portal looks."""

    logo_url: Annotated[str, Meta(max_length=2048)] | None = None
    primary_color: Color = "#6366f1"
    background_color: Color = "#ffffff"
    text_color: Color = "#1f2937"
    welcome_message: Annotated[str, Meta(max_length=500)] | None = None
    show_badge: bool = True


class PublicPortal(_Settings):
    """The public portal of a project."""

    enabled: bool = False
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")] | None = None
    require_moderation: bool = True
    branding: Branding = msgspec.field(default_factory=Branding)


class EmbeddedPortal(_Settings):
    """The portal inside the customer's own product."""

    enabled: bool = False
    allowed_origins: Annotated[
        list[Annotated[str, Meta(pattern=r"^https://[^/\s]+$", max_length=255)]],
        Meta(max_length=50, description="HTTPS origins that may embed it."),
    ] = []
    default_locale: Literal["en", "es"] = "en"
    theme: Literal["light", "dark", "auto"] = "auto"
    show_metric_cards: bool = True


class Validation(_Settings):
    """Bounds of a value: `min` and `max` for numbers, `minLength` and `maxLength` for texts."""

    min: float | UnsetType = UNSET
    max: float | UnsetType = UNSET
    min_length: Annotated[int, Meta(ge=0, le=5000)] | UnsetType = UNSET
    max_length: Annotated[int, Meta(ge=1, le=5000)] | UnsetType = UNSET


class VisibilityCondition(_Settings):
    """The field shows only while another select field has this value."""

    field_id: str
    value: str


class OptionsByParent(_Settings):
    """The options of a select field, by the value of another one."""

    parent_field_id: str
    map: dict[str, list[str]]


class CustomField(_Settings, omit_defaults=True, kw_only=True):
    """A field of a project. Ids start with `cf_`; they may be chosen, else they are made."""

    id: Annotated[str, Meta(pattern=r"^cf_[A-Za-z0-9_]{1,60}$")] | UnsetType = UNSET
    type: FieldType
    label: Label
    required: bool = False
    placeholder: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    options: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=200)] | UnsetType = (
        UNSET
    )
    validation: Validation | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    visibility_condition: VisibilityCondition | UnsetType = UNSET
    options_by_parent: OptionsByParent | UnsetType = UNSET


class Status(_Settings, kw_only=True):
    """A status of a project. System ones are `new`, `in-progress`, `reopened`, `resolved` and `archived`."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="What feedback carries.")]
    label: Label
    color: Color = "#6b7280"
    category: Annotated[Category, Meta(description="How items in it behave.")] = "open"
    visible_to_customers: bool = True


class SlaRule(_Settings):
    """Hours until an item of a priority is due."""

    priority: Priority
    hours: Annotated[float, Meta(ge=0, le=8760)]


SYSTEM_STATUSES = (
    Status(id="new", label="New", color="#3b82f6", category="open"),
    Status(id="in-progress", label="In Progress", color="#f59e0b", category="open"),
    Status(id="reopened", label="Reopened", color="#f97316", category="open"),
    Status(id="resolved", label="Resolved", color="#22c55e", category="resolved"),
    Status(id="archived", label="Archived", color="#6b7280", category="closed"),
)
