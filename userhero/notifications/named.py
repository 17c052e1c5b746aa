"""Whom rules may name as recipients."""

from userhero.customers import find_email
from userhero.kernel.db import Transaction
from userhero.kernel.outbound import RefusedTarget
from userhero.notifications.integration_queries import find_integration
from userhero.workspaces import list_teammates

SLACK = "https://hooks.slack.com/"


def problem_with_recipient(tx: Transaction, workspace_id: str, channel: str, to: str) -> str | None:
    """The rule that ``to`` breaks as a recipient of mail (``email``) or of messages (``slack``), or None.

    It is an integration of that type; or for mail a member's user id or an address, for messages the address of an
    incoming webhook of Slack.
    """
    found = find_integration(tx, workspace_id, to)
    if found is not None and found.type == channel:
        return None
    if channel == "slack":
        if to.startswith(SLACK) and _is_sound(tx, to):
            return None
        return "must be a Slack integration of the workspace, or the address of an incoming webhook of Slack"
    if find_email(to) is not None or list_teammates(tx, workspace_id, [to]):
        return None
    return "must be an e-mail address, or the user ID of a member of the workspace"


def _is_sound(tx: Transaction, url: str) -> bool:
    try:
        tx.guard.check_literal(url)
    except RefusedTarget:
        return False
    return True
