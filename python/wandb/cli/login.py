"""`wandb login`."""

from __future__ import annotations

import click

from wandb._run.login import login as log_in
from wandb._run.session import session
from wandb._settings.server_choice import HOSTED_API


@click.command()
@click.argument("key", nargs=-1)
@click.option("--cloud", is_flag=True, help="Use the hosted service again.")
@click.option("--host", "--base-url", default=None, help="Use the server at this address.")
@click.option("--relogin", is_flag=True, default=None, help="Ask for a key although there is one.")
@click.option("--anonymously", is_flag=True, help="Not in this version.")
@click.option(
    "--verify/--no-verify", default=False, help="Ask the server whether it knows the key."
)
def login(
    key: tuple[str, ...],
    cloud: bool,
    host: str | None,
    relogin: bool | None,
    anonymously: bool,
    verify: bool,
) -> None:
    """Keep the API key of a server, for this and later runs.

    Without KEY it is asked for on a terminal. Where no server is configured, runs go to your
    own, which needs no login.
    """
    if cloud and host:
        raise click.UsageError("Give --cloud or --host, not both.")
    # In an offline folder, too: the key is for later.
    session.settings.update_from_dict({"x_cli_only_mode": True}, source="`wandb login`")
    log_in(
        anonymous="must" if anonymously else None,
        key=key[0] if key else None,
        host=HOSTED_API if cloud else host,
        relogin=relogin,
        verify=verify,
    )
