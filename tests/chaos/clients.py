"""The clients to torment: found as the benches find them."""

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@cache
def finder() -> ModuleType:
    """Return `benches/clients.py`, which is no package."""
    name = "bench_clients"
    spec = importlib.util.spec_from_file_location(name, ROOT / "benches" / "clients.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment(variables: dict[str, str], *, marker: str, home: Path) -> dict[str, str]:
    """Return an environment with nothing of the user's, and a mark to find processes by."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WANDB_", "PYTHON"))}
    own = {"HOME": str(home), "TMPDIR": str(home), "WANDB_MODE": "offline", "CHAOS_ROUND": marker}
    return {**kept, **own, **variables}
