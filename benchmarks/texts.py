"""What people say in the data set: bodies for ``POST /feedback`` of realistic sizes, the same for the same seed."""

from random import Random
from typing import Any

RARE, COMMON = "quokka", "export"
_VOCABULARY = """
the the the a a to to and and of in is it for on with when I we my our this that not after before button page
list report invoice customer account login password screen mobile app browser chrome safari slow fast error
message loading timeout setting filter search sort column row table chart dashboard team member role project
widget comment reply email notification upload image file download csv pdf print date time zone currency
language german french translation dark mode contrast font keyboard shortcut menu icon click tap scroll drag
save cancel delete undo history version update release bug crash freeze blank missing wrong duplicate please
would could should love great nice annoying confusing expected instead always sometimes never again since
"""
_WORDS = _VOCABULARY.split()
_CATEGORIES = ("bug", "feature", "question", "praise", "billing")
_TAGS = ("ios", "android", "web", "urgent", "enterprise", "trial", "design", "speed", "checkout", "api", "vip")
_PAGES = ("/settings/team", "/reports/monthly", "/checkout/payment", "/projects/42/board", "/login", "/inbox")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
_PLANS = ("free", "starter", "growth", "enterprise")


class Writer:
    """Writes items of one project. ``people`` is how many senders there are."""

    def __init__(self, random: Random, workspace_id: str, project_id: str, people: int) -> None:
        self._random = random
        self._place = {"workspaceId": workspace_id, "projectId": project_id}
        self._people = people

    def body(self, *, rare: bool = False) -> dict[str, Any]:
        """One item; about 1.2 KB as lists show it. ``rare`` puts the rare word in, nothing else does."""
        random = self._random
        item: dict[str, Any] = {
            **self._place,
            "message": self._message(rare),
            "category": random.choice(_CATEGORIES),
            "tags": random.sample(_TAGS, random.choice((0, 1, 2, 2, 3))),
            "context": self._context(),
        }
        if random.random() < 0.4:
            item["rating"] = random.randint(1, 10)
        if random.random() < 0.3:
            item["priority"] = random.choice(("low", "medium", "high", "urgent"))
        if random.random() < 0.85:
            item["userEmail"] = f"person{random.randrange(self._people)}@customer{random.randrange(20)}.example.com"
        if random.random() < 0.5:
            item["customMetadata"] = {"plan": random.choice(_PLANS), "accountId": random.randrange(10_000), "seats": 12}
        return item

    def _message(self, rare: bool) -> str:
        random = self._random
        words = random.choices(_WORDS, k=max(5, min(300, int(random.lognormvariate(3.4, 0.6)))))
        if random.random() < 0.3:
            words[random.randrange(len(words))] = COMMON
        if rare:
            words[random.randrange(len(words))] = RARE
        return " ".join(words).capitalize() + "."

    def _context(self) -> dict[str, Any]:
        random = self._random
        return {
            "page": random.choice(_PAGES),
            "browser": _AGENT,
            "viewport": random.choice(("1920x1080", "1440x900", "390x844")),
            "locale": random.choice(("en-US", "de-DE", "fr-FR")),
            "appVersion": f"4.{random.randrange(20)}.{random.randrange(9)}",
        }
