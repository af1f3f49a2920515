"""`wandb status`."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from wandb._settings.server_choice import choose
from wandb._settings.settings import Settings
from wandb._settings.sources import load

# What the original always shows, and the settings that it means; programs read it.
_ALWAYS = {
    "_extra_http_headers": "x_extra_http_headers",
    "_proxies": "x_proxies",
    "entity": "entity",
    "git_remote": "git_remote",
    "ignore_globs": "ignore_globs",
    "organization": "organization",
    "project": "project",
}


@click.command()
@click.option("--settings/--no-settings", default=True, help="Show the settings.")
def status(settings: bool) -> None:
    """Show the settings that hold here, and the server that runs go to."""
    if not settings:
        return
    click.echo("Current Settings")
    shown = _shown(load(os.environ, cwd=os.getcwd()))
    click.echo(json.dumps(shown, indent=2, sort_keys=True, default=str))


def _shown(settings: Settings) -> dict[str, Any]:
    """Return what somebody set, with the server; keys are told of, not told."""
    secret = {name for name, field in Settings.model_fields.items() if field.secret}
    chosen = {
        name: value
        for name, value in settings
        if name in settings.model_fields_set and name not in secret and not name.startswith("x_")
    }
    server = choose(settings)
    return {
        **{name: getattr(settings, field) for name, field in _ALWAYS.items()},
        "root_dir": None,
        "section": "default",
        **chosen,
        "base_url": server.base_url or "your own server, started with the first run",
        "api_key": "configured" if server.api_key else None,
        "mode": settings.mode,
    }
