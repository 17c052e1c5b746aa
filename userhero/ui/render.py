"""Templates as functions from names and values to HTML."""

from collections.abc import Sequence
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from userhero.ui.assets import Assets, interface_assets


class Templates:
    """Every template of some packages, compiled when this is made, so that a broken one stops the start.

    Escaping is always on, and a name that a template uses but nobody gave raises ``UndefinedError``.
    """

    def __init__(self, packages: Sequence[str], assets: Assets) -> None:
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in packages]),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.url
        self._templates = {name: self._environment.get_template(name) for name in self._environment.list_templates()}

    def render(self, name: str, /, **values: object) -> str:
        """The HTML of a template; ``LookupError`` when there is none of that name."""
        return self._templates[name].render(values)


@cache
def interface_templates() -> Templates:
    """The shell, the components and the pages that need no other slice."""
    return Templates(["userhero.ui"], interface_assets())
