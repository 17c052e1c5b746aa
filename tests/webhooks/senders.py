"""Machines that deliver to a webhook."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from tests.support.client import Body, Client, Headers, Response
from tests.support.tenants import Tenant


@dataclass(frozen=True)
class Sender:
    """What a machine knows of a webhook: where it is, and the secret."""

    client: Client
    webhook_id: str
    slug: str
    secret: str

    @property
    def path(self) -> str:
        """Where deliveries go."""
        return f"/api/hooks/{self.slug}"

    def post(self, body: Body, headers: Headers) -> Response:
        """Deliver with these headers and no others."""
        return self.client.request("POST", self.path, headers=headers, body=body)

    def signature(self, body: bytes) -> str:
        """The plain signature of a body."""
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def send(self, payload: Any, *, name: str = "x-webhook-signature") -> Response:
        """Deliver, signed as in the reference. Bytes go as they are."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.post(body, [("content-type", "application/json"), (name, self.signature(body))])

    def standard(self, body: bytes, *, message_id: str, at: float, others: str = "") -> Response:
        """Deliver, signed the Standard Webhooks way. ``others`` are further signatures."""
        return self.post(body, self.standard_headers(body, message_id=message_id, at=at, others=others))

    def standard_headers(self, body: bytes, *, message_id: str, at: float, others: str = "") -> list[tuple[str, str]]:
        """The three headers of Standard Webhooks."""
        key = b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{message_id}.{int(at)}.".encode() + body
        signature = "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return [
            ("webhook-id", message_id),
            ("webhook-timestamp", str(int(at))),
            ("webhook-signature", f"{others} {signature}".strip()),
        ]


def sender(caller: Tenant, client: Client, **fields: Any) -> Sender:
    """A new webhook of the tenant's, for its project unless another one is said."""
    made = caller.post("/webhooks", {"name": "CI", "projectId": caller.project_id, **fields}).data
    return Sender(client, made["id"], made["slug"], made["secret"])
