"""``userhero retention``, and what sets it."""

from tests.cli.conftest import CommandLine


def test_how_long_feedback_is_kept(userhero: CommandLine) -> None:
    assert "There are no workspaces." in userhero("retention", "status").out
    workspace = userhero("setup", "--email", "jane@example.com", "--workspace", "Acme").json["workspaceId"]
    shown = {"workspaceId": workspace, "name": "Acme", "plan": "pro_max", "days": None, "due": 0}
    assert userhero("retention", "status", "--json").json == [shown]
    assert userhero("workspace", "set", workspace, "--retention-days", "30").json["retentionDays"] == 30
    assert userhero("retention", "status", "--json").json == [{**shown, "days": 30}]
    userhero("workspace", "set", workspace, "--retention-days", "-1", code=1)
    userhero("workspace", "set", workspace, "--retention-days", "0")
    assert userhero("retention", "status", "--json").json == [shown]
