"""Static files under names that carry a hash of their content, so that a browser may keep them forever."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userhero.ui.content import Content

_FOREVER: Final = "public, max-age=31536000, immutable"
_MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)


class Assets:
    """The files of one directory, read once; a file of an unknown kind raises ``ValueError`` then."""

    def __init__(self, directory: Traversable, *, prefix: str = "/static") -> None:
        self.prefix = prefix
        self._served: dict[str, Content] = {}
        self._urls: dict[str, str] = {}
        for file in sorted(directory.iterdir(), key=lambda entry: entry.name):
            self._add(file)

    def _add(self, file: Traversable) -> None:
        path = PurePosixPath(file.name)
        if path.suffix not in _MEDIA_TYPES:
            raise ValueError(f"{file.name}: no media type is known for a static file of this kind")
        content = Content.of(file.read_bytes(), _MEDIA_TYPES[path.suffix])
        served_name = f"{path.stem}.{content.fingerprint}{path.suffix}"
        self._served[served_name] = content
        self._urls[file.name] = f"{self.prefix}/{served_name}"

    def url(self, name: str) -> str:
        """The address of a file by the name it has on disk; ``LookupError`` when there is no such file."""
        return self._urls[name]

    def routes(self) -> list[Route]:
        """The routes (GET and HEAD) that serve every file; an unknown or outdated name raises a 404."""
        return [Route(f"{self.prefix}/{{name}}", self._serve, methods=["GET"])]

    async def _serve(self, request: Request) -> Response:
        content = self._served.get(request.path_params["name"])
        if content is None:
            raise HTTPException(404, "There is no such file")
        return content.answer(request, cache_control=_FOREVER)


@cache
def interface_assets() -> Assets:
    """The style sheets, scripts and icons of the interface, read on first use."""
    return Assets(files("userhero.ui") / "static")
