"""Take out of `surface_later.json` what is built by now; it needs the customer's checker.

python tools/surface_later.py
"""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "house"))

from test_surface import HERE, LATER, checked  # noqa: E402


def main() -> None:
    """Rewrite the list, and say what was taken out."""
    with tempfile.TemporaryDirectory() as folder:
        missing = checked(folder)
    left = {topic: [path for path in paths if path in missing] for topic, paths in LATER.items()}
    text = json.dumps({topic: paths for topic, paths in left.items() if paths}, indent=1)
    (HERE / "surface_later.json").write_text(f"{text}\n", encoding="utf-8")
    built = sorted({path for paths in LATER.values() for path in paths} - missing.keys())
    print("\n".join(built) or "nothing new is built")


if __name__ == "__main__":
    main()
