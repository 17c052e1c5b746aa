"""The recipes in the documentation tell genuine deliveries from others."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.webhooks.receivers import Hooks, Received, endpoint, receiver

PAGE = Path(__file__).parents[2] / "docs" / "api" / "webhook-endpoints.md"
_NODE = """
import { readFileSync } from "node:fs";
import { isGenuine } from "./recipe.mjs";
const { headers, body, secrets } = JSON.parse(readFileSync(0, "utf8"));
console.log(isGenuine(headers, Buffer.from(body, "base64"), secrets));
"""

Recipe = Callable[[dict[str, str], bytes, list[str]], bool]


def code(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def in_python(folder: Path) -> Recipe:
    names: dict[str, Any] = {}
    exec(code("python"), names)
    recipe: Recipe = names["is_genuine"]
    return recipe


def in_javascript(folder: Path) -> Recipe:
    node = shutil.which("node")
    assert node is not None, "the suite needs Node.js"
    (folder / "recipe.mjs").write_text(code("js"), "utf-8")
    (folder / "ask.mjs").write_text(_NODE, "utf-8")

    def recipe(headers: dict[str, str], body: bytes, secrets: list[str]) -> bool:
        given = json.dumps({"headers": headers, "body": b64encode(body).decode(), "secrets": secrets})
        done = subprocess.run(
            [node, "ask.mjs"], cwd=folder, input=given, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout == "true\n"

    return recipe


@pytest.mark.parametrize("language", [in_python, in_javascript])
def test_a_recipe(hooks: Hooks, tmp_path: Path, language: Callable[[Path], Recipe]) -> None:
    """WHO-01, WHO-12: each secret is good while both are, and nothing else is."""
    caller, recipe = hooks.tenant(), language(tmp_path)
    with receiver() as server:
        told = endpoint(caller, server.url, events=["feedback.created"])
        new = caller.post(f"{told.path}/rotate-secret").data["secret"]
        caller.new_feedback("Größe: 3 €")
        hooks.catch_up()
    (received,) = server.requests
    assert recipe(received.headers, received.body, [new])
    assert recipe(received.headers, received.body, [told.secret])
    assert recipe(received.headers, received.body, ["whsec_" + "A" * 44, told.secret])
    assert not recipe(received.headers, received.body, ["whsec_" + "A" * 44])
    assert not recipe(received.headers, received.body + b" ", [new, told.secret])
    for name, value in _broken(received):
        assert not recipe({**received.headers, name: value}, received.body, [new, told.secret]), name


def _broken(received: Received) -> list[tuple[str, str]]:
    stamp = int(received.headers["webhook-timestamp"])
    return [
        ("webhook-id", "evt_other"),
        ("webhook-timestamp", str(stamp + 1)),
        ("webhook-timestamp", str(stamp - 301)),
        ("webhook-timestamp", "soon"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,AAAA"),
        ("webhook-signature", received.headers["webhook-signature"].replace("v1,", "v2,")),
    ]
