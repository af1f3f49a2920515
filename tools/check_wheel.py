"""Check that a wheel holds what an install must bring: the extension, the page, the schema.

python tools/check_wheel.py dist
"""

import sys
import zipfile
from pathlib import Path

# What must be there, as the ends of names inside the wheel.
NEEDED = (
    "wandb/_native.abi3.so",
    "wandb/py.typed",
    "wandb/_wire/graphql/schema.graphql",
    "ferrule/static/index.html",
    "ferrule/__main__.py",
)


def missing(wheel: Path) -> list[str]:
    """Name what a wheel lacks."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    return [needed for needed in NEEDED if not any(name.endswith(needed) for name in names)]


def main(folder: str) -> int:
    """Check the newest wheel of a folder; return the exit status."""
    wheels = sorted(Path(folder).glob("wandb-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        print(f"There is no wheel in {folder}.", file=sys.stderr)
        return 1
    lacks = missing(wheels[-1])
    if lacks:
        print(f"{wheels[-1].name} lacks {', '.join(lacks)}: run `make page`, then again.")
        return 1
    print(f"{wheels[-1].name} is whole.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
