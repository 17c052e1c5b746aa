"""Records of items that are history, checked and made into rows: by the rules of ``submit_feedback``, and some more."""

from typing import Any, NamedTuple

import msgspec

from userhero.conversations import PastMessage
from userhero.customers import Contact, find_phone
from userhero.feedback import values
from userhero.feedback.actions.import_words import Spoken, Thread, spoken
from userhero.feedback.actions.submit import URLS, starts_public
from userhero.feedback.deadlines import first_deadlines, is_missed, sla_of
from userhero.feedback.fields import with_checked_fields
from userhero.feedback.import_types import ImportItem, Load
from userhero.feedback.privacy import kept_context, kept_metadata, privacy
from userhero.feedback.promotion import Sender, promoted
from userhero.feedback.rules import Rules
from userhero.feedback.types import Source
from userhero.kernel import clock, ids
from userhero.kernel.db import Transaction
from userhero.projects import Category, hold_project, statuses
from userhero.workspaces import Teammate, enter_named, find_teammate, retention_days

SOURCE: Source = "import"
_MAX_NAME = 200


class Prepared(NamedTuple):
    """A record that breaks no rule: its row without what the batch as a whole decides, who sent it, what was said."""

    item: ImportItem
    row: dict[str, Any]
    contact: Contact
    messages: list[PastMessage]


def _addresses(item: ImportItem, rules: Rules) -> dict[str, str | None]:
    given = {name: getattr(item, name) for name in URLS}
    return {name: text and rules.keep(values.url, URLS[name], text) for name, text in given.items()}


class Target:
    """A project that items are brought to; nobody changes it until the unit ends."""

    def __init__(self, tx: Transaction, load: Load) -> None:
        self._tx = tx
        self.access = enter_named(tx, load.actor, load.workspace_id)
        self.project = hold_project(tx, self.access, load.project_id)
        self._statuses: dict[str, Category] = {each.id: each.category for each in statuses(self.project.statuses)}
        self._privacy = privacy(self.project.privacy_settings)
        self._public = starts_public(self.project)
        days = retention_days(tx, self.access.workspace_id)
        self._days = days
        self._kept_since = None if days is None else clock.shift(tx.now, days=-days)
        self._members: dict[str, Teammate | None] = {}

    def member(self, email: str) -> Teammate | None:
        """The member with this address, or None."""
        address = email.strip().lower()
        if address not in self._members:
            self._members[address] = find_teammate(self._tx, self.access.workspace_id, address)
        return self._members[address]

    def prepare(self, item: ImportItem) -> Prepared:
        """The record as it is stored. Raises BadRequest with a detail for each rule that it breaks."""
        rules = Rules()
        row = {"id": ids.new("fb"), **self._described(item, rules), **self._dated(item, rules)}
        row |= self._triaged(item, rules, row["created_at"])
        said = spoken(item, Thread(self.access.workspace_id, row["id"], row["created_at"]), self.member, rules)
        sender = self._sender(item, rules, row.pop("metadata"))
        rules.enforce()
        row |= {"user_name": sender.name, "user_email": sender.email, "user_phone": sender.phone}
        row |= self._deadlines(item, row, said)
        row["updated_at"] = max(row["created_at"], row["updated_at"] or said.last_at or "")
        row["last_customer_reply_at"] = said.last_reply_at
        phone = None if sender.phone is None else find_phone(sender.phone)
        return Prepared(item, row, Contact(sender.email, phone, sender.name, SOURCE), said.messages)

    def _described(self, item: ImportItem, rules: Rules) -> dict[str, Any]:
        rules.keep(values.check_size, "context", item.context)
        rules.keep(values.check_size, "customMetadata", item.custom_metadata)
        metadata = rules.keep(with_checked_fields, self.project, item.custom_metadata)
        metadata = kept_metadata(self._privacy, metadata)
        context = kept_context(self._tx.keys, self._privacy, item.context)
        tags = rules.keep(values.tags, item.tags)
        return {
            "workspace_id": self.access.workspace_id,
            "project_id": self.project.id,
            "widget_id": "api",
            "message": rules.keep(values.message, item.message),
            "category": values.category(item.category),
            "rating": values.rating(item.rating),
            "tags": msgspec.json.encode(tags).decode() if tags else "[]",
            "priority": item.priority,
            **_addresses(item, rules),
            "context": values.json_object(context) or "{}",
            "custom_metadata": values.json_object(metadata),
            "metadata": metadata,
            "is_public": self._public if item.is_public is None else item.is_public,
            "customer_comments_enabled": self.project.customer_comments_enabled,
            "source": SOURCE,
            "votes": item.votes or 0,
        }

    def _dated(self, item: ImportItem, rules: Rules) -> dict[str, Any]:
        created_at = rules.keep(values.time, "createdAt", item.created_at) or self._tx.now
        if created_at > self._tx.now:
            rules.broken("createdAt", "must not be in the future")
        if self._kept_since is not None and created_at < self._kept_since:
            rules.broken("createdAt", f"is older than the {self._days} days for which the workspace keeps feedback")
        updated_at = rules.keep(values.time, "updatedAt", item.updated_at)
        if updated_at is not None and updated_at > self._tx.now:
            rules.broken("updatedAt", "must not be in the future")
        return {"created_at": created_at, "updated_at": updated_at}

    def _triaged(self, item: ImportItem, rules: Rules, created_at: str) -> dict[str, Any]:
        status = item.status or "new"
        category = self._statuses.get(status)
        if category is None:
            rules.broken("status", f"is not a status of the project; it knows {', '.join(self._statuses)}")
        resolved_at = rules.keep(values.time, "resolvedAt", item.resolved_at)
        assignee = None if item.assignee_email is None else self.member(item.assignee_email)
        if item.assignee_email is not None and assignee is None:
            rules.broken("assigneeEmail", "must be the address of a member of the workspace")
        since = rules.keep(values.time, "updatedAt", item.updated_at) or created_at
        return {
            "status": status,
            "status_category": category,
            "assignee_id": None if assignee is None else assignee.user_id,
            "resolved_at": (resolved_at or since) if category == "resolved" else resolved_at,
            "pending_since": since if category == "pending" else None,
            "due_date": rules.keep(values.time, "dueDate", item.due_date),
        }

    def _deadlines(self, item: ImportItem, row: dict[str, Any], said: Spoken) -> dict[str, Any]:
        """As they would have been reckoned then. What has passed since is missed already: nobody is warned of it."""
        found = first_deadlines(self.project, item.priority, row["created_at"])
        by_hand = row["due_date"]
        if by_hand is not None:
            found |= {"due_date": by_hand, "warn_at": sla_of(self.project).warn_at(by_hand)}
        now, category, response_due = self._tx.now, row["status_category"], found["response_due_at"]
        if found["warn_at"] is not None and found["warn_at"] <= now:
            found["warn_at"] = None
        return {
            **found,
            "due_date_by_hand": by_hand is not None,
            "sla_breached": bool(item.sla_breached) or is_missed(found["due_date"], category, now),
            "responded_at": said.first_answer_at,
            "response_breached": said.first_answer_at is None and is_missed(response_due, category, now),
        }

    def _sender(self, item: ImportItem, rules: Rules, metadata: dict[str, Any] | None) -> Sender:
        found = promoted(metadata, rules.keep(values.email, item.user_email))
        phone = None if item.user_phone is None else item.user_phone.strip()
        if phone and find_phone(phone) is None:
            rules.broken("userPhone", "must be a phone number")
        name = (item.user_name or "").strip()[:_MAX_NAME]
        return Sender(name or found.name, found.email, phone or found.phone)
