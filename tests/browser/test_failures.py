"""What fails shows its own error, leaves the rest alone, and is not asked for without end."""

import pytest

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)
# A browser on a busy machine takes its time.
pytestmark = pytest.mark.timeout(120)


def fail_later_pages(page):
    """Let every page of runs but the first fail; gives what was asked for."""
    asked = []

    def answer(route):
        if route.request.post_data_json["after"] is None:
            return route.fallback()
        asked.append(route.request.url)
        return route.fulfill(status=500, json={"error": "It broke.", "request_id": "req-1"})

    page.route("**/api/v1/runs/query", answer)
    return asked


@pytest.mark.parametrize("path", ["/demo/wide/table", "/demo/wide"])
def test_next_page_that_fails_is_not_asked_for_again_and_again(site, page, path):
    asked = fail_later_pages(page)
    page.goto(site.address + path)
    page.get_by_role("link", name="trial-0999").hover()

    page.mouse.wheel(0, 5_000)
    expect(page.get_by_text("It broke.").first).to_be_visible()
    page.wait_for_timeout(1_000)

    assert len(asked) == 1


def test_runs_stay_when_their_refresh_fails(site, page):
    page.goto(f"{site.address}/demo/wide/table")

    fail_later_pages(page)
    page.get_by_role("link", name="trial-0999").hover()
    page.mouse.wheel(0, 5_000)
    expect(page.get_by_text("It broke.")).to_be_visible()

    expect(page.get_by_role("table", name="Runs")).to_be_visible()


RUN = "/demo/mnist/runs/033cfhf3"


def change_answer(page, url, change):
    """Change a JSON answer of the server on its way."""

    def answer(route):
        response = route.fetch()
        body = response.json()
        change(body)
        route.fulfill(response=response, json=body)

    page.route(url, answer)


def test_zoom_into_times_that_are_no_dates_leaves_the_page_usable(site, page):
    page.goto(f"{site.address}/demo/mnist?panels=%5Ereward%24&x=wall&zoom=_timestamp,1e13,2e13")

    page.get_by_title("Zoom out").click()

    expect(page.locator(".uplot")).to_be_visible()
    assert page.watched.errors == []


def test_timestamp_in_nanoseconds_is_shown_as_the_number_that_it_is(site, page):
    change_answer(
        page, "**/api/v1/runs/demo/**", lambda run: run["summary"].update(_timestamp=1e18)
    )

    page.goto(f"{site.address}{RUN}/overview")

    expect(page.get_by_text("1000000000000000000")).to_be_visible()
    assert page.watched.errors == []


def test_log_line_without_a_real_time_is_shown_without_one(site, page):
    change_answer(page, "**/api/v1/logs/**", lambda log: log["lines"][-1].update(timestamp="?"))
    page.goto(f"{site.address}{RUN}/logs")

    page.get_by_label("Times").select_option("clock")

    expect(page.get_by_text("OutOfMemoryError")).to_be_visible()
    assert page.watched.errors == []
