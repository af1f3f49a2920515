"""The page of the user's own server, which `wandb.init` starts: a link that logs in once."""

import base64
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import click

from ferrule.cli.browser import forwarding_hint, offer
from ferrule.cli.child import command, environment

START_SECS = 60
ANSWER_SECS = 10
# The browser has read the file by then that sends it on.
READ_SECS = 5


def open_own_server(*, browser: bool | None) -> int:
    """Print a link to the user's own server, started if it does not run; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="ferrule-open-") as folder:
        try:
            server = _found(folder)
            link = _link(server["base_url"], server["api_key"])
        except (OSError, subprocess.SubprocessError) as err:
            said = (getattr(err, "stderr", None) or str(err)).strip()
            click.echo(f"ferrule: your own server can't be had: {said}", err=True)
            return 1
        click.echo(f"Your own server; this link logs you in once: {link}")
        if hint := forwarding_hint(server["base_url"]):
            click.echo(hint)
        if offer(link, browser=browser, folder=Path(folder)):
            time.sleep(READ_SECS)
    return 0


def _found(folder: str) -> dict[str, str]:
    """Return address and key of the server."""
    done = subprocess.run(
        command("wandb._service.localserver"),
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=START_SECS,
    )
    server: dict[str, str] = json.loads(done.stdout)
    return server


def _link(base_url: str, key: str) -> str:
    """Have the server mint a link.

    Raises:
        OSError: It does not answer.
    """
    login = base64.b64encode(f"api:{key}".encode()).decode()
    asked = urllib.request.Request(
        f"{base_url}/api/v1/links",
        data=json.dumps({"path": "/"}).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    # No proxy knows this machine's loopback, or is to know the key.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(asked, timeout=ANSWER_SECS) as answer:
        return str(json.load(answer)["url"])
