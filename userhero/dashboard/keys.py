"""The keyboard: which keys do what. The overlay on the pages and docs/use/inbox.md show this list."""

from typing import NamedTuple


class Key(NamedTuple):
    """A key, where it works, and what it does."""

    key: str
    where: str
    does: str


LIST, ITEM, BOTH = "Inbox", "Item", "Everywhere"
KEYS = (
    Key("j", LIST, "Next item"),
    Key("k", LIST, "Item before"),
    Key("Enter", LIST, "Open the item"),
    Key("x", LIST, "Select the item, or don't"),
    Key("/", LIST, "Search"),
    Key("e", BOTH, "Status"),
    Key("p", BOTH, "Priority"),
    Key("a", BOTH, "Assignee"),
    Key("l", BOTH, "Tags"),
    Key("r", ITEM, "Reply"),
    Key("n", ITEM, "Internal note"),
    Key("m", ITEM, "Macro"),
    Key("u", ITEM, "Back to the inbox"),
    Key("?", BOTH, "Show these keys"),
)
