"""A page for people, made from an OpenAPI 3.1 document."""

from userhero.ui.reference.page import render_reference

__all__ = ["render_reference"]
