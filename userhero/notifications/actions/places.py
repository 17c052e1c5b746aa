"""Telling places outside: an integration, an address, or a web address that a rule names."""

from userhero.customers import find_email
from userhero.kernel.db import Transaction
from userhero.notifications.actions.post import Parcel, post
from userhero.notifications.actions.tell import tell
from userhero.notifications.addresses import address_mark
from userhero.notifications.content import notice_content
from userhero.notifications.integration_queries import find_integration
from userhero.notifications.integration_types import IntegrationRow
from userhero.notifications.kinds import REASONS
from userhero.notifications.named import SLACK
from userhero.notifications.notice import Notice
from userhero.notifications.recipients import Recipient
from userhero.workspaces import find_teammate, list_teammates

_REASONS = {"new_feedback": "this address is set up to hear of new feedback", "automation": REASONS["automation"]}


def tell_integration(tx: Transaction, notice: Notice, integration_id: str) -> None:
    """Tell an integration of the notice's workspace; nobody where it is gone."""
    row = find_integration(tx, notice.workspace_id, integration_id)
    if row is None:
        return
    recipient = recipient_of(tx, row)
    if recipient.channel == "email":
        tell_address(tx, notice, recipient.address, integration_id=row.id)
    else:
        _post(tx, notice, recipient)


def tell_address(tx: Transaction, notice: Notice, address: str, *, integration_id: str | None = None) -> None:
    """Tell whoever reads at an e-mail address: a member as they have chosen.

    Others get a mail; nobody knows whether an address that is no integration's wants any, so it gets few.
    """
    member = find_teammate(tx, notice.workspace_id, address)
    if member is not None:
        tell(tx, notice, [member])
    else:
        is_unproven = integration_id is None
        _post(tx, notice, Recipient("email", address, integration_id=integration_id, is_unproven=is_unproven))


def tell_named(tx: Transaction, notice: Notice, to: str) -> None:
    """Tell whom ``to`` names by mail: a member by user id, an integration, or an address."""
    address = find_email(to)
    if address is not None:
        tell_address(tx, notice, address)
    elif to.startswith("int_"):
        tell_integration(tx, notice, to)
    else:
        tell(tx, notice, list_teammates(tx, notice.workspace_id, [to]))


def tell_slack(tx: Transaction, notice: Notice, to: str) -> None:
    """Tell whom ``to`` names in Slack: an integration, or the address of an incoming webhook."""
    if not to.startswith(SLACK):
        tell_integration(tx, notice, to)
        return
    # What tells it from others; the address itself is a secret.
    name = f"url_{address_mark(tx.keys, to)}"
    _post(tx, notice, Recipient("slack", name, name="Slack", target=tx.keys.seal(to.encode())))


def recipient_of(tx: Transaction, row: IntegrationRow) -> Recipient:
    """Who is behind an integration."""
    if row.type == "slack":
        return Recipient("slack", row.id, name=row.name, integration_id=row.id)
    return Recipient("email", tx.keys.unseal(row.target).decode(), integration_id=row.id)


def _post(tx: Transaction, notice: Notice, recipient: Recipient) -> None:
    content = notice_content(tx, notice, f"You get this because {_REASONS[notice.kind]}.")
    post(tx, Parcel(notice.workspace_id, notice.kind, content, notice.event_id, notice.feedback_id), recipient)
