"""docs/use/members.md says who may do what: held against what every page of the product declares."""

from pathlib import Path

import pytest

from userhero.server.composition import PAGES
from userhero.workspaces.types import API_ROLES, ROLES, Role

TEXT = (Path(__file__).parents[2] / "docs" / "use" / "members.md").read_text("utf-8")
_W = "/app/{workspace_id}"
_VIEW, _AUTOMATION, _OUTBOX = f"{_W}/views/{{view_id}}", f"{_W}/automations/{{automation_id}}", f"{_W}/outbox"
_MEMBER, _INVITATION = f"{_W}/members/{{user_id}}", f"{_W}/invitations/{{invitation_id}}"
_ITEM = f"{_W}/feedback/{{feedback_id}}"
# For each row, the pages that it is about. Every page of a workspace is in one: a new one needs a row, or a place here.
ROWS = {
    "Read the inbox and items": [f"GET {_W}/inbox", f"GET {_ITEM}"],
    "Change items, one or many": [f"POST {_W}/inbox", f"POST {_ITEM}"],
    "Reply, write notes, watch, run macros": [f"POST {_ITEM}/{each}" for each in ("reply", "note", "watch", "macro")],
    "Save, change and delete views of one's own": [
        f"GET {_W}/views", f"POST {_W}/views", f"POST {_VIEW}", f"POST {_VIEW}/filters", f"POST {_VIEW}/move",
        f"POST {_VIEW}/delete",
    ],
    "See which automations there are": [f"GET {_W}/automations"],
    "Make, try, change, turn on and off, delete automations": [
        f"GET {_W}/automations/new", f"POST {_W}/automations/new", f"GET {_AUTOMATION}", f"POST {_AUTOMATION}",
        f"POST {_AUTOMATION}/switch", f"POST {_AUTOMATION}/delete",
    ],
    "See the outbox, and send again": [
        f"GET {_OUTBOX}", f"GET {_OUTBOX}/{{outbox_id}}", f"POST {_OUTBOX}/{{outbox_id}}/again",
    ],
    "See who is a member": [f"GET {_W}/members"],
    "Leave the workspace": [f"GET {_W}/leave", f"POST {_W}/leave"],
    "Invite, send again, withdraw": [f"POST {_W}/members", f"POST {_INVITATION}/again", f"POST {_INVITATION}/withdraw"],
    "Change roles, remove members": [f"POST {_MEMBER}/role", f"GET {_MEMBER}/remove", f"POST {_MEMBER}/remove"],
    "See what is used of the plan": [f"GET {_W}/usage"],
    "Read the audit log": [f"GET {_W}/audit-log"],
}  # fmt: skip
# Finer than pages are: an action looks at whose it is, and its own tests hold it to this.
FINER: dict[str, Role] = {
    "Share views, and change those one has made": "member",  # tests/dashboard/test_views.py
    "Change or delete shared views of others": "admin",  # tests/dashboard/test_views.py
    "Make and unmake owners, by role, removal or invitation": "owner",  # tests/workspaces
    "Use the API with one's own key": "admin",  # tests/http/test_authorization.py
}
DECLARED = {f"{page.method} {page.path}": page.role for page in PAGES if page.role is not None}


def table() -> dict[str, str]:
    """The least role of each row, as the page says it."""
    part = TEXT.partition("\n## Who may do what\n")[2].partition("\n## ")[0]
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")
    ]
    assert [each.lower() for each in lines[0][1:]] == list(ROLES)
    found: dict[str, str] = {}
    for what, *answers in lines[2:]:
        may = [role for role, answer in zip(ROLES, answers, strict=True) if answer == "yes"]
        assert set(answers) <= {"yes", "no"}, what
        assert may == list(ROLES[: len(may)]), f"{what}: who is more may do no less"
        assert what not in found
        found[what] = may[-1]
    return found


def test_every_page_of_a_workspace_is_in_one_row() -> None:
    named = [page for pages in ROWS.values() for page in pages]
    assert sorted(named) == sorted(DECLARED)


def test_every_row_is_about_something() -> None:
    assert sorted(table()) == sorted([*ROWS, *FINER])


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_what_its_pages_declare(row: str) -> None:
    assert {page: DECLARED[page] for page in ROWS[row]} == dict.fromkeys(ROWS[row], table()[row])


@pytest.mark.parametrize("row", FINER)
def test_a_finer_row_says_what_its_action_looks_at(row: str) -> None:
    assert table()[row] == FINER[row]
    assert ("admin" in API_ROLES, "member" in API_ROLES) == (True, False)
