"""From `run.log` in a script to the point on a browser's screen, nothing configured.

    python benches/log_to_screen.py              # 30 points

A script logs one row at a time; the page of its printed link is open in Chromium. The page notes
the moment in which a row's value shows in the chart's own table, which is drawn with the curve.
Script, service, server and browser share this machine's cores.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from browsers import launched
from e2e.growing import growing

GATE_SECS = 1.0
PAUSE_MS = 700
# Resolves with the moment in which a text is in the page, seen by the page itself.
WHEN_SHOWN = """
(text) => new Promise((resolve) => {
  const look = () => document.body.textContent.includes(text);
  if (look()) return resolve(Date.now() / 1000);
  const watcher = new MutationObserver(() => {
    if (look()) { watcher.disconnect(); resolve(Date.now() / 1000); }
  });
  watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
})
"""


def measure(points: int, folder: Path) -> list[float]:
    """Log points one by one; return the seconds that each took to the screen."""
    with growing(folder, "screen1") as script, launched() as browser:
        script.log(1.0)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(script.link())
        page.goto(page.url.split("?")[0].replace("/overview", "") + "?full=loss")
        page.get_by_text("Live", exact=True).wait_for(timeout=60_000)
        took = []
        for number in range(points):
            page.wait_for_timeout(PAUSE_MS)
            # Each is on the page for the first time, with all its digits.
            value = round(0.501 + number / 1000, 3)
            moment = script.log(value)
            took.append(page.evaluate(WHEN_SHOWN, str(value)) - moment)
        return took


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benches/log_to_screen.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--points", type=int, default=30, help="how many (default: 30)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        took = measure(options.points, Path(folder))
    print(
        f"log to screen: median {statistics.median(took) * 1e3:.0f} ms, worst "
        f"{max(took) * 1e3:.0f} ms of {len(took)} (gate {GATE_SECS * 1e3:.0f} ms); "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
