"""A browser, and somebody signed in in it."""

from collections.abc import Iterator
from shutil import which

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.live import LiveServer
from tests.support.tenants import Tenant
from userhero.workspaces.sessions import find_account, open_session

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
def jane(live_server: LiveServer) -> Tenant:
    """Who owns the workspace."""
    return live_server.tenant()


@pytest.fixture
def page(live_server: LiveServer, jane: Tenant) -> Iterator[Page]:
    """A page in which Jane is signed in. What it complains about, a broken content policy for one, fails the test."""

    def session() -> str:
        account = live_server.database.read(lambda tx: find_account(tx, jane.email))
        assert account is not None
        return live_server.database.write(lambda tx: open_session(tx, account))

    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=which("chromium"), args=list(FLAGS))
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": "userhero", "value": session(), "url": live_server.url}])
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
    assert complaints == []
