"""What people are told of, and how they hear of it unless they choose otherwise."""

from typing import Literal, get_args

import msgspec

Kind = Literal[
    "assigned",
    "mentioned",
    "customer_replied",
    "note_added",
    "status_changed",
    "sla_warning",
    "sla_breached",
    "new_feedback",
    "automation",
    "webhook_trouble",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
InApp = Literal["instant", "off"]
ByMail = Literal["instant", "digest", "off"]

# Whoever gets a mail reads why; the end of "You get this because …".
REASONS: dict[Kind, str] = {
    "assigned": "feedback was assigned to you",
    "mentioned": "somebody mentioned you",
    "customer_replied": "you look after this feedback, or are in charge where nobody does",
    "note_added": "you watch this feedback",
    "status_changed": "you watch this feedback",
    "sla_warning": "you look after this feedback, or are in charge where nobody does",
    "sla_breached": "you look after this feedback, or are in charge where nobody does",
    "new_feedback": "a routing rule sends new feedback to you",
    "automation": "an automation was told to let you know",
    "webhook_trouble": "you are in charge of the workspace's webhooks",
}


class Choice(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True, omit_defaults=False):
    """How somebody hears of one kind."""

    in_app: InApp = "instant"
    email: ByMail = "instant"


DEFAULTS: dict[Kind, Choice] = {kind: Choice() for kind in KINDS} | {
    "status_changed": Choice(email="off"),
    "note_added": Choice(email="digest"),
}
