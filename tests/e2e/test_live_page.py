"""The printed link opens a page on which a curve grows, with nothing configured and no reload."""

import re

import pytest

from browsers import launched
from e2e.growing import growing

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.timeout(180)
WAIT_MS = 30_000


@pytest.fixture
def page():
    with launched() as browser:
        yield browser.new_page(viewport={"width": 1440, "height": 900})


def test_curve_grows_on_the_page_of_the_printed_link(page, tmp_path):
    with growing(tmp_path, "grow1") as script:
        for value in (3.0, 2.0, 1.5):
            script.log(value)
        link = script.link()
        page.goto(link)
        # The link's secret is spent, and gone from the address.
        assert "token" in link
        assert "token" not in page.url
        page.evaluate("window.loadedOnce = true")
        page.get_by_role("link", name=re.compile("Charts")).click()
        expect(page.locator(".uplot").first).to_be_visible(timeout=WAIT_MS)
        page.goto(page.url.split("?")[0] + "?full=loss")
        page.evaluate("window.loadedOnce = true")
        row = page.get_by_role("row", name="grow1").or_(page.locator("tbody tr").first)
        expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=WAIT_MS)
        expect(row.first).to_contain_text("1.5", timeout=WAIT_MS)

        for value in (1.25, 0.75):
            script.log(value)

        expect(row.first).to_contain_text("0.75", timeout=WAIT_MS)
        assert page.evaluate("window.loadedOnce")
        assert script.end() == 0
        expect(page.get_by_text("Finished").first).to_be_visible(timeout=WAIT_MS)


def test_link_works_once(page, tmp_path):
    with growing(tmp_path, "once1") as script:
        script.log(1.0)
        link = script.link()
        page.goto(link)
        expect(page.get_by_role("link", name=re.compile("Overview"))).to_be_visible(timeout=WAIT_MS)

        other = page.context.browser.new_context().new_page()
        other.goto(link)

        expect(other.get_by_label(re.compile("API key"))).to_be_visible(timeout=WAIT_MS)
        assert script.end() == 0
