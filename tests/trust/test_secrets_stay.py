"""No secret is found where it does not belong: every act that makes one, on a server that logs all it can."""

import gzip
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.client import Response
from tests.support.live import LiveServer
from tests.support.visitors import Visitor
from tests.support.work import finish, settle
from userhero import workspaces
from userhero.kernel import ids
from userhero.records.actions.export import WRITE

Serve = Callable[..., LiveServer]
SMTP_PASSWORD, PASSWORD = "Sm7pPassw0rdOfTheServer", "Pa55 word of somebody"
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/SlackTokenOfTheChannel"
ENV = {
    "USERHERO_LOG_LEVEL": "debug",
    "USERHERO_SMTP_URL": f"smtp://mailer:{SMTP_PASSWORD}@127.0.0.1:9?tls=off",
    "USERHERO_MAIL_FROM": "userhero@example.com",
    "USERHERO_RATE_LIMIT": "1000000",
}


class Acts:
    """What is done on a server: the secrets that came of it, and the answers that may hold none."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.caller = server.tenant()
        self.secrets = {
            "API key": self.caller.api_key,
            "password": PASSWORD,
            "password of the mail server": SMTP_PASSWORD,
            "address of a channel": "SlackTokenOfTheChannel",
            "secret of the installation": (server.instance.data / "secret.key").read_text("ascii").strip(),
        }
        self.answers: list[Response] = []

    def do(self) -> None:
        """Everything that makes a secret, and what can go wrong with each."""
        self._sign_in()
        self._webhooks()
        self._export()
        self._go_wrong()
        settle(self.server.database)

    def _sign_in(self) -> None:
        email = f"{ids.new('p')}@example.com"

        def unit(tx: object) -> None:
            workspaces.create_user(tx, email=email, name="Pat", password=PASSWORD)  # type: ignore[arg-type]
            workspaces.set_member(tx, self.caller.workspace_id, email=email, role="owner")  # type: ignore[arg-type]

        self.server.database.write(unit)
        visitor = Visitor(self.server.client)  # type: ignore[arg-type]
        self.answers.append(visitor.post("/sign-in", {"email": email, "password": f"{PASSWORD}x"}))
        assert visitor.post("/sign-in", {"email": email, "password": PASSWORD}).status == 303
        self.secrets["session"] = visitor.cookies["userhero"]
        self.answers += [visitor.get("/app/nothing"), visitor.get("/app/account"), visitor.get("/sign-in?next=%00")]

    def _webhooks(self) -> None:
        caller = self.caller
        kept = {"headers": [("idempotency-key", "kept")]}
        hook = caller.post("/webhooks", {"name": "Shop", "projectId": caller.project_id}, **kept)
        again = caller.post("/webhooks", {"name": "Shop", "projectId": caller.project_id}, **kept)
        assert again.body == hook.body, "the answer with the secret is kept"
        self.secrets["secret of an incoming webhook"] = hook.data["secret"]
        endpoint = caller.post(
            "/webhook-endpoints", {"url": "https://hooks.example.invalid/x"}, headers=[("idempotency-key", "kept too")]
        ).data
        self.secrets["secret of an endpoint"] = endpoint["secret"]
        self.secrets["new secret of an endpoint"] = caller.post(
            f"/webhook-endpoints/{endpoint['id']}/rotate-secret", {}
        ).data["secret"]
        made = caller.post("/integrations", {"type": "slack", "name": "Team", "target": SLACK})
        assert made.status == 201, made
        self.answers += [made, caller.get("/integrations"), caller.get("/webhook-endpoints"), caller.get("/webhooks")]

    def _export(self) -> None:
        self.caller.new_feedback("Words", userEmail="somebody@example.com")
        export = self.caller.post("/exports", {}).data["id"]
        finish(self.server.database, WRITE)
        found = self.caller.get(f"/exports/{export}").data
        assert found["status"] == "done", found
        archive = self.server.client.request("GET", "/" + found["url"].split("/", 3)[3])
        assert archive.status == 200, archive
        self.archive = gzip.decompress(archive.body)

    def _go_wrong(self) -> None:
        """With secrets in the places where people put them by mistake."""
        caller = self.caller
        for secret in self.secrets.values():
            headers = [("authorization", f"Bearer {secret}x")]
            self.answers += [
                self.server.client.request("GET", "/api/v1/projects", headers=headers),
                self.server.client.request("GET", "/api/v1/projects", headers=[("x-api-key", secret)]),
                caller.request("POST", "/feedback", body=f'{{"key": "{secret}"'.encode()),
            ]
        self.answers += [caller.get("/audit-log"), caller.get("/events"), caller.get("/workspaces")]

    def found_in(self, text: bytes) -> list[str]:
        """The names of the secrets that are in some bytes."""
        spelled = {name: secret.encode() for name, secret in self.secrets.items()}
        # As it stands, or as PostgreSQL writes bytes.
        return [name for name, secret in spelled.items() if secret in text or secret.hex().encode() in text]


@pytest.fixture
def acts(serve: Serve) -> Acts:
    """Everything done, on a server that runs."""
    found = Acts(serve(env=ENV))
    found.do()
    return found


def stored(server: LiveServer, folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that the stopped server has stored: what is in a backup, and the files of its directory as they are, in which
    SQLite has freed bytes too.
    """
    with tarfile.open(folder / "backup.tar") as tar:
        tar.extractall(folder, filter="data")
    if server.instance.url is not None:
        restoring = ["pg_restore", f"--file={folder / 'text'}", str(folder / "database")]
        subprocess.run(restoring, check=True, timeout=60)
        (folder / "database").unlink()
    for place in (folder, server.instance.data):
        for file in place.rglob("*"):
            if file.is_file() and file.name not in ("secret.key", "backup.tar"):
                yield str(file), file.read_bytes()


@pytest.mark.case("KEY-03")
def test_no_secret_is_where_it_does_not_belong(acts: Acts, tmp_path: Path) -> None:
    """The log; every answer but the one that shows it; the database, with the answers kept for retries; the export; the
    backup, but for the file of the installation's secret.
    """
    server = acts.server
    for answer in acts.answers:
        assert acts.found_in(answer.body + repr(answer.headers).encode()) == [], answer
    assert acts.found_in(acts.archive) == []
    server.command("backup", str(tmp_path / "backup.tar"))
    server.stop()
    log = server.process.output()
    assert "listening" in log
    assert acts.found_in(log.encode()) == []
    for name, content in stored(server, tmp_path):
        assert acts.found_in(content) == [], name


@pytest.mark.case("KEY-03")
def test_the_search_finds_a_secret(acts: Acts, tmp_path: Path) -> None:
    """The control: what somebody writes down in the clear is found by the same search, in the backup too."""
    acts.caller.new_feedback(f"My key is {acts.caller.api_key}")
    acts.server.command("backup", str(tmp_path / "backup.tar"))
    acts.server.stop()
    assert {name for _, content in stored(acts.server, tmp_path) for name in acts.found_in(content)} == {"API key"}
