"""The shell of every page, its components and static files, and the pages that need no slice of the product.

Others may use: `Templates` to render pages of their own on top of the shell, `interface_assets` for the style
sheets and scripts, `Content` to serve a page that never changes, `qr_path` to draw a QR code, and the two pages
made here.
"""

from userhero.ui.assets import Assets, interface_assets
from userhero.ui.content import Content
from userhero.ui.landing import Destination, render_landing
from userhero.ui.qr import qr_path
from userhero.ui.reference import render_reference
from userhero.ui.render import Templates

__all__ = [
    "Assets",
    "Content",
    "Destination",
    "Templates",
    "interface_assets",
    "qr_path",
    "render_landing",
    "render_reference",
]
