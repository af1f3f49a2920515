"""A table of predictions grouped in the page: from the click to two rows with all their cells.

    python benches/table_group.py               # 12,180 rows, 5 rounds each

Our SDK logs a table of 12,180 rows and 10 columns, which lies in its artifact. Chromium opens the
run's page, and its table is grouped by a boolean column, by the page's own menu. `cold` is with a
server that was started anew after the panel was shown: nothing of the table is in its memory.
`linked` opens the grouped table by its address, with a server started anew and an empty browser:
the whole page is loaded too. `warm` groups a table that the server has read for the panel.

The figure is our own; no incumbent can be measured beside it. Server and browser share this
machine's cores. The server's part is from the question to the last byte of its answer, as the
browser sees it; the rest is the browser's, up to the frame in which the cells are painted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from browsers import launched
from e2e.ferrule_server import Server, environment, serving

ROWS, ERRORS, COLUMNS = 12_180, 224, 10
GROUP = "Is Error"
NUMBERS, NAMES = 7, 2
GATE_MS = 1000
RUN = "grouped"
WAIT_MS = 60_000
VIEWPORT = {"width": 1440, "height": 1000}

SCRIPT = f"""
import numpy as np, wandb
rng = np.random.default_rng(1)
rows = {ROWS}
wrong = np.zeros(rows, bool)
wrong[rng.permutation(rows)[:{ERRORS}]] = True
classes = np.array(["bird", "cat", "dog", "fish", "horse", "sheep"])
truth = rng.integers(0, 6, rows)
guess = np.where(wrong, (truth + 1) % 6, truth)
columns = {{
    "id": np.arange(rows).tolist(),
    "{GROUP}": wrong.tolist(),
    "truth": classes[truth].tolist(),
    "guess": classes[guess].tolist(),
}}
for name in ("confidence", "loss", "margin", "brightness", "latency"):
    columns[name] = (rng.normal(0, 1, rows) + wrong).tolist()
columns["objects"] = rng.integers(1, 9, rows).tolist()
data = [list(row) for row in zip(*columns.values())]
with wandb.init(project="tables", id="{RUN}") as run:
    run.log({{"predictions": wandb.Table(columns=list(columns), data=data)}})
"""

# Notes the moment of the choice, and then the frame in which all cells are there.
WATCH = """
({ numbers, names }) => {
  const shown = () => {
    const rows = [...document.querySelectorAll("[role=row]")].filter((row) =>
      row.querySelector("[role=rowheader]"));
    return rows.length === 2 && rows.every((row) =>
      row.querySelectorAll("svg[role=img]").length === numbers &&
      row.querySelectorAll("ul").length === names);
  };
  window.grouped = new Promise((resolve) => {
    const done = () => requestAnimationFrame(() => requestAnimationFrame(() => {
      resolve({ chosen: window.chosen ?? 0, drawn: performance.now() });
    }));
    const watcher = new MutationObserver(() => {
      if (shown()) { watcher.disconnect(); done(); }
    });
    watcher.observe(document, { subtree: true, childList: true, attributes: true });
  });
  addEventListener("change", () => {
    window.chosen = performance.now();
    performance.clearResourceTimings();
  }, true);
}
"""
# What is on the page instead, if it does not come to that.
AT_LAST = """
(wait) => Promise.race([window.grouped, new Promise((_, refuse) => {
  setTimeout(() => refuse(new Error(document.body.innerText)), wait);
})])
"""
ANSWERED = """
() => performance.getEntriesByType("resource")
  .filter((one) => one.name.endsWith("/tables/query"))
  .map((one) => one.responseEnd - one.requestStart)
"""

Times = dict[str, float]
Measure = Callable[[Server, Any], Times]


def log_table(server: Server, key: str, folder: str) -> None:
    """Log the table by our SDK."""
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, "HOME": folder}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        cwd=folder,
        env=environment(**settings, WANDB_X_DISABLE_STATS="true"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def restart(server: Server) -> None:
    """Start a server anew, so that nothing is in its memory."""
    server.stop()
    server.start()


def address(server: Server, view: str = "") -> str:
    """Return where the page shows the table."""
    return f"{server.url}/bench/tables/runs/{RUN}?panels=predictions{view}"


def settled(page: Any) -> None:
    """Wait until the page asks for nothing and has drawn what it has."""
    page.get_by_text(f"{ROWS:,} rows").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1500)


def clicked(server: Server, page: Any, *, cold: bool) -> Times:
    """Show the panel, choose the column; return how long each part took."""
    page.goto(address(server))
    settled(page)
    if cold:
        restart(server)
        # The page has found its stream of events again.
        page.wait_for_timeout(5000)
    page.evaluate(WATCH, {"numbers": NUMBERS, "names": NAMES})
    page.get_by_label("Group by").select_option(GROUP)
    return _told(page)


def linked(server: Server, page: Any) -> Times:
    """Open the grouped table by its address."""
    restart(server)
    view = quote(json.dumps({"group": [GROUP]}))
    argument = json.dumps({"numbers": NUMBERS, "names": NAMES})
    page.add_init_script(f"({WATCH})({argument})")
    page.goto(address(server, f"&{quote(f'table:{RUN}/predictions')}={view}"))
    return _told(page)


def _told(page: Any) -> Times:
    moments = page.evaluate(AT_LAST, WAIT_MS)
    whole = moments["drawn"] - moments["chosen"]
    asked = sum(page.evaluate(ANSWERED))
    check(page)
    return {"whole": whole, "server": asked, "browser": whole - asked}


def check(page: Any) -> None:
    """See that what was drawn is what was asked for."""
    counts = [cell.inner_text() for cell in page.locator("[role=cell][data-kind=number]").all()]
    assert counts == [f"{ROWS - ERRORS:,}", f"{ERRORS}"], counts


CASES: dict[str, Measure] = {
    "cold": lambda server, page: clicked(server, page, cold=True),
    "linked": linked,
    "warm": lambda server, page: clicked(server, page, cold=False),
}


def measured(server: Server, browser: Any, key: str, name: str) -> Times:
    """Measure one case in a browser that has been nowhere."""
    context = browser.new_context(viewport=VIEWPORT)
    body, headers = json.dumps({"api_key": key}), {"Content-Type": "application/json"}
    answer = context.request.post(f"{server.url}/api/v1/session", data=body, headers=headers)
    assert answer.ok, answer.text()
    try:
        return CASES[name](server, context.new_page())
    finally:
        context.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benches/table_group.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="how many of each (default: 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        key = server.add_user("bench")
        log_table(server, key, folder)
        print(f"{ROWS:,} rows, {COLUMNS} columns, grouped by `{GROUP}` (gate {GATE_MS} ms, cold)")
        with launched() as browser:
            for name in CASES:
                took = [measured(server, browser, key, name) for _ in range(rounds)]
                parts = {part: statistics.median(one[part] for one in took) for part in took[0]}
                print(
                    f"{name}: median {parts['whole']:.0f} ms, worst "
                    f"{max(one['whole'] for one in took):.0f} ms of {rounds}; server "
                    f"{parts['server']:.0f} ms, browser {parts['browser']:.0f} ms; "
                    f"load average {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
