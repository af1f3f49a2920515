"""Pin the tools of development: `requirements/dev.in` to `requirements/dev.txt`.

    python tools/lock.py python3.10 python3.11 python3.13

Each interpreter resolves for itself, without installing anything; where they differ, the line
says for which Python it holds.
"""

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
HEADER = "# Pinned by tools/lock.py from dev.in; do not edit.\n"
Pins = dict[str, str]


def main(interpreters: list[str]) -> None:
    """Resolve with each interpreter and write the pins."""
    found = [resolved(interpreter) for interpreter in interpreters]
    by_version = sorted(found, key=lambda pair: [int(part) for part in pair[0].split(".")])
    names = sorted({name for _, pins in by_version for name in pins})
    lines = [line for name in names for line in pinned(name, by_version)]
    (REQUIREMENTS / "dev.txt").write_text(HEADER + "\n".join(lines) + "\n")


def resolved(interpreter: str) -> tuple[str, Pins]:
    """Return the interpreter's version and what pip would install with it."""
    asked = ["-r", str(REQUIREMENTS / "dev.in")]
    quiet = ["--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = output(interpreter, "-m", "pip", "install", *quiet, *asked)
    version = output(interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    chosen = [one["metadata"] for one in json.loads(report)["install"]]
    pins = {one["name"].lower().replace("_", "-"): one["version"] for one in chosen}
    return version.strip(), pins


def output(*command: str) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def pinned(name: str, by_version: list[tuple[str, Pins]]) -> list[str]:
    """Write one package's lines: one where all agree, else one for each stretch of Pythons."""
    chosen = [(python, pins.get(name)) for python, pins in by_version]
    starts = [at for at in range(len(chosen)) if at == 0 or chosen[at][1] != chosen[at - 1][1]]
    lines = []
    for at, end in zip(starts, [*starts[1:], len(chosen)], strict=True):
        bounds = [f'python_version >= "{chosen[at][0]}"'] if at else []
        bounds += [f'python_version < "{chosen[end][0]}"'] if end < len(chosen) else []
        marker = " and ".join(bounds)
        if chosen[at][1]:
            lines.append(f"{name}=={chosen[at][1]}" + (f" ; {marker}" if marker else ""))
    return lines


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
