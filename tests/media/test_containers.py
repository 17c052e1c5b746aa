"""What is inside a container decides between sound and film, however the container spells it."""

import pytest

from tests.media.samples import upload, webm
from tests.support.tenants import Tenants


def codec_name(codec: bytes, width: int) -> bytes:
    """A WebM element that names a codec; its length is written in ``width`` bytes, as any EBML writer may."""
    marker = 1 << (7 * width)
    return b"\x86" + (marker | len(codec)).to_bytes(width, "big") + codec


@pytest.mark.parametrize("width", range(1, 9))
@pytest.mark.parametrize(
    ("codecs", "kind"),
    [([b"A_OPUS"], "audio/webm"), ([b"A_VORBIS"], "audio/webm"), ([b"A_OPUS", b"V_VP9"], "video/webm")],
)
def test_the_tracks_of_a_webm_file(tenant: Tenants, codecs: list[bytes], kind: str, width: int) -> None:
    header = webm().partition(b"\x86")[0]
    content = header + b"".join(codec_name(codec, width) for codec in codecs)
    for declared in (None, "application/octet-stream"):
        assert upload(tenant(), content, name="recording.webm", declared=declared).data["contentType"] == kind
