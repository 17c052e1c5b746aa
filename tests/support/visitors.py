"""Somebody with a browser: a session, and pages seen and forms sent as browsers do."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.client import Client, Headers, Response
from tests.support.tenants import Tenant
from userhero.kernel.db import Database
from userhero.workspaces.sessions import find_account, open_session

SAME_SITE: Headers = [("sec-fetch-site", "same-origin")]
FORM = ("content-type", "application/x-www-form-urlencoded")
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Visitor:
    """A browser with its cookies."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Response:
        """Open a page."""
        asked = f"?{urlencode(query)}" if query else ""
        return self._kept(self.client.request("GET", quote(path) + asked, headers=self._cookie()))

    def post(self, path: str, fields: dict[str, str], *, headers: Headers = SAME_SITE, **query: Any) -> Response:
        """Send a form."""
        sent = [*self._cookie(), FORM, *headers]
        asked = f"?{urlencode(query)}" if query else ""
        body = urlencode(fields).encode()
        return self._kept(self.client.request("POST", quote(path) + asked, headers=sent, body=body))

    def token_on(self, path: str) -> str:
        """The token in the forms of a page."""
        found = _TOKEN.search(self.get(path).body.decode())
        assert found is not None, f"{path} has no form"
        return found[1]

    def _cookie(self) -> list[tuple[str, str]]:
        return [("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))]

    def _kept(self, response: Response) -> Response:
        for line in response.all("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return response


def signed_in(database: Database, client: Client, person: Tenant) -> Visitor:
    """A browser in which somebody has signed in."""
    account = database.read(lambda tx: find_account(tx, person.email))
    assert account is not None
    return Visitor(client, {"userhero": database.write(lambda tx: open_session(tx, account))})


def text_of(page: Response) -> str:
    """The HTML of a page that was shown."""
    assert page.status == 200, page
    assert page.header("content-type") == "text/html; charset=utf-8"
    return page.body.decode()
