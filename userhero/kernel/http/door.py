"""What a browser brings: the cookies that say who and where it was, and forms; and whose requests are taken."""

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect
from starlette.requests import Request as PageRequest
from starlette.responses import Response

from userhero.kernel.crypto import digest
from userhero.kernel.errors import BadRequest, Forbidden
from userhero.kernel.http.patience import within
from userhero.kernel.http.request import BODY_SECONDS

MAX_FORM, MAX_FIELDS = 256 * 1024, 600


class Door:
    """The cookie, and whose requests are taken."""

    def __init__(self, base_url: str) -> None:
        self._own = urlsplit(base_url).netloc
        self._is_secure = base_url.startswith("https:")
        # The prefix binds it to this host and to HTTPS (RFC 6265bis, 4.1.3).
        prefix = "__Host-" if self._is_secure else ""
        self._cookie, self._device = f"{prefix}userhero", f"{prefix}userhero-device"
        self._place = f"{prefix}userhero-place"

    def token(self, request: PageRequest) -> str:
        """The session's token; empty where none came."""
        return request.cookies.get(self._cookie, "")

    def keep(self, response: Response, token: str, days: int) -> None:
        """Give the browser a session's token; an empty one takes it away."""
        self._set(response, self._cookie, token, days)

    def remembered(self, request: PageRequest) -> str:
        """What ``remember`` gave this browser; empty where it gave nothing."""
        return request.cookies.get(self._device, "")

    def remember(self, response: Response, value: str) -> None:
        """Let the browser show for a year whose it is. It opens nothing."""
        self._set(response, self._device, value, 365)

    def last_place(self, request: PageRequest) -> str:
        """The workspace whose pages this browser showed last, if it says so; whether it may is another matter."""
        return request.cookies.get(self._place, "")

    def keep_place(self, response: Response, workspace_id: str) -> None:
        """Let the browser show for a year which workspace was open last."""
        self._set(response, self._place, workspace_id, 365)

    def _set(self, response: Response, name: str, value: str, days: int) -> None:
        response.set_cookie(
            name, value, max_age=days * 86_400, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def check_origin(self, request: PageRequest) -> None:
        """Raises Forbidden for what another site's page has sent: every browser says whose page it was."""
        site = request.headers.get("sec-fetch-site")
        named = urlsplit(request.headers.get("origin", "")).netloc
        is_own = named != "" and named in (self._own, request.headers.get("host", ""))
        # Browsers leave the first out where the connection is not secure.
        if site != "same-origin" and (site is not None or not is_own):
            raise Forbidden("This was sent from a page of another site, and nothing was done.")


def form_token(token: str) -> str:
    """What each form of a session carries: nobody can make it who does not know the session's token."""
    return digest(f"form {token}")


async def read_form(request: PageRequest) -> dict[str, str]:
    """The fields of a form (application/x-www-form-urlencoded), each once. Raises BadRequest for anything else, for
    NUL characters, and for more than 256 KiB or 600 fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _read(request)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise BadRequest("The form can't be read.") from None
    fields = dict(pairs)
    if kind != "application/x-www-form-urlencoded" or len(fields) != len(pairs) or b"%00" in body or b"\0" in body:
        raise BadRequest("The form can't be read.")
    return fields


async def _read(request: PageRequest) -> bytes:
    body = b""
    with within(BODY_SECONDS) as waiting:
        try:
            async for part in request.stream():
                body += part
                if len(body) > MAX_FORM:
                    raise BadRequest("The form is too large.")
        except ClientDisconnect:
            raise BadRequest("The form came only in part.") from None
    if waiting.expired:
        raise BadRequest("The form took too long to come.")
    return body
