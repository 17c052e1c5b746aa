"""Mail as it arrives: an instance with a real mail server on this machine, and what that took."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.support.client import Client
from tests.support.mail_servers import Post
from tests.support.tenants import Tenant, Tenants
from tests.support.work import catch_up
from userhero.kernel.db import Database
from userhero.kernel.mail import Mailer
from userhero.notifications.actions.post import SEND


@dataclass(frozen=True)
class Mail:
    """A mail that the server took."""

    recipient: str
    message: EmailMessage

    def __getitem__(self, name: str) -> str:
        """The value of a header that is there once."""
        (found,) = self.message.get_all(name, [])
        return str(found)

    @property
    def text(self) -> str:
        """What it says in plain text."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """What it says in HTML."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    @property
    def unsubscribe_path(self) -> str:
        """Where it is ended."""
        found = re.fullmatch(r"<https://feedback\.example\.com(/unsubscribe/\S+)>", self["List-Unsubscribe"])
        assert found is not None, self["List-Unsubscribe"]
        return found[1]


@dataclass(frozen=True)
class Mails:
    """An instance that sends mail, with tenants and a hand on its background work. ``address`` is its database's."""

    database: Database
    client: Client
    tenant: Tenants
    office: Post
    address: str

    def catch_up(self) -> None:
        """Do what is due."""
        catch_up(self.database, SEND)

    def taken(self) -> list[Mail]:
        """What arrived."""
        return [
            Mail(each.recipient, message_from_bytes(each.content, _class=EmailMessage, policy=policy.default))
            for each in self.office.mails
        ]

    def only(self) -> Mail:
        """The one mail that arrived."""
        (found,) = self.taken()
        return found

    def outbox(self, owner: Tenant, **query: Any) -> list[Any]:
        """What the API shows, oldest first."""
        found = owner.get("/outbox", order="asc", pageSize=100, **query).data
        assert isinstance(found, list)
        return found

    @contextmanager
    def without_server(self) -> Iterator[None]:
        """Inside, there is no mail server in the settings."""
        mailer = self.database.mailer
        self.database.mailer = Mailer(None, None)
        try:
            yield
        finally:
            self.database.mailer = mailer
