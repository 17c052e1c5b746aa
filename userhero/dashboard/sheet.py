"""All that the page of an item shows."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from userhero.automations import list_macros
from userhero.conversations import Comment, Note
from userhero.customers import find_profile
from userhero.dashboard.choices import PRIORITIES, TYPES, find_choices
from userhero.dashboard.edits import shown
from userhero.dashboard.history import told
from userhero.dashboard.keys import KEYS
from userhero.dashboard.wording import TONES, ago, until
from userhero.feedback import Feedback, list_changes
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.media import Attachment, list_files
from userhero.workspaces import Access

_FIELDS = "customFields"
_DEFAULT_FIELDS = {"df_name": "Name", "df_email": "E-mail", "df_phone": "Phone", "df_company": "Company"}


class Said(NamedTuple):
    """A message of the conversation, or a note among them."""

    message: Comment | Note
    is_note: bool
    by_customer: bool
    text: str
    since: str


class Medium(NamedTuple):
    """A file of the item: its own, or an address elsewhere, of which only the host is shown."""

    title: str
    url: str
    file: Attachment | None
    host: str


def values_of(tx: Transaction, actor: Actor, access: Access, item: Feedback) -> dict[str, Any]:
    """What the template shows of an item, before anything was typed."""
    choices = find_choices(tx, access)
    project = choices.project(item.project_id)
    files = list_files(tx, item.id)
    return {
        "item": item,
        "project": project,
        "statuses": project.statuses if project else (),
        "choices": choices,
        "media": _media(item, files),
        "said": _said(item, tx.now),
        "last": item.customer_comments[-1].id if item.customer_comments else "",
        "customer": find_profile(tx, access, item.customer_id) if item.customer_id else None,
        "custom": _custom(item, {str(field.id): field.label for field in project.fields} if project else {}),
        "context": [(name, _plain(value)) for name, value in item.context.items()],
        "macros": list_macros(tx, actor, item.project_id) if access.role != "viewer" else [],
        "history": told(list_changes(tx, item.id), choices, tx.now),
        "since": ago(tx.now, item.created_at),
        "due": until(tx.now, item.due_date) if item.due_date else None,
        "is_late": item.status_category == "open" and item.due_date is not None and item.due_date <= tx.now,
        "fields": shown(item),
        "priorities": PRIORITIES,
        "types": TYPES,
        "tones": TONES,
        "keys": KEYS,
        "form_id": ids.new("form"),
        "typed": {},
        "wrong": {},
        "stale": (),
        "notice": "",
        "may_change": access.role != "viewer",
        "watches": actor.user_id in item.watcher_ids,
    }


def _said(item: Feedback, now: str) -> list[Said]:
    comments = [
        Said(each, False, each.author_type == "customer", each.message, ago(now, each.created_at))
        for each in item.customer_comments
    ]
    notes = [Said(each, True, False, each.content, ago(now, each.created_at)) for each in item.internal_notes]
    return sorted([*comments, *notes], key=lambda each: each.message.created_at)


def _media(item: Feedback, files: dict[str, Attachment]) -> list[Medium]:
    named = (
        ("Screenshot", item.screenshot_url),
        ("Attachment", item.attachment_url),
        ("Audio", item.audio_url),
        ("Video", item.video_url),
    )
    return [Medium(title, url, files.get(url), _host(url)) for title, url in named if url]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "elsewhere"
    except ValueError:
        return "elsewhere"


def _custom(item: Feedback, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Custom data in words: fields under their labels first, then whatever else came."""
    metadata = dict(item.custom_metadata or {})
    fields = metadata.pop(_FIELDS, None)
    found: dict[str, Any] = fields if isinstance(fields, dict) else {}
    titles = {**_DEFAULT_FIELDS, **labels}
    named = [(titles.get(name, name), _plain(value)) for name, value in found.items()]
    return [*named, *((name, _plain(value)) for name, value in metadata.items())]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else msgspec.json.encode(value).decode()
