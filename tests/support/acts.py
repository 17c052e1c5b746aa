"""The audit log as tests need it. For every operation that writes: the act that it leaves there, or why none.

A new operation without a row fails ``tests/audit/test_every_act.py``.
"""

from typing import Any, NamedTuple

from tests.support.tenants import Tenant


class Audited(NamedTuple):
    """What the record says. ``subject`` is the path's parameter that names what the act is about; None where the
    answer does.
    """

    act: str
    subject: str | None = None


AUDITED = {
    "create_project": Audited("project.created"),
    "update_project": Audited("project.updated", "project_id"),
    "delete_project": Audited("project.deleted", "project_id"),
    "create_widget": Audited("widget.created"),
    "update_widget": Audited("widget.updated", "widget_id"),
    "delete_widget": Audited("widget.deleted", "widget_id"),
    "delete_item": Audited("feedback.deleted", "feedback_id"),
    "delete_customer": Audited("customer.deleted", "customer_id"),
    "merge_customers": Audited("customer.merged", "target_id"),
    "create_webhook": Audited("incoming_webhook.created"),
    "delete_webhook": Audited("incoming_webhook.deleted", "webhook_id"),
    "create_webhook_endpoint": Audited("webhook_endpoint.created"),
    "update_webhook_endpoint": Audited("webhook_endpoint.updated", "endpoint_id"),
    "delete_webhook_endpoint": Audited("webhook_endpoint.deleted", "endpoint_id"),
    "rotate_webhook_endpoint_secret": Audited("webhook_endpoint.secret_rotated", "endpoint_id"),
    "redeliver_one": Audited("webhook_endpoint.redelivered", "endpoint_id"),
    "redeliver_all_failed": Audited("webhook_endpoint.redelivered", "endpoint_id"),
    "create_automation": Audited("automation.created"),
    "update_automation": Audited("automation.updated", "automation_id"),
    "delete_automation": Audited("automation.deleted", "automation_id"),
    "create_workflow": Audited("workflow.created"),
    "update_workflow": Audited("workflow.updated", "workflow_id"),
    "delete_workflow": Audited("workflow.deleted", "workflow_id"),
    "create_intake_rule": Audited("intake_rule.created"),
    "update_intake_rule": Audited("intake_rule.updated", "rule_id"),
    "delete_intake_rule": Audited("intake_rule.deleted", "rule_id"),
    "create_integration": Audited("integration.created"),
    "update_integration": Audited("integration.updated", "integration_id"),
    "delete_integration": Audited("integration.deleted", "integration_id"),
    "create_routing_rule": Audited("routing_rule.created"),
    "update_routing_rule": Audited("routing_rule.updated", "rule_id"),
    "delete_routing_rule": Audited("routing_rule.deleted", "rule_id"),
    "create_export": Audited("export.requested"),
    "delete_export": Audited("export.deleted", "export_id"),
    "erase_customer": Audited("customer.erased", "customer_id"),
}

_WORK = "everyday work on feedback, which the feed of events tells of"
_BOARD = "everyday work on a board, which the item's activity tells of"
_TRIAL = "changes nothing that is kept"
_TEST = "sends a few words to where the setting leads, which the log of deliveries or the outbox shows"
_OWN = "concerns nobody but whoever does it"
NOT_ADMINISTRATIVE = {
    "create_item": _WORK,
    "update_item": _WORK,
    "upload_file": _WORK,
    "create_comment": _WORK,
    "create_note": _WORK,
    "create_customer": _WORK,
    "update_customer": _WORK,
    "run_automation": "everyday work on feedback, which the automation's runs tell of",
    "create_workflow_item": _BOARD,
    "update_workflow_item": _BOARD,
    "delete_workflow_item": _BOARD,
    "dry_run_automation": _TRIAL,
    "dry_run_conditions": _TRIAL,
    "test_webhook_endpoint": _TEST,
    "test_integration": _TEST,
    "mark_notifications_read": _OWN,
    "set_notification_preferences": _OWN,
}


def log_of(caller: Tenant) -> dict[str, Any]:
    """The newest 100 records of the caller's audit log, by their ids."""
    return {each["id"]: each for each in caller.get("/audit-log", pageSize=100).data}
