"""Pictures of every page: light and dark, full, empty, loading and broken, wide and narrow.

    make page && python web/tools/pictures.py --out /tmp/pictures

The page is served by the stand-in server beside this file. Look at all of them after a change of
how something looks; `sheet-*.png` has those of one scheme and width side by side.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browsers import launched  # noqa: E402

SERVER = Path(__file__).with_name("fake_server.py")
RUN = "/demo/mnist/runs/033cfhf3"
NEW_RUN = "/demo/mnist/runs/005ytjkb"
PAGES = {
    "projects": "/",
    "workspace": "/demo/mnist",
    "enlarged": "/demo/mnist?full=train%2Floss",
    "runs": "/demo/mnist/table",
    "runs-wide": "/demo/wide/table",
    "project-overview": "/demo/mnist/overview",
    "run-charts": RUN,
    "run-overview": f"{RUN}/overview",
    "run-logs": f"{RUN}/logs",
    "run-system": f"{RUN}/system",
    "run-files": f"{RUN}/files",
    "running": f"{NEW_RUN}/overview",
    "authorize": "/authorize",
    "login": "/login",
    "empty": "/demo/empty",
    "empty-runs": "/demo/empty/table",
    "loading": "/demo/slow",
    "loading-runs": "/demo/slow/table",
    "broken": "/demo/broken",
    "broken-runs": "/demo/broken/table",
    "missing-project": "/demo/mnits",
    "missing-run": "/demo/mnist/runs/none",
    "missing-page": "/demo/mnist/no/such/page",
}
WIDTHS = {1440: 900, 390: 844}
SETTLE_MS = 2500
# What is loading is gone by then.
LOADING_MS = 700


@contextmanager
def served() -> Iterator[str]:
    """Run the stand-in server; gives its address."""
    command = [sys.executable, str(SERVER), "--port", "0", "--still"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def take(browser: Any, address: str, folder: Path, scheme: str, width: int) -> list[Path]:
    """Take the pictures of one scheme and width."""
    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page, taken = context.new_page(), []
    for name, path in PAGES.items():
        page.goto(address + path, wait_until="domcontentloaded")
        page.wait_for_timeout(LOADING_MS if name.startswith("loading") else SETTLE_MS)
        taken.append(folder / f"{name}-{scheme}-{width}.png")
        page.screenshot(path=taken[-1])
        print(taken[-1].name)
    context.close()
    return taken


def lay_out(browser: Any, pictures: list[Path], path: Path, columns: int) -> None:
    """Put pictures side by side into one."""
    width = 1800 // columns
    cells = "".join(
        f'<figure><img src="{picture.as_uri()}"><figcaption>{picture.stem}</figcaption></figure>'
        for picture in pictures
    )
    style = (
        f"body{{margin:8px;display:grid;grid-template-columns:repeat({columns},{width}px);gap:8px;"
        "font:12px sans-serif;background:#888}figure{margin:0}img{width:100%}"
    )
    sheet = path.with_suffix(".html")
    sheet.write_text(f"<style>{style}</style>{cells}")
    page = browser.new_page(viewport={"width": 1860, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=path, full_page=True)
    page.close()
    sheet.unlink()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write them to")
    folder = parser.parse_args().out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with served() as address, launched() as browser:
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                taken = take(browser, address, folder, scheme, width)
                columns = 3 if width > 800 else 8
                lay_out(browser, taken, folder / f"sheet-{scheme}-{width}.png", columns)


if __name__ == "__main__":
    main()
