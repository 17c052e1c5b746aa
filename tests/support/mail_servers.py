"""Mail servers on this machine: a real one that says what it is told to, and some that nobody should deal with."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
USER, PASSWORD = "post@example.com", "corr%ect h:rse/bättery@staple"
# What a test says to one connection, and how it learns that the test is over.
Talk = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Taken:
    """A mail that a server took."""

    sender: str
    recipient: str
    options: list[str]
    content: bytes
    is_encrypted: bool
    user: str | None


@dataclass
class Post:
    """A server's mind: ``replies`` are what it says to MAIL, RCPT, DATA or RSET instead of 250, one after the other.

    ``on_command`` is called with each of these before there is an answer to it.
    """

    replies: dict[str, list[str]] = field(default_factory=dict)
    mails: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    on_command: Callable[[str], None] | None = None

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._say("MAIL")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._say("RCPT")

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return self._say("RSET")

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = self._say("DATA")
        if said.startswith("250"):
            login: bytes | None = getattr(session.auth_data, "login", None)
            self.mails.append(
                Taken(
                    sender=str(envelope.mail_from),
                    recipient=", ".join(envelope.rcpt_tos),
                    options=list(envelope.mail_options),
                    content=cast("bytes", envelope.original_content),
                    is_encrypted=bool(session.ssl),
                    user=None if login is None else login.decode(),
                )
            )
        return said

    def _say(self, command: str) -> str:
        if self.on_command is not None:
            self.on_command(command)
        waiting = self.replies.get(command)
        return waiting.pop(0) if waiting else "250 OK"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    right = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False, auth_data=data if right else None)


@contextmanager
def post_office(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
    international: bool = True,
    mechanisms: Sequence[str] = ("PLAIN", "LOGIN"),
    size: int = 1_000_000,
) -> Iterator[Post]:
    """A real server. ``starttls`` offers it, ``tls`` speaks it from the start, ``login`` asks for USER and PASSWORD."""
    post = Post()
    options: dict[str, Any] = {"enable_SMTPUTF8": international, "data_size_limit": size, "ident": "test"}
    if starttls is not None:
        options |= {"tls_context": starttls, "require_starttls": True}
    if login:
        unwanted = [name for name in ("PLAIN", "LOGIN") if name not in mechanisms]
        options |= {"auth_required": True, "authenticator": _authenticate, "auth_exclude_mechanism": unwanted}
        # TLS from the start does not count as TLS with this server.
        options["auth_require_tls"] = starttls is not None

    def answer() -> SMTP:
        post.connections += 1
        return SMTP(post, loop=loop, hostname="test", **options)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(answer, HOST, 0, ssl=tls))
    post.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """Stop listening, and leave nobody halfway."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def stranger(talk: Talk) -> Iterator[int]:
    """A server that does as it likes: ``talk`` is run for each connection. Yields the port."""
    over = threading.Event()
    listener = socket.create_server((HOST, 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            talk(connection, over)

    def listen() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=listen)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def script(*replies: str) -> Talk:
    """Says the first of the replies, and another one to each line it hears; hangs up after the last."""

    def talk(connection: socket.socket, _over: threading.Event) -> None:
        heard = connection.makefile("rb")
        for number, reply in enumerate(replies):
            if number and not heard.readline():
                return
            connection.sendall(reply.encode() + b"\r\n")

    return talk


@dataclass(frozen=True)
class Authority:
    """Who vouches for the servers of these tests; ``file`` is its certificate."""

    file: Path
    server: ssl.SSLContext

    def client(self) -> ssl.SSLContext:
        """Trusts what this authority vouches for, and nobody else."""
        return ssl.create_default_context(cafile=str(self.file))


def make_authority(folder: Path) -> Authority:
    """An authority, with a certificate for 127.0.0.1 and localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Post office")])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, both = folder / "authority.pem", folder / "server.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + file.read_bytes())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return Authority(file, server)
