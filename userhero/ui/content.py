"""Answers that never change while the process lives: compressed once, told apart by a hash of their bytes."""

import gzip
import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

_FINGERPRINT_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes with their media type, kept in memory both plain and gzipped."""

    plain: bytes
    gzipped: bytes
    media_type: str
    fingerprint: str

    @classmethod
    def of(cls, body: bytes | str, media_type: str) -> "Content":
        """Take ``body`` (text is encoded as UTF-8) as it will be served; compressing happens here, once."""
        plain = body.encode() if isinstance(body, str) else body
        fingerprint = hashlib.sha256(plain).hexdigest()[:_FINGERPRINT_LENGTH]
        return cls(plain, gzip.compress(plain, compresslevel=9, mtime=0), media_type, fingerprint)

    def answer(self, request: Request, *, cache_control: str) -> Response:
        """Serve the variant that the client accepts; 304 without a body when the client has it already."""
        compressed = _accepts_gzip(request.headers.get("accept-encoding", ""))
        # A strong tag names bytes, so the two encodings can't share one.
        etag = f'"{self.fingerprint}-gzip"' if compressed else f'"{self.fingerprint}"'
        headers = {
            "cache-control": cache_control,
            "etag": etag,
            "vary": "Accept-Encoding",
            "x-content-type-options": "nosniff",
        }
        if _matches(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        if compressed:
            headers["content-encoding"] = "gzip"
        return Response(self.gzipped if compressed else self.plain, headers=headers, media_type=self.media_type)


def _accepts_gzip(accept_encoding: str) -> bool:
    weights: dict[str, float] = {}
    for entry in accept_encoding.lower().split(","):
        coding, _, parameters = entry.partition(";")
        name, _, weight = parameters.strip().partition("=")
        try:
            weights[coding.strip()] = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _matches(if_none_match: str, etag: str) -> bool:
    candidates = (candidate.strip().removeprefix("W/") for candidate in if_none_match.split(","))
    return any(candidate in ("*", etag) for candidate in candidates)
