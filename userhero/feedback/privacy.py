"""What is kept of the context and the metadata that come with feedback, by the project's privacy settings.

Applied before anything is stored, promoted or announced (docs/api/projects.md, Privacy).
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec

from userhero.feedback.fields import KEY
from userhero.kernel.crypto import Keys
from userhero.projects import PrivacySettings

# Keys are compared in lower case without underscores and hyphens: page_url, pageUrl and PageURL are the same.
_PAGE = frozenset({"pageurl", "fullurl", "currenturl", "url", "uri", "page", "href", "pathname", "pagetitle"})
_REFERRER = frozenset({"referrer", "referer", "documentreferrer", "httpreferer"})
_BROWSER = frozenset(
    {"browser", "browsername", "browserversion", "os", "osname", "osversion", "operatingsystem", "platform"}
    | {"useragent", "ua", "useragentdata"}
)
_DEVICE = frozenset(
    {"device", "devicetype", "devicemodel", "devicename", "devicevendor", "devicepixelratio", "pixelratio"}
    | {"viewport", "viewportwidth", "viewportheight", "viewportsize", "orientation", "touch"}
    | {"screen", "screensize", "screenwidth", "screenheight", "screenresolution", "resolution"}
)
_TIMEZONE = frozenset({"timezone", "timezoneoffset", "tz", "utcoffset", "locale", "language", "languages", "lang"})
_COUNTRY = frozenset({"country", "countrycode"})
_PLACE = frozenset(
    {"location", "geo", "geolocation", "coordinates", "coords", "latitude", "longitude", "lat", "lng", "lon"}
    | {"city", "region", "postalcode", "postcode", "zip", "zipcode"}
)
_IP = frozenset({"ip", "ipaddress", "ipaddr", "clientip", "remoteip", "remoteaddress", "remoteaddr", "xforwardedfor"})
_IGNORED = re.compile(r"[_\-\s]")
_COUNTRY_CODE = re.compile(r"[A-Za-z]{2}", re.ASCII)
_DROPPED = object()

_read = msgspec.json.Decoder(PrivacySettings).decode
Mask = Callable[[Keys, Any], Any]


@lru_cache(maxsize=256)
def privacy(stored: str) -> PrivacySettings:
    """A project's settings from their stored text."""
    return _read(stored)


def kept_context(keys: Keys, settings: PrivacySettings, context: dict[str, Any] | None) -> dict[str, Any] | None:
    """The context without what the project does not keep, at any depth."""
    if not context:
        return None
    found: dict[str, Any] = _masked(keys, _masks(settings), context)
    return found


def kept_metadata(settings: PrivacySettings, metadata: dict[str, Any] | None) -> dict[str, Any] | None:
    """The metadata; where the project keeps none, only the values of its own fields."""
    if settings.custom_metadata or metadata is None:
        return metadata
    return {KEY: metadata[KEY]} if KEY in metadata else None


def _masked(keys: Keys, masks: dict[str, Mask], value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(keys, masks, entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, entry in value.items():
        mask = masks.get(_IGNORED.sub("", key.lower()))
        found = _masked(keys, masks, entry) if mask is None else mask(keys, entry)
        if found is not _DROPPED:
            kept[key] = found
    return kept


@lru_cache(maxsize=64)
def _masks(settings: PrivacySettings) -> dict[str, Mask]:
    """What happens to a value, by its key in the comparable spelling."""
    masks: dict[str, Mask] = dict.fromkeys(_IP, _hashed if settings.ip == "hashed" else _drop)
    masks |= dict.fromkeys(_PLACE, _country if settings.location == "country" else _drop)
    if settings.location == "off":
        masks |= dict.fromkeys(_COUNTRY, _drop)
    if settings.page_url != "full":
        masks |= dict.fromkeys(_PAGE, _path if settings.page_url == "path" else _drop)
    for kept, names in (
        (settings.referrer, _REFERRER),
        (settings.browser_and_os, _BROWSER),
        (settings.device_and_viewport, _DEVICE),
        (settings.timezone_and_locale, _TIMEZONE),
    ):
        if not kept:
            masks |= dict.fromkeys(names, _drop)
    return masks


def _drop(_keys: Keys, _value: Any) -> Any:
    return _DROPPED


def _hashed(keys: Keys, value: Any) -> Any:
    """The same address gives the same word, which says nothing of the address to others."""
    if not isinstance(value, str) or not value:
        return _DROPPED
    return keys.mark("ip address", value.encode()).hex()


def _path(_keys: Keys, value: Any) -> Any:
    """The path of a page's address: neither host nor query nor fragment."""
    if not isinstance(value, str):
        return _DROPPED
    try:
        return urlsplit(value).path
    except ValueError:
        return _DROPPED


def _country(_keys: Keys, value: Any) -> Any:
    """Of a place, only its country."""
    if isinstance(value, str):
        return value if _COUNTRY_CODE.fullmatch(value) else _DROPPED
    if not isinstance(value, dict):
        return _DROPPED
    kept = {key: entry for key, entry in value.items() if _IGNORED.sub("", key.lower()) in _COUNTRY}
    return kept if kept and all(isinstance(entry, str) for entry in kept.values()) else _DROPPED
