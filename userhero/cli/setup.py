"""``userhero setup``: everything that the first call needs."""

import click

from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.cli.passwords import password_option, read_password
from userhero.kernel.config import Settings
from userhero.kernel.db import Transaction
from userhero.projects import Tenant, create_tenant


@command("setup")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the first owner.")
@password_option
@click.option("--name", metavar="NAME", help="The owner's name. Default: what stands before the @ of the address.")
@click.option("--workspace", required=True, metavar="NAME", help="Name of the workspace: your team or company.")
@click.option("--project", default="My product", show_default=True, metavar="NAME", help="Name of the first project.")
@click.option("--plan", default="pro_max", show_default=True, metavar="PLAN", help="Plan of the workspace.")
def setup(
    settings: Settings,
    output: Output,
    email: str,
    password: str | None,
    name: str | None,
    workspace: str,
    project: str,
    plan: str,
) -> None:
    """Make an owner, a workspace, a project and an API key with every scope.

    Prints their ids and the key, which is shown this once. Run it again with another address for another tenant.
    """
    secret = read_password(password)

    def unit(tx: Transaction) -> Tenant:
        owner = name or email.partition("@")[0]
        return create_tenant(
            tx, email=email, name=owner, password=secret, workspace=workspace, project=project, plan=plan
        )

    with opened(settings) as database:
        output.result(database.write(unit))
    if secret is None:
        output.note("The account has no password, so it can use the API but not sign in.")
