"""What runs log comes on screen without a reload."""

import json

import pytest

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options()
# A browser on a busy machine takes its time.
pytestmark = pytest.mark.timeout(120)

GROWING = "005ytjkb"


def steps(site):
    return json.loads(site.do("log", run=GROWING, points=0))["steps"]


def test_new_points_reach_a_chart_on_screen(site, page):
    page.goto(f"{site.address}/demo/mnist?full=train%2Floss")
    row = page.get_by_role("row", name="amber-river-30")
    before = steps(site)
    expect(row).to_contain_text(f"{before - 1:,}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    site.do("log", run=GROWING, points=7)

    expect(row).to_contain_text(f"{before + 6:,}")


def test_runs_table_follows_steps_and_state(site, page):
    page.goto(f"{site.address}/demo/mnist/table")
    row = page.get_by_role("row", name="amber-river-30")
    expect(row).to_contain_text("Running")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    site.do("log", run=GROWING, points=3)
    expect(row).to_contain_text(str(steps(site)))
    site.do("end", run=GROWING, state="failed")
    expect(row).to_contain_text("Failed")

    site.do("end", run=GROWING, state="running")


def test_log_follows_its_end(site, page):
    page.goto(f"{site.address}/demo/mnist/runs/{GROWING}/logs")
    expect(page.get_by_text(f"step {steps(site) - 1:>6}").first).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    site.do("log", run=GROWING, points=30)

    expect(page.get_by_text(f"step {steps(site):>6}").first).to_be_visible()


def test_only_the_run_with_news_is_asked_for(site, page):
    page.goto(f"{site.address}/demo/mnist?panels=%5Etrain%2Floss%24")
    expect(page.locator(".uplot")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    with page.expect_request("**/api/v1/series") as asked:
        site.do("log", run=GROWING, points=1)

    assert [one["run"] for one in asked.value.post_data_json["series"]] == [GROWING]


def test_page_polls_when_the_stream_is_gone_and_says_so(site, page):
    page.goto(f"{site.address}/demo/mnist")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()

    site.do("drop", on=1)
    expect(page.get_by_text("Polling")).to_be_visible()
    site.do("drop", on=0)

    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_failed_refresh_keeps_the_old_points_and_offers_another_try(site, page):
    site.do("fail", path="/api/v1/series", times=1)
    page.goto(f"{site.address}/demo/mnist?panels=%5Etrain%2Floss%24")
    expect(page.get_by_text("req-7f3a91").first).to_be_visible()

    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".uplot")).to_be_visible()


def test_chart_whose_refresh_failed_says_so_and_catches_up(site, page):
    page.goto(f"{site.address}/demo/mnist?panels=%5Etrain%2Floss%24")
    expect(page.locator(".uplot")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    stale = page.get_by_text("not up to date")

    site.do("fail", path="/api/v1/series", times=2)
    site.do("log", run=GROWING, points=1)
    expect(stale).to_be_visible()
    page.get_by_role("button", name="Try again").click()

    expect(stale).to_have_count(0)
