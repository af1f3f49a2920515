"""Chromium, as this machine has it; a missing one is told in a line, and is a failure under CI."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# It reaches for hosts of its maker otherwise; none of that is the page's doing.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def need(there: object, sentence: str) -> None:
    """Leave the test out, but not under CI."""
    if not there:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)


@contextmanager
def launched() -> Iterator[Any]:
    """Run a browser while the block lasts."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    need(found, "Chromium is missing: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()
