"""Shapes of customers: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input, Paging, WorkspaceId

Name = Annotated[str, Meta(description="Customer name, up to 200 characters, trimmed.")]
Email = Annotated[str, Meta(description="E-mail address.", examples=["jane@example.com"])]
Phone = Annotated[str, Meta(description="Phone number, stored as E.164 where it starts with `+`.")]
Emails = Annotated[list[str], Meta(description="E-mail addresses, 50 at the most.")]
Phones = Annotated[list[str], Meta(description="Phone numbers, 50 at the most.")]
Company = Annotated[str, Meta(description="Company name, up to 200 characters, trimmed.")]
Tags = Annotated[list[str], Meta(description="Up to 20 tags of up to 50 characters; trimmed, without duplicates.")]
Notes = Annotated[str, Meta(max_length=10_000, description="Free-text notes for the team.")]
CustomFields = Annotated[dict[str, Any], Meta(description="Any keys and values, up to 16 KiB of JSON; replaced whole.")]
Timezone = Annotated[str, Meta(max_length=64, description="IANA time zone.", examples=["Europe/Berlin"])]
Language = Annotated[str, Meta(max_length=35, description="BCP 47 language tag.", examples=["en", "pt-BR"])]


class SocialHandle(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """An account on some platform."""

    platform: Annotated[str, Meta(min_length=1, max_length=50, description="Platform.", examples=["github"])]
    handle: Annotated[str, Meta(min_length=1, max_length=200, description="Name on the platform.")]
    account_id: Annotated[str, Meta(max_length=200, description="The platform's own ID of the account.")] | None = None


SocialHandles = Annotated[list[SocialHandle], Meta(max_length=50, description="Social media handles; replaced whole.")]


class NewCustomer(Input, kw_only=True):
    """A customer to create."""

    workspace_id: WorkspaceId
    name: Name | None = None
    primary_email: Email | None = None
    primary_phone: Phone | None = None
    emails: Emails | None = None
    phones: Phones | None = None
    company: Company | None = None
    tags: Tags | None = None
    notes: Notes | None = None


class CustomerChange(Input, kw_only=True):
    """A change of a customer: what is absent stays, `null` clears a nullable field, lists are replaced whole."""

    name: Name | None | UnsetType = UNSET
    primary_email: Email | None | UnsetType = UNSET
    primary_phone: Phone | None | UnsetType = UNSET
    emails: Emails | UnsetType = UNSET
    phones: Phones | UnsetType = UNSET
    company: Company | None | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    notes: Notes | None | UnsetType = UNSET
    custom_fields: CustomFields | None | UnsetType = UNSET
    social_handles: SocialHandles | UnsetType = UNSET
    timezone: Timezone | None | UnsetType = UNSET
    language: Language | None | UnsetType = UNSET


class CustomerMerge(Input, kw_only=True):
    """Whom to merge into the customer of the path."""

    source_customer_id: Annotated[str, Meta(description="ID of the customer to merge into the target.")]


class CustomerList(Paging, kw_only=True):
    """Which customers to list, or which one to look up."""

    workspace_id: WorkspaceId
    email: Annotated[str, Meta(description="Look up the one customer with this address.")] | None = None
    phone: Annotated[str, Meta(description="Look up the one customer with this number.")] | None = None
    search: (
        Annotated[
            str, Meta(max_length=200, description="Part of a name, e-mail or phone; case and accents don't matter.")
        ]
        | None
    ) = None
    channel: Annotated[str, Meta(description="A channel such as `api`, `widget` or `email`.")] | None = None
    tag: Annotated[str, Meta(description="One tag that the customer carries.")] | None = None
    sort: Annotated[
        Literal["lastSeenAt", "firstSeenAt", "feedbackCount", "name"],
        Meta(description="What to sort by; customers without a value come last."),
    ] = "lastSeenAt"


class Customer(msgspec.Struct, rename="camel"):
    """A customer, as lists show them."""

    id: Annotated[str, Meta(description="Customer ID.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    name: Annotated[str | None, Meta(description="Customer name.")]
    primary_email: Annotated[str | None, Meta(description="Primary e-mail address.")]
    primary_phone: Annotated[str | None, Meta(description="Primary phone number.")]
    emails: Annotated[list[str], Meta(description="All known e-mail addresses.")]
    phones: Annotated[list[str], Meta(description="All known phone numbers.")]
    social_handles: Annotated[list[SocialHandle], Meta(description="Social media handles.")]
    company: Annotated[str | None, Meta(description="Company name.")]
    tags: Annotated[list[str], Meta(description="Tags, in the order given.")]
    feedback_count: Annotated[int, Meta(description="How many feedback items came from this customer.")]
    channels: Annotated[list[str], Meta(description="Channels through which the customer interacted.")]
    last_seen_at: Annotated[str | None, Meta(description="ISO 8601 time of the last interaction.")]
    first_seen_at: Annotated[str | None, Meta(description="ISO 8601 time of the first interaction.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    updated_at: Annotated[str, Meta(description="ISO 8601 time.")]


class CustomerProfile(Customer):
    """A customer with everything that is known of them."""

    notes: Annotated[str | None, Meta(description="Free-text notes for the team.")]
    custom_fields: Annotated[dict[str, Any], Meta(description="Any keys and values.")]
    timezone: Annotated[str | None, Meta(description="IANA time zone.")]
    language: Annotated[str | None, Meta(description="BCP 47 language tag.")]
    merged_customer_ids: Annotated[list[str], Meta(description="IDs of customers that were merged into this one.")]


class Merged(msgspec.Struct, rename="camel"):
    """What a merge did."""

    id: Annotated[str, Meta(description="The target, which stays.")]
    merged_source_id: Annotated[str, Meta(description="The source, which is gone.")]
    merged_feedback_count: Annotated[int, Meta(description="How many feedback items the target gained.")]


class CustomerRow(msgspec.Struct, array_like=True, frozen=True):
    """A customer as changes need it, under the names of the columns; lists and objects are JSON text."""

    id: str
    workspace_id: str
    name: str | None
    primary_email: str | None
    primary_phone: str | None
    emails: str
    phones: str
    social_handles: str
    company: str | None
    tags: str
    feedback_count: int
    channels: str
    first_seen_at: str | None
    last_seen_at: str | None
    notes: str | None
    custom_fields: str
    timezone: str | None
    language: str | None
    merged_customer_ids: str


class CustomerCreated(Event):
    """A customer was made, by hand or by the first feedback from an address."""

    kind: ClassVar[str] = "customer.created"

    name: str | None
    primary_email: str | None
    primary_phone: str | None
    created_at: str


class CustomerUpdated(Event):
    """A customer was changed: `changes` holds the new values of the fields that changed, `previous` the old ones."""

    kind: ClassVar[str] = "customer.updated"

    changes: dict[str, Any]
    previous: dict[str, Any]
    updated_at: str


class CustomerMerged(Event):
    """Another customer became part of this one."""

    kind: ClassVar[str] = "customer.merged"

    merged_source_id: str
    merged_feedback_count: int


class CustomerDeleted(Event):
    """A customer was removed."""

    kind: ClassVar[str] = "customer.deleted"
