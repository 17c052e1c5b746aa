"""The API described: the OpenAPI document with the product's words around the declared routes."""

from importlib.resources import files
from typing import Any

from userhero import __version__
from userhero.kernel.config import Settings
from userhero.kernel.http.openapi import build
from userhero.kernel.http.routing import RouteTable

PRODUCT = "UserHero"
SENTENCE = "Collect what people say about your product, sort it, answer it and show them what came of it."

_TAGS = {
    "Workspaces": "The tenant: everything belongs to a workspace, and a key works in some.",
    "Projects": "The products and apps that feedback is about, with their settings.",
    "Widgets": "What collects feedback in the product: forms with their settings and looks.",
    "Feedback": "What people said: record it, find it, triage it.",
    "Comments and notes": "The conversation with the customer, and the notes that only the team sees.",
    "Media": "Files for feedback and for conversations: images, sound, film.",
    "Customers": "Who said it: profiles made from the addresses that come with feedback.",
    "Automations": "Rules that act on feedback, and macros to run by hand.",
    "Incoming webhooks": "Addresses to which other systems send feedback, signed.",
}


def openapi_document(settings: Settings, routes: RouteTable) -> dict[str, Any]:
    """The OpenAPI 3.1 document. Its server is absolute where the settings name a public address."""
    return build(
        routes,
        title=f"{PRODUCT} API",
        version=__version__,
        description=(files("userhero.server") / "introduction.md").read_text("utf-8"),
        server_url=f"{settings.base_url if settings.public_url else ''}/api/v1",
        tags=_TAGS,
    )
