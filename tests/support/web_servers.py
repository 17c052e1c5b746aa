"""Web servers on this machine that do what a test tells them to, good or bad, and certificates for them."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class WebServer:
    """A server as a test sees it. ``heard`` has the requests, ``over`` is set when the test is done with it."""

    host: str = HOST
    port: int = 0
    connections: int = 0
    sent: int = 0
    heard: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    last: tuple[str, int] | None = None

    def url(self, host: str | None = None, scheme: str = "http") -> str:
        """An address that leads here, under any name."""
        return f"{scheme}://{host or self.host}:{self.port}/hook"


# What is done with one connection.
Talk = Callable[[socket.socket, WebServer], None]


@contextmanager
def web_server(
    talk: Talk, *, host: str = HOST, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[WebServer]:
    """Runs ``talk`` for each connection, in a thread of its own. At the end every connection there was is counted."""
    listener = socket.create_server((host, port))
    server = WebServer(host, listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        server.connections += 1
        threads.append(threading.Thread(target=_serve, args=(connection, server, talk, tls)))
        threads[-1].start()

    accepting = threading.Thread(target=_accept, args=(listener, server, serve))
    accepting.start()
    try:
        yield server
    finally:
        server.over.set()
        _connect_last(server)
        accepting.join()
        listener.close()
        for thread in threads:
            thread.join()


def _connect_last(server: WebServer) -> None:
    """They are accepted in the order in which they came: after this one there is none left."""
    with socket.socket() as last:
        last.bind((server.host, 0))
        server.last = last.getsockname()
        last.connect((server.host, server.port))


def _accept(listener: socket.socket, server: WebServer, serve: Callable[[socket.socket], None]) -> None:
    while True:
        connection, peer = listener.accept()
        if peer == server.last:
            connection.close()
            return
        serve(connection)


def _serve(connection: socket.socket, server: WebServer, talk: Talk, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        connection.settimeout(20)
        if tls is None:
            talk(connection, server)
        else:
            with tls.wrap_socket(connection, server_side=True) as encrypted:
                talk(encrypted, server)


def read_request(connection: socket.socket) -> bytes:
    """One whole request."""
    content = b""
    while b"\r\n\r\n" not in content:
        content += _some(connection)
    head, _, body = content.partition(b"\r\n\r\n")
    size = next(
        (line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), b"0"
    )
    while len(body) < int(size):
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    content = connection.recv(65536)
    if not content:
        raise ConnectionError("hung up in the middle of a request")
    return content


def answer(*parts: bytes) -> Talk:
    """Hears a request, says the parts, hangs up."""

    def talk(connection: socket.socket, server: WebServer) -> None:
        server.heard.append(read_request(connection))
        for part in parts:
            connection.sendall(part)

    return talk


def endless(start: bytes, part: bytes) -> Talk:
    """Hears a request, says ``start`` and then ``part`` until nobody listens any more, or 100 MiB are said."""

    def talk(connection: socket.socket, server: WebServer) -> None:
        server.heard.append(read_request(connection))
        connection.sendall(start)
        while not server.over.is_set() and server.sent < 100 * 1024 * 1024:
            connection.sendall(part)
            server.sent += len(part)

    return talk


def drip(start: bytes, byte: bytes) -> Talk:
    """Hears a request, says ``start`` and then a byte 50 times a second, for as long as anybody listens."""

    def talk(connection: socket.socket, server: WebServer) -> None:
        server.heard.append(read_request(connection))
        connection.sendall(start)
        while not server.over.wait(0.02):
            connection.sendall(byte)

    return talk


def silent(connection: socket.socket, server: WebServer) -> None:
    """Hears nothing and says nothing."""
    del connection
    server.over.wait(20)


@dataclass(frozen=True)
class Identity:
    """A certificate that vouches for itself: ``server`` shows it, ``client()`` trusts it and no other."""

    file: Path
    server: ssl.SSLContext
    asked_for: list[str | None]

    def client(self) -> ssl.SSLContext:
        """A client's trust."""
        return ssl.create_default_context(cafile=str(self.file))


def make_identity(folder: Path, names: Sequence[str], *, expired: bool = False) -> Identity:
    """A certificate for names and addresses. ``asked_for`` gets the name that each client asks for (SNI)."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime(2020, 1, 1, tzinfo=UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Web server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1 if expired else 36500))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    file, both = folder / "certificate.pem", folder / "server.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + file.read_bytes())
    asked_for: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    server.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    return Identity(file, server, asked_for)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
