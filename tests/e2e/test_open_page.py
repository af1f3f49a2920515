"""The page over a folder: opened by the printed link, its curve grows while the script logs."""

import re

import pytest

from browsers import launched
from e2e.opening import opened
from e2e.test_open import logging_run
from oracle.harness import our_client

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.timeout(240)
WAIT_MS = 60_000


@pytest.fixture
def page():
    with launched() as browser:
        yield browser.new_page(viewport={"width": 1440, "height": 900})


def test_page_over_a_folder_moves_with_the_run_in_it(page, tmp_path):
    with (
        logging_run(our_client(), tmp_path, "seen1", 5, "follow") as script,
        opened(tmp_path, tmp_path / "tmp") as command,
    ):
        command.run("seen1", "running")
        page.goto(command.link)
        assert "token" not in page.url
        page.get_by_role("link", name=re.compile("Charts")).click()
        expect(page.locator(".uplot").first).to_be_visible(timeout=WAIT_MS)
        page.goto(page.url.split("?")[0] + "?full=number")
        page.evaluate("window.loadedOnce = true")
        row = page.get_by_role("row", name="seen1").or_(page.locator("tbody tr").first)
        expect(row.first).to_contain_text("4", timeout=WAIT_MS)

        for _ in range(3):
            script.stdin.write("\n")
        script.stdin.flush()

        expect(row.first).to_contain_text("7", timeout=WAIT_MS)
        assert page.evaluate("window.loadedOnce")
        script.stdin.close()
        assert script.wait(60) == 0
        expect(page.get_by_text("Finished").first).to_be_visible(timeout=WAIT_MS)
