"""Mails as strangers send them."""

import pytest

from userhero.kernel.mail.reading import Incoming, UnreadableMail, read_incoming

HEAD = "From: Ann <ann@example.org>\r\nTo: feedback@example.com\r\n"


def read(text: str | bytes) -> Incoming:
    return read_incoming(text if isinstance(text, bytes) else text.replace("\r\n", "\n").replace("\n", "\r\n").encode())


def refusal(data: str | bytes) -> str:
    with pytest.raises(UnreadableMail) as caught:
        read(data)
    return str(caught.value)


def multipart(kind: str, *parts: str, boundary: str = "b") -> str:
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inside}--{boundary}--\r\n'


def part(kind: str, content: str, *fields: str) -> str:
    return "\r\n".join([f"Content-Type: {kind}", *fields, "", content])
