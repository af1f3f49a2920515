"""Run the scripts of `programs/` under a client, against a server."""

import json
import subprocess
from pathlib import Path
from typing import Any

from oracle.harness import Client, group

PROGRAMS = Path(__file__).resolve().parent / "programs"
PATIENCE_SECS = 120


def run_program(
    client: Client,
    folder: Path,
    name: str,
    *arguments: str,
    url: str,
    key: str,
    expect: int | None = 0,
    patience_secs: float = PATIENCE_SECS,
    **variables: str,
) -> Any:
    """Run a script to its end; return what it wrote down, decoded, None if nothing.

    Raises:
        AssertionError: It ended with another exit code than expected.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.json"
    settings = {"WANDB_BASE_URL": url, "WANDB_API_KEY": key, "WANDB_X_DISABLE_STATS": "true"}
    words = [str(one).replace("TARGET", str(target)) for one in arguments]
    with group(
        [client.interpreter, PROGRAMS / f"{name}.py", *words],
        env=client.environment(folder, **{**settings, **variables}),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said, _ = process.communicate(timeout=patience_secs)
    assert expect is None or process.returncode == expect, said
    return json.loads(target.read_text()) if target.exists() else None


def run_sync(client: Client, folder: Path, *words: object, url: str, key: str) -> str:
    """Run a client's `wandb sync` to its end, at home in a folder; return what it said.

    Raises:
        AssertionError: It ended with another exit code than 0.
    """
    done = subprocess.run(
        [client.interpreter, "-m", "wandb", "sync", *map(str, words)],
        env=client.environment(folder, WANDB_BASE_URL=url, WANDB_API_KEY=key),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
