"""``userhero demo``: a workspace worth looking at, and calls to try on it."""

import json
import secrets
import shlex

import click
import msgspec

from userhero import workspaces
from userhero.cli.demo.story import PROJECT, WORKSPACE, fill
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.cli.processes import SERVING, start_server
from userhero.kernel.config import Settings
from userhero.kernel.db import Transaction
from userhero.kernel.instance import find_fact, set_fact
from userhero.projects import create_tenant
from userhero.server import settle_port

__all__ = ["demo"]

EMAIL = "demo@example.com"
_FACT = "demo"
_KEY = "Demo"


class Place(msgspec.Struct, rename="camel", frozen=True):
    """Where the demo is."""

    workspace_id: str
    project_id: str


class Demo(msgspec.Struct, rename="camel", frozen=True):
    """What somebody needs to look at it. The password is known to the run that made the demo alone."""

    url: str
    email: str
    password: str | None
    api_key: str
    workspace_id: str
    project_id: str


@command("demo", *SERVING)
@click.option("--serve", "serving", is_flag=True, help="Then serve it, until Ctrl-C.")
def demo(settings: Settings, output: Output, *, serving: bool) -> None:
    """Make a workspace with a month of feedback, and print what to try.

    A second run finds the workspace as you left it, and makes a fresh API key.
    """
    settings = settle_port(settings)
    with opened(settings) as database:
        found = database.write(lambda tx: _prepare(tx, settings.base_url))
    if output.as_json:
        output.result(found)
    else:
        click.echo(_guide(found, serving=serving))
    if serving:
        start_server(settings, output)


def _prepare(tx: Transaction, url: str) -> Demo:
    kept = find_fact(tx, _FACT)
    if kept is None:
        return _make(tx, url)
    place = msgspec.json.decode(kept, type=Place)
    key = workspaces.create_key(tx, email=EMAIL, name=_KEY)
    return Demo(url, EMAIL, None, key.api_key, place.workspace_id, place.project_id)


def _make(tx: Transaction, url: str) -> Demo:
    password = secrets.token_urlsafe(12)
    tenant = create_tenant(
        tx, email=EMAIL, name="Robin Larkspur", password=password, workspace=WORKSPACE, project=PROJECT, key_name=_KEY
    )
    fill(tx, tenant, workspaces.act_as(tx, EMAIL))
    place = Place(tenant.workspace_id, tenant.project_id)
    set_fact(tx, _FACT, msgspec.json.encode(place).decode())
    return Demo(url, EMAIL, password, tenant.api_key, place.workspace_id, place.project_id)


def _guide(demo: Demo, *, serving: bool) -> str:
    api = f"{demo.url}/api/v1/feedback"
    bearer = f"-H 'Authorization: Bearer {demo.api_key}'"
    body = {"workspaceId": demo.workspace_id, "projectId": demo.project_id, "message": "The export takes too long."}
    password = demo.password or "(the one that the first run printed)"
    return f"""
  {WORKSPACE}: a month of feedback to look at

  Address    {demo.url}{"" if serving else "  (once `userhero serve` runs)"}
  Reference  {demo.url}/docs
  Sign in    {demo.email}  password  {password}
  API key    {demo.api_key}

  List what is new:

curl '{api}?workspaceId={demo.workspace_id}&status=new' \\
  {bearer}

  Add something:

curl -X POST '{api}' \\
  {bearer} \\
  -H 'Content-Type: application/json' \\
  -d {shlex.quote(json.dumps(body))}
"""
