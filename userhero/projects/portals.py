"""Merging changes into privacy and portal settings, and the names of public portals."""

from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict, Invalid
from userhero.projects.portal_settings import (
    Branding,
    BrandingChange,
    EmbeddedPortal,
    EmbeddedPortalChange,
    PublicPortal,
    PublicPortalChange,
)
from userhero.projects.settings import PrivacyChange, PrivacySettings
from userhero.projects.slugs import slugs
from userhero.projects.tables import portal_slugs

S = TypeVar("S", bound=msgspec.Struct)

_s = portal_slugs
_CLAIM = Statement(
    insert(_s)
    .values(slug=bindparam("slug"), project_id=bindparam("project"))
    .on_conflict_do_nothing(index_elements=[_s.c.slug])
)
_OWNER = Statement(select(_s.c.project_id).where(_s.c.slug == bindparam("slug")))
_RELEASE = Statement(delete(_s).where(_s.c.project_id == bindparam("project"), _s.c.slug != bindparam("kept")))


def changed_privacy(stored: str, change: PrivacyChange) -> PrivacySettings:
    """The settings with those that the change names replaced."""
    return _merged(msgspec.json.decode(stored, type=PrivacySettings), change)


def changed_embedded_portal(stored: str | None, change: EmbeddedPortalChange | None) -> EmbeddedPortal | None:
    """The settings with those that the change names replaced; None takes them away."""
    if change is None:
        return None
    return _merged(msgspec.json.decode(stored, type=EmbeddedPortal) if stored else EmbeddedPortal(), change)


def changed_public_portal(
    tx: Transaction, project_id: str, name: str, stored: str | None, change: PublicPortalChange | None
) -> PublicPortal | None:
    """The settings with those that the change names replaced; None takes them away and gives the slug up.

    An enabled portal without a slug gets one made from the project's name. Raises Conflict where another project has
    the slug, Invalid for a logo that is no web address.
    """
    if change is None:
        tx.run(_RELEASE, project=project_id, kept="")
        return None
    portal = msgspec.json.decode(stored, type=PublicPortal) if stored else PublicPortal()
    branding = portal.branding if change.branding is UNSET else _changed_branding(portal.branding, change.branding)
    portal = _merged(portal, msgspec.structs.replace(change, branding=branding))
    if portal.slug is not None:
        _take(tx, project_id, portal.slug)
    elif portal.enabled:
        made = next(slug for slug in slugs(name, "portal") if _is_claimed(tx, project_id, slug))
        portal = msgspec.structs.replace(portal, slug=made)
    tx.run(_RELEASE, project=project_id, kept=portal.slug or "")
    return portal


def _changed_branding(branding: Branding, change: BrandingChange) -> Branding:
    if isinstance(change.logo_url, str):
        try:
            parts = urlsplit(change.logo_url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            sound = False
        if not sound or not change.logo_url.isprintable() or " " in change.logo_url:
            raise Invalid("publicPortal.branding.logoUrl", "must be an absolute http or https address")
    return _merged(branding, change)


def _merged(stored: S, change: msgspec.Struct) -> S:
    named = {name: getattr(change, name) for name in change.__struct_fields__}
    return msgspec.structs.replace(stored, **{name: value for name, value in named.items() if value is not UNSET})


def _take(tx: Transaction, project_id: str, slug: str) -> None:
    if not _is_claimed(tx, project_id, slug):
        raise Conflict(f"Another portal is called {slug} already.")


def _is_claimed(tx: Transaction, project_id: str, slug: str) -> bool:
    """True where the slug was free, or the project's own, and is the project's now."""
    return bool(tx.run(_CLAIM, slug=slug, project=project_id)) or tx.value(_OWNER, slug=slug) == project_id
