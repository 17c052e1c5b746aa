"""Reading JSON strictly (RFC 8259, and stricter): what two parsers could read differently is refused.

NaN and Infinity, duplicate keys, lone surrogates, NUL characters, nesting deeper than 64 and anything that is not
UTF-8 are errors; the message says which.
"""

import re
from typing import Any

import msgspec

from userhero.kernel.errors import BadRequest

MAX_DEPTH = 64
# A string that a colon follows can only be a key, so these can be counted without parsing. Values are matched as well,
# or the quote that ends one would begin another; and nothing is read twice, so a body takes as long as it is large.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"(\s*+:)?+')

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def parse(body: bytes) -> Any:
    """The value that ``body`` holds. Raises BadRequest where it is not strict JSON."""
    if not body:
        raise BadRequest("The request needs a JSON body.")
    try:
        value = _decode(body)
        keys = _inspect(value, 1)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from None
    except RecursionError:
        raise BadRequest(f"The body is not valid JSON: nested deeper than {MAX_DEPTH}.") from None
    if keys and keys != sum(map(bool, _STRING.findall(body))):
        raise BadRequest("The body is not valid JSON: an object has the same key twice.")
    return value


def canonical(value: Any) -> bytes:
    """One text for all the ways to write the same value: keys sorted, no white space."""
    return _encode(value)


def _inspect(value: Any, depth: int) -> int:
    """The number of keys in all objects of ``value``. Raises BadRequest for what must not be stored."""
    kind = type(value)
    if kind is str:
        _check_text(value)
        return 0
    if kind is not dict and kind is not list:
        return 0
    if depth > MAX_DEPTH:
        raise BadRequest(f"The body is not valid JSON: nested deeper than {MAX_DEPTH}.")
    if kind is list:
        return sum(_inspect(entry, depth + 1) for entry in value)
    keys = len(value)
    for key, entry in value.items():
        _check_text(key)
        keys += _inspect(entry, depth + 1)
    return keys


def _check_text(text: str) -> None:
    if "\0" in text:
        raise BadRequest("The body is not valid JSON: NUL characters are not accepted.")
    if not text.isascii():
        text.encode()
