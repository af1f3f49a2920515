"""`wandb init`: the project of a folder's runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from wandb._run.login import login as log_in
from wandb._settings import settings_file
from wandb._settings.server_choice import choose
from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.apis.public.api import Api

_FORGOTTEN = ("entity", "project", "mode", "base_url")
_MOST_SHOWN = 20


@click.command()
@click.option("--project", "-p", default=None, help="The project that runs of this folder go to.")
@click.option("--entity", "-e", default=None, help="The user or team that they belong to.")
@click.option("--reset", is_flag=True, help="Forget what was chosen for this folder.")
@click.option("--mode", "-m", default=None, help="`online`, `offline` or `disabled`.")
def init(project: str | None, entity: str | None, reset: bool, mode: str | None) -> None:
    """Choose where runs of this folder go: asked for, unless options say."""
    settings = load(os.environ, cwd=os.getcwd())
    given = {"entity": entity, "project": project, "mode": _checked(mode)}
    chosen = {name: value for name, value in given.items() if value}
    if reset or chosen:
        forgotten: dict[str, str | None] = dict.fromkeys(_FORGOTTEN) if reset else {}
        _keep(settings, {**forgotten, **chosen})
        return
    if os.path.exists(settings.settings_workspace):
        click.confirm(
            "This folder was set up before. Do you want to set it up anew?", abort=True, err=True
        )
    _keep(settings, _asked(settings))
    _leave_out_of_git(settings.wandb_dir)
    click.echo("This folder is set up. In your script: `wandb.init()`, then run it as always.")


def _checked(mode: str | None) -> str | None:
    """Return a mode that runs can have.

    Raises:
        SettingsError: It is none.
    """
    if mode is not None:
        Settings().update_from_dict({"mode": mode}, source="option `--mode`")
    return mode


def _keep(settings: Settings, values: dict[str, str | None]) -> None:
    path = settings.settings_workspace
    try:
        settings_file.change(path, values)
    except OSError as err:
        raise click.ClickException(f"Nothing was changed ({err.strerror}): {path}") from err


def _asked(settings: Settings) -> dict[str, str | None]:
    """Ask for entity and project, showing what the server has."""
    server = choose(settings)
    if server.kind != "local" and server.api_key is None and sys.stdin.isatty():
        log_in(host=server.base_url)
    api = Api()
    user = api.viewer
    entity = _picked("entity", [*dict.fromkeys((user.entity, *user.teams))], new=None)
    names = [project.name for project in api.projects(entity)]
    project = _picked("project", names, new="a new project")
    # The user's own server has no address that lasts.
    address = {} if server.kind == "local" else {"base_url": server.base_url}
    return {"entity": entity, "project": project, **address}


def _picked(what: str, names: Sequence[str], *, new: str | None) -> str:
    """Let the user pick one by its number or name; a single one without a new one is picked."""
    if len(names) == 1 and new is None:
        return names[0]
    if not names:
        return str(click.prompt(f"Name of the {what}"))
    click.echo(f"Which {what}?")
    for number, name in enumerate(names[:_MOST_SHOWN], 1):
        click.echo(f"  ({number}) {name}")
    if new:
        click.echo(f"  (0) {new}")
    answer = str(click.prompt("Number or name")).strip()
    if answer == "0" and new:
        return str(click.prompt(f"Name of the {what}"))
    if answer in names or not answer.isdigit():
        if answer not in names and not new:
            raise click.ClickException(f"There is no {what} of that name: {answer}")
        return answer
    if not 1 <= int(answer) <= len(names):
        raise click.ClickException(f"There is no {what} number {answer}.")
    return names[int(answer) - 1]


def _leave_out_of_git(wandb_dir: str) -> None:
    """Keep runs out of the user's repository, the settings in."""
    path = os.path.join(wandb_dir, ".gitignore")
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("*\n!settings\n")
