"""Answers to mail as operators have them: over LMTP, by the process that does the background work."""

import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.test_serve import refused
from tests.support.databases import Instances
from tests.support.live import USERHERO, LiveServer, clean_environment, free_port
from tests.support.processes import Process
from userhero.notifications.answer_addresses import answer_address

Serve = Callable[..., LiveServer]
Taking = tuple[LiveServer, Process, int]
SAM, DOMAIN = "sam@example.org", "reply.example.com"


@pytest.fixture
def taking(instances: Instances, serve: Serve, tmp_path: Path) -> Iterator[Taking]:
    """A server, the process that takes mail, and on which port it does."""
    port = free_port()
    options = ["--reply-domain", DOMAIN, "--mail-listen", f"lmtp://127.0.0.1:{port}"]
    # All processes may be given the same settings.
    server = serve(instances.make(), options=options)
    if server.instance.url is None:
        yield server, server.process, port
        return
    words = [str(USERHERO), "worker", *server.place, *options]
    worker = Process(words, tmp_path / "worker.log", env=clean_environment())
    worker.wait_until(lambda: "taking mail" in worker.output())
    yield server, worker, port
    worker.kill()


def test_an_answer_arrives(taking: Taking) -> None:
    server, process, port = taking
    jane = server.tenant()
    item = jane.new_feedback(userEmail=SAM)
    address = answer_address(server.database.keys, DOMAIN, item["id"], "customer", SAM)
    with smtplib.LMTP("127.0.0.1", port, local_hostname="mx.example.org") as client:
        for _ in range(2):
            client.sendmail(SAM, address, f"From: {SAM}\r\nMessage-ID: <1@example.org>\r\n\r\nIt works now")
    (said,) = jane.get(f"/feedback/{item['id']}/comments").data
    assert (said["message"], said["authorType"]) == ("It works now", "customer")
    if process is server.process:
        metrics = server.client.request("GET", "/metrics").body.decode()
        assert 'userhero_mail_in_total{outcome="taken"} 1.0' in metrics
        assert 'userhero_mail_in_total{outcome="repeated"} 1.0' in metrics
    assert SAM not in process.output()
    assert process.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        smtplib.LMTP("127.0.0.1", port)


def test_a_port_that_somebody_has_stops_the_start(engine: str, instances: Instances, live_server: LiveServer) -> None:
    command = "serve" if engine == "sqlite" else "worker"
    place = f"smtp://127.0.0.1:{live_server.port}"
    said = refused(instances.make(), "--reply-domain", DOMAIN, "--mail-listen", place, command=command)
    assert f"can't take mail on 127.0.0.1 port {live_server.port}" in said
