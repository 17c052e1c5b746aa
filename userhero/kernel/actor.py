"""Who is asking, and from where."""

from typing import Literal, NamedTuple

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """A caller that proved who they are.

    ``user_id`` owns the credential; ``credential_id`` is the key or session itself; ``scopes`` is what it may do.
    ``via`` says how they came: with an API key, signed in, at the command line, by answering a mail, or as a rule that
    fires by itself.
    ``last_used_at`` is when the use of the credential was last recorded, ``expires_at`` when it ends, if it does.
    """

    user_id: str
    name: str
    email: str
    credential_id: str
    scopes: frozenset[str]
    via: Literal["key", "session", "operator", "mail", "system"] = "key"
    last_used_at: str | None = None
    expires_at: str | None = None

    def may(self, scope: str) -> bool:
        """True where ``scope`` (``feedback:read``) is the actor's. ``write`` brings ``read``, never ``delete``."""
        if scope in self.scopes:
            return True
        resource, _, verb = scope.partition(":")
        return verb == "read" and f"{resource}:write" in self.scopes


class Origin(NamedTuple):
    """Where a request came from, as far as that is kept; see ``kernel.http.origin``."""

    request_id: str | None = None
    address: str | None = None
    user_agent: str | None = None


# Whoever runs the server, at its command line. They need no scopes there.
OPERATOR = Actor("operator", "Operator", "", "operator", frozenset(), "operator")
