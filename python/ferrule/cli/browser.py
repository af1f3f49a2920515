"""A link for the user: printed, and opened where there is a screen to open it on."""

import html
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path

import click

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def has_screen() -> bool:
    """Tell whether a browser would open before the user, and not in the terminal."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in SCREENS)


def offer(link: str, *, browser: bool | None, folder: Path) -> bool:
    """Open a link that logs in, if the user wants that; return whether a browser has it.

    Args:
        link: Where to go.
        browser: Whether to; None where there is a screen.
        folder: A private folder that stays as long as the browser may need it.
    """
    if browser is False or (browser is None and not has_screen()):
        return False
    # Every user sees the arguments of every process, and the link works for whoever is first: it
    # goes by a file.
    page = folder / "open.html"
    with suppress(OSError, webbrowser.Error):
        page.touch(0o600)
        page.write_text(
            "<!doctype html><meta charset=utf-8><title>Ferrule</title>"
            f'<meta http-equiv=refresh content="0;url={html.escape(link)}">'
        )
        if webbrowser.open(page.as_uri()):
            return True
    click.echo("No browser could be opened; open the link yourself.", err=True)
    return False


def forwarding_hint(address: str) -> str | None:
    """Return how to reach an address of this machine's loopback from where the user sits."""
    if not os.environ.get("SSH_CONNECTION"):
        return None
    port = address.rpartition(":")[2]
    return f"From your own machine, first: ssh -N -L {port}:127.0.0.1:{port} {os.uname().nodename}"
