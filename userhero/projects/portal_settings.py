"""The settings of a project's portals, each as a struct."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.terms import WEB_ADDRESS
from userhero.projects.settings import Color


class _Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Camel case outside, nothing unknown."""


LogoUrl = Annotated[
    str,
    Meta(
        max_length=2048,
        description="Absolute http(s) address of the logo.",
        examples=["https://example.com/logo.svg"],
        extra_json_schema={"pattern": WEB_ADDRESS},
    ),
]
Welcome = Annotated[
    str, Meta(max_length=500, description="What the portal says first.", examples=["What should we build next?"])
]
Badge = Annotated[bool, Meta(description="Whether it says what it is made with.")]
PortalOn = Annotated[bool, Meta(description="Whether it can be visited.")]
Moderation = Annotated[bool, Meta(description="Whether new items wait for somebody to make them public.")]
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\Z",
        description="The portal's name in its address, one of a kind on this server.",
        examples=["my-app"],
    ),
]
Origins = Annotated[
    list[Annotated[str, Meta(pattern=r"^https://[^/\s\x1c-\x1f\x85\ufeff]+\Z", max_length=255)]],
    Meta(max_length=50, description="HTTPS origins that may embed it.", examples=[["https://app.example.com"]]),
]
Locale = Annotated[Literal["en", "es"], Meta(description="The language for visitors whose own it does not speak.")]
Theme = Annotated[Literal["light", "dark", "auto"], Meta(description="Its colours; `auto` follows the visitor's.")]
MetricCards = Annotated[bool, Meta(description="Whether it shows figures on the feedback.")]


class Branding(_Settings, frozen=True, kw_only=True):
    """How the public portal looks."""

    logo_url: LogoUrl | None = None
    primary_color: Color = "#6366f1"
    background_color: Color = "#ffffff"
    text_color: Color = "#1f2937"
    welcome_message: Welcome | None = None
    show_badge: Badge = True


class BrandingChange(_Settings, frozen=True, kw_only=True):
    """Branding to change; what is absent stays."""

    logo_url: LogoUrl | None | UnsetType = UNSET
    primary_color: Color | UnsetType = UNSET
    background_color: Color | UnsetType = UNSET
    text_color: Color | UnsetType = UNSET
    welcome_message: Welcome | None | UnsetType = UNSET
    show_badge: Badge | UnsetType = UNSET


class PublicPortal(_Settings, frozen=True, kw_only=True):
    """The public portal of a project."""

    enabled: PortalOn = False
    slug: Slug | None = None
    require_moderation: Moderation = True
    branding: Branding = msgspec.field(default_factory=Branding)


class PublicPortalChange(_Settings, frozen=True, kw_only=True):
    """Portal settings to change; those that are absent stay."""

    enabled: PortalOn | UnsetType = UNSET
    slug: Slug | None | UnsetType = UNSET
    require_moderation: Moderation | UnsetType = UNSET
    branding: BrandingChange | UnsetType = UNSET


class EmbeddedPortal(_Settings, frozen=True, kw_only=True):
    """The portal inside the customer's own product."""

    enabled: PortalOn = False
    allowed_origins: Origins = []
    default_locale: Locale = "en"
    theme: Theme = "auto"
    show_metric_cards: MetricCards = True


class EmbeddedPortalChange(_Settings, frozen=True, kw_only=True):
    """Embedded portal settings to change; those that are absent stay."""

    enabled: PortalOn | UnsetType = UNSET
    allowed_origins: Origins | UnsetType = UNSET
    default_locale: Locale | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET
    show_metric_cards: MetricCards | UnsetType = UNSET
