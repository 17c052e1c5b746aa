"""How many examples a property is tried on."""

from hypothesis import settings

_USUAL = 100


def examples(count: int) -> settings:
    """So many in every run of the suite, and more in proportion with a profile that asks for more."""
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL))
