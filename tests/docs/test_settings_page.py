"""The list of settings for operators is the list that the program knows."""

from pathlib import Path

from userhero.kernel.config import SETTINGS

PAGE = Path(__file__).parents[2] / "docs" / "operate" / "settings.md"


def test_the_page_lists_every_setting_as_it_is() -> None:
    rows = ["| Variable | Option | Value | Default | What it does |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        option = f"`{setting.option}`" if setting.option else ""
        default = f"`{setting.default}`" if setting.default else ""
        rows.append(f"| `{setting.variable}` | {option} | {setting.kind} | {default} | {setting.help} |")
    table = "\n".join(rows)
    assert table in PAGE.read_text("utf-8"), f"docs/operate/settings.md should hold:\n{table}"
