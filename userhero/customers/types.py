"""Shapes of customers: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.kernel.http.terms import EMAIL, PHONE, TIME_ZONE, a_text, a_time, an_id, described, id_for, sample_id

Name = Annotated[str, a_text("Customer name, trimmed.", 200, least=0, example="Jane Smith")]
Email = Annotated[str, described("E-mail address.", example="jane@example.com", **EMAIL)]
Phone = Annotated[
    str,
    described("Phone number, stored as E.164 where it starts with `+`.", example="+14155552671", maxLength=40, **PHONE),
]
Emails = Annotated[
    list[Email], described("E-mail addresses, 50 at the most.", example=["jane@example.com"], maxItems=50)
]
Phones = Annotated[list[Phone], described("Phone numbers, 50 at the most.", example=["+14155552671"], maxItems=50)]
Company = Annotated[str, a_text("Company name, trimmed.", 200, least=0, example="Acme Inc")]
Tags = Annotated[
    list[Annotated[str, a_text("A tag.", 50)]],
    described("Up to 20 tags of up to 50 characters; trimmed, without duplicates.", example=["beta"], maxItems=20),
]
Notes = Annotated[
    str, Meta(max_length=10_000, description="Free-text notes for the team.", examples=["Prefers to be called."])
]
CustomFields = Annotated[
    dict[str, Any],
    described("Any keys and values, up to 16 KiB of JSON; replaced whole.", example={"accountManager": "alex"}),
]
Timezone = Annotated[
    str,
    Meta(
        max_length=64,
        description="IANA time zone.",
        examples=["Europe/Berlin"],
        extra_json_schema={"pattern": TIME_ZONE},
    ),
]
Language = Annotated[
    str,
    Meta(
        max_length=35,
        description="BCP 47 language tag.",
        examples=["en", "pt-BR"],
        extra_json_schema={
            "pattern": "^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
            "(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WYZa-wyz0-9](-[A-Za-z0-9]{2,8})+)*"
            "(-[Xx](-[A-Za-z0-9]{1,8})+)?$"
        },
    ),
]


class SocialHandle(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """An account on some platform."""

    platform: Annotated[str, Meta(min_length=1, max_length=50, description="Platform.", examples=["github"])]
    handle: Annotated[
        str, Meta(min_length=1, max_length=200, description="Name on the platform.", examples=["janesmith"])
    ]
    account_id: (
        Annotated[str, Meta(max_length=200, description="The platform's own ID of the account.", examples=["583231"])]
        | None
    ) = None


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

    source_customer_id: Annotated[str, id_for("cust", "ID of the customer to merge into the target.")]


class CustomerList(Paging, kw_only=True):
    """Which customers to list, or which one to look up."""

    workspace_id: WorkspaceId
    email: (
        Annotated[str, described("Look up the one customer with this address.", example="jane@example.com")] | None
    ) = None
    phone: Annotated[str, described("Look up the one customer with this number.", example="+14155552671")] | None = None
    search: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="Part of a name, e-mail or phone; case and accents don't matter.",
                examples=["jane"],
            ),
        ]
        | None
    ) = None
    channel: Annotated[str, described("A channel such as `api`, `widget` or `email`.", example="api")] | None = None
    tag: Annotated[str, described("One tag that the customer carries.", example="beta")] | None = None
    sort: Annotated[
        Literal["lastSeenAt", "firstSeenAt", "feedbackCount", "name"],
        Meta(description="What to sort by; customers without a value come last."),
    ] = "lastSeenAt"


class Customer(msgspec.Struct, rename="camel"):
    """A customer, as lists show them."""

    id: Annotated[str, an_id("cust", "Customer ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    name: Annotated[str, described("Customer name.", example="Jane Smith")] | None
    primary_email: Annotated[str, described("Primary e-mail address.", example="jane@example.com", **EMAIL)] | None
    primary_phone: Annotated[str, described("Primary phone number.", example="+14155552671")] | None
    emails: Annotated[list[str], described("All known e-mail addresses.", example=["jane@example.com"])]
    phones: Annotated[list[str], described("All known phone numbers.", example=["+14155552671"])]
    social_handles: Annotated[list[SocialHandle], described("Social media handles.")]
    company: Annotated[str, described("Company name.", example="Acme Inc")] | None
    tags: Annotated[list[str], described("Tags, in the order given.", example=["beta"])]
    feedback_count: Annotated[int, described("How many feedback items came from this customer.", example=2, minimum=0)]
    channels: Annotated[
        list[str], described("Channels through which the customer interacted.", example=["api", "widget"])
    ]
    last_seen_at: Annotated[str, a_time("When the customer was last heard of.")] | None
    first_seen_at: Annotated[str, a_time("When the customer was first heard of.")] | None
    created_at: Annotated[str, a_time("When the profile was made.")]
    updated_at: Annotated[str, a_time("When the profile was last changed.")]


class CustomerProfile(Customer):
    """A customer with everything that is known of them."""

    notes: Annotated[str, described("Free-text notes for the team.", example="Prefers to be called.")] | None
    custom_fields: Annotated[dict[str, Any], described("Any keys and values.", example={"accountManager": "alex"})]
    timezone: Annotated[str, described("IANA time zone.", example="Europe/Berlin")] | None
    language: Annotated[str, described("BCP 47 language tag.", example="en")] | None
    merged_customer_ids: Annotated[
        list[str], described("IDs of customers that were merged into this one.", example=[sample_id("cust")])
    ]


class Merged(msgspec.Struct, rename="camel"):
    """What a merge did."""

    id: Annotated[str, an_id("cust", "The target, which stays.")]
    merged_source_id: Annotated[str, an_id("cust", "The source, which is gone.")]
    merged_feedback_count: Annotated[int, described("How many feedback items the target gained.", example=2, minimum=0)]


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
