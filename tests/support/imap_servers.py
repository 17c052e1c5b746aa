"""An IMAP server on this machine that does what fetching mail needs, and misbehaves where a test wants it to."""

import re
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.mail_servers import stranger

USER, PASSWORD = "replies@example.com", "corr%ect h:rse/bättery@staple"


@dataclass
class Kept:
    """A mail in the folder."""

    content: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Imap:
    """A folder. ``says`` replaces the answer to a command (``UID SEARCH``); ``heard`` is what clients asked for."""

    mails: dict[int, Kept] = field(default_factory=dict)
    says: dict[str, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    port: int = 0

    def add(self, content: bytes) -> Kept:
        """Put a mail into the folder."""
        kept = Kept(content)
        self.mails[len(self.mails) + 1] = kept
        return kept

    def talk(self, connection: socket.socket, _over: threading.Event) -> None:
        """One connection, to its end."""
        with connection.makefile("rb") as stream:
            connection.sendall(b"* OK ready\r\n")
            while line := stream.readline().decode("utf-8", "replace").rstrip("\r\n"):
                tag, _, command = line.partition(" ")
                self.heard.append(command)
                name = next((name for name in self.says if command.startswith(name)), None)
                if name is not None:
                    connection.sendall(self.says[name].replace(b"TAG", tag.encode()))
                elif command == "AUTHENTICATE PLAIN":
                    connection.sendall(b"+ \r\n")
                    self._end(connection, tag, ok=b64decode(stream.readline()) == f"\0{USER}\0{PASSWORD}".encode())
                else:
                    self._answer(connection, tag, command)

    def _answer(self, connection: socket.socket, tag: str, command: str) -> None:
        if command == "CAPABILITY":
            connection.sendall(f"* CAPABILITY {self.capabilities}\r\n".encode())
        elif command == "LOGOUT":
            connection.sendall(b"* BYE\r\n")
        elif command == 'SELECT "INBOX"':
            connection.sendall(f"* {len(self.mails)} EXISTS\r\n".encode())
        elif command == "UID SEARCH UNSEEN":
            unseen = [str(uid) for uid, mail in self.mails.items() if r"\Seen" not in mail.flags]
            connection.sendall(f"* SEARCH {' '.join(unseen)}".rstrip().encode() + b"\r\n")
        elif found := re.fullmatch(r"UID FETCH (\d+) \((RFC822\.SIZE|BODY\.PEEK\[\])\)", command):
            mail = self.mails[int(found[1])]
            begin = f"* {found[1]} FETCH (UID {found[1]} "
            if found[2] == "RFC822.SIZE":
                connection.sendall(f"{begin}RFC822.SIZE {len(mail.content)})\r\n".encode())
            else:
                connection.sendall(f"{begin}BODY[] {{{len(mail.content)}}}\r\n".encode() + mail.content + b")\r\n")
        elif found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", command):
            self.mails[int(found[1])].flags.update(found[2].split())
        else:
            self._end(connection, tag, ok=False)
            return
        self._end(connection, tag, ok=True)

    @staticmethod
    def _end(connection: socket.socket, tag: str, *, ok: bool) -> None:
        connection.sendall(f"{tag} {'OK' if ok else 'NO'} that is all\r\n".encode())


@contextmanager
def imap_server(tls: ssl.SSLContext | None = None) -> Iterator[Imap]:
    """A server; with ``tls`` it speaks that from the start."""
    server = Imap()

    def talk(connection: socket.socket, over: threading.Event) -> None:
        if tls is None:
            server.talk(connection, over)
            return
        with suppress(ssl.SSLError), tls.wrap_socket(connection, server_side=True) as encrypted:
            server.talk(encrypted, over)

    with stranger(talk) as port:
        server.port = port
        yield server
