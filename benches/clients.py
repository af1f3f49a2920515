"""The clients to measure: ours from the working tree, the released ones from their own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = "ours"
RELEASED = ("0.21.3", "0.31.0")


class ClientMissingError(Exception):
    """A client cannot be run here; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Client:
    """A Python interpreter under which `import wandb` gives one particular client."""

    name: str
    python: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.name == OURS


def find(name: str) -> Client:
    """Return the client of a name: `ours`, a released version, or the path of an interpreter.

    Raises:
        ClientMissingError: It is not built or not installed.
    """
    if name == OURS:
        return _ours()
    if name in RELEASED:
        return Client(name, _released_python(name))
    if Path(name).exists():
        return Client(Path(name).parent.parent.name, name)
    raise ClientMissingError(
        f"No client `{name}`: say `ours`, {', '.join(RELEASED)} or an interpreter's path."
    )


def with_libraries(client: Client, libraries: str) -> Client | None:
    """Return a released client in the environment that holds some libraries; None if none does."""
    if not libraries or client.name not in RELEASED:
        return client
    try:
        return Client(client.name, _released_python(f"{client.name}-{libraries}"))
    except ClientMissingError:
        return None


def _ours() -> Client:
    client = Client(OURS, _development_python(), {"PYTHONPATH": str(ROOT / "python")})
    if not list((ROOT / "python" / "wandb").glob("_native*.so")):
        raise ClientMissingError(
            "Our extension is not built: run `maturin develop --release`, or `make`."
        )
    return client


def _development_python() -> str:
    python = ROOT / ".venv" / "bin" / "python"
    return str(python if python.exists() else sys.executable)


def _released_python(version: str) -> str:
    """Ask the tool that makes the environments, and make one if need be."""
    tool = [sys.executable, str(ROOT / "tools" / "released_clients.py"), version]
    made = subprocess.run(tool, stdout=subprocess.PIPE, text=True, check=False, env=os.environ)
    if made.returncode != 0:
        raise ClientMissingError(f"The released client {version} could not be installed.")
    return made.stdout.split()[-1]
