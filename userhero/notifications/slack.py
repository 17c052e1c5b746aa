"""Messages for Slack: blocks in which others' words are words, whatever they hold."""

import re
from typing import Any

import msgspec

from userhero.kernel import clock
from userhero.kernel.crypto import Keys
from userhero.kernel.mail import Delayed, Outcome, Refused
from userhero.kernel.mail import Sent as Taken
from userhero.kernel.outbound import Outbound, OutboundError, RefusedTarget, Request
from userhero.notifications.actions.send import Result
from userhero.notifications.content import Content, read

# Slack cuts longer texts off, or refuses them.
_MAX_TEXT, _MAX_FALLBACK, _MAX_ENTRIES = 2900, 300, 20
_MAX_WAIT_SECONDS = 3600
_BUSY = frozenset({408, 425, 429})
_CALL = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What would make text bold, struck through or code is set apart from its word.
_FORMAT = re.compile(r"[*_~`]")
_encode = msgspec.json.Encoder().encode


def payload(content: Content, base_url: str) -> bytes:
    """The body of a request to an incoming webhook."""
    url = base_url + content.path if content.path and base_url else None
    title = _plain(content.title)
    head = f"*<{url}|{title}>*" if url else f"*{title}*"
    blocks: list[dict[str, Any]] = [_section({"type": "mrkdwn", "text": head, "verbatim": True})]
    words = [*content.paragraphs, *([content.quote] if content.quote else [])]
    words += [f"• {entry.title}" for entry in content.entries[:_MAX_ENTRIES]]
    left = content.more + max(0, len(content.entries) - _MAX_ENTRIES)
    if left:
        words.append(f"… and {left} more")
    # Plain text knows no links and no mentions.
    blocks += [_section({"type": "plain_text", "text": _safe(text)[:_MAX_TEXT], "emoji": False}) for text in words]
    blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": _safe(content.workspace)[:200]}]})
    fallback = _safe(content.title)[:_MAX_FALLBACK]
    return _encode({"text": fallback, "blocks": blocks, "unfurl_links": False, "unfurl_media": False})


def deliver(outbound: Outbound, keys: Keys, target: bytes | None, content: str, base_url: str) -> Result:
    """Send a message to the place that ``target`` names, sealed; None where the place is gone."""
    if target is None:
        return Result(Refused("The integration is gone."))
    request = Request(
        url=keys.unseal(target).decode(),
        headers=(("Content-Type", "application/json"),),
        body=payload(read(content), base_url),
    )
    try:
        answer = outbound.send(request)
    except RefusedTarget as error:
        return Result(Refused(error.message))
    except OutboundError as error:
        return Result(Delayed(error.message))
    said = f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}".strip()
    return Result(_judged(answer.status, said), _not_before(answer.header("retry-after")))


def _judged(status: int, said: str) -> Outcome:
    if 200 <= status <= 299:
        return Taken(said)
    return Delayed(said) if status in _BUSY or status >= 500 else Refused(said)


def _not_before(retry_after: str | None) -> str | None:
    if retry_after is None or not re.fullmatch(r"[0-9]{1,6}", retry_after, re.ASCII):
        return None
    return clock.shift(clock.now(), seconds=min(int(retry_after), _MAX_WAIT_SECONDS))


def _section(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": text}


def _safe(text: str) -> str:
    """Text in which nothing is a link or calls anybody (api.slack.com, escaping text)."""
    return _CALL.sub("@\u200b", text.replace("\0", "")).translate(_MARKUP)


def _plain(text: str) -> str:
    """The same for where text is formatted: on one line, in nothing but its own letters."""
    line = _FORMAT.sub(lambda found: f"\u200b{found[0]}\u200b", " ".join(text.split()))
    return _safe(line).replace("|", "\u200b|")
