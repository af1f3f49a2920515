"""Make environments that hold released wandb clients, and print their interpreters.

    python tools/released_clients.py              # all of them
    python tools/released_clients.py 0.21.3       # one

Each environment is `.envs/wandb-<version>` in the repository root, or below the folder that
`FERRULE_RELEASED_ENVS` names, so that several checkouts can share them. One that exists and
is complete is left as it is, which takes no longer than reading a file.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSIONS = ("0.21.3", "0.31.0")
# Environments that hold more than a client, by name: which client, and what else.
WITH_MORE = {
    "0.21.3-tensorboard": ("0.21.3", ("tensorboard>=2.18,<3",)),
    # Its curves are scikit-learn's, and its models are pickled by cloudpickle.
    "0.21.3-sklearn": ("0.21.3", ("cloudpickle>=3,<4", "pandas>=2.2,<3", "scikit-learn>=1.5,<2")),
    "0.21.3-media": (
        "0.21.3",
        (
            "bokeh>=3.4,<4",
            "matplotlib>=3.8,<4",
            "moviepy>=2.1,<3",
            "pandas>=2.2,<3",
            "pillow>=10,<12",
            "plotly>=5.24,<6",
            "soundfile>=0.12,<1",
            # Built here, it comes without the ffmpeg that its wheels carry; gifs need none.
            "--no-binary=imageio-ffmpeg",
        ),
    ),
}

# pydantic 2.12 warns about the models of 0.21.3 each time it is imported.
PINS = ("numpy>=1.26,<3", "pydantic>=2.6,<2.12", "protobuf>=5,<7", "click<8.4")


def environments_folder() -> Path:
    """Return the folder that holds one environment per version."""
    shared = os.environ.get("FERRULE_RELEASED_ENVS")
    if shared:
        return Path(shared).expanduser().resolve()
    return Path(__file__).resolve().parent.parent / ".envs"


def interpreter(version: str) -> Path:
    """Return where the interpreter of a version's environment is, made or not."""
    return environments_folder() / f"wandb-{version}" / "bin" / "python"


def is_complete(version: str) -> bool:
    """Tell whether the environment was made to its end, from today's pins."""
    stamp = interpreter(version).parent.parent / ".complete"
    return interpreter(version).exists() and stamp.exists() and stamp.read_text() == wanted(version)


def wanted(version: str) -> str:
    """Return the requirements of an environment, one a line."""
    client, more = WITH_MORE.get(version, (version, ()))
    return "\n".join((f"wandb=={client}", *PINS, *more)) + "\n"


def ensure(version: str) -> Path:
    """Make a version's environment if it is missing, and return its interpreter.

    Raises:
        subprocess.CalledProcessError: pip could not install the client.
    """
    if is_complete(version):
        return interpreter(version)
    folder = interpreter(version).parent.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with lock(folder.with_name(f"{folder.name}.lock")):
        if not is_complete(version):
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            install = [interpreter(version), "-m", "pip", "install", "--quiet"]
            install += ["--disable-pip-version-check", *wanted(version).split()]
            subprocess.run(install, check=True, stdout=sys.stderr)
            (folder / ".complete").write_text(wanted(version))
    return interpreter(version)


def ensure_beside(python: Path, version: str) -> Path:
    """Make a folder with a version's packages for a Python that has numpy and more of its own.

    Returns:
        The folder, to be put in `PYTHONPATH`.

    Raises:
        subprocess.CalledProcessError: pip could not install the client.
    """
    asked = [f"wandb=={version}", *(pin for pin in PINS if not pin.startswith("numpy"))]
    folder = environments_folder() / f"wandb-{version}-beside-{python.name}"
    stamp = folder / ".complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with lock(folder.with_name(f"{folder.name}.lock")):
        if not stamp.exists() or stamp.read_text() != "\n".join(asked):
            shutil.rmtree(folder, ignore_errors=True)
            pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
            options = ["--disable-pip-version-check", "--target", folder]
            subprocess.run([*pip, *options, *asked], check=True, stdout=sys.stderr)
            stamp.write_text("\n".join(asked))
    return folder


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Keep two processes from making one environment at once."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(versions: list[str]) -> int:
    """Make the environments asked for and print one interpreter a line."""
    unknown = sorted(set(versions) - {*VERSIONS, *WITH_MORE})
    if unknown:
        known = ", ".join((*VERSIONS, *WITH_MORE))
        print(f"No environment for {', '.join(unknown)}; known: {known}.", file=sys.stderr)
        return 2
    try:
        for version in versions or (*VERSIONS, *WITH_MORE):
            print(ensure(version))
    except subprocess.CalledProcessError as err:
        print(f"A client could not be installed: pip ended with {err.returncode}.", file=sys.stderr)
        print(
            "Give pip a way to a package index, or set `FERRULE_RELEASED_ENVS` to", file=sys.stderr
        )
        print(
            "a folder where the environments were made before; then repeat this.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
