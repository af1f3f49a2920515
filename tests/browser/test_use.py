"""Keys, the address, zoom, and logging in."""

import re

import pytest

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)
# A browser on a busy machine takes its time.
pytestmark = pytest.mark.timeout(120)


# The old order stays until the new one is there.
FALLING = """() => {
  const texts = [...document.querySelectorAll("[role=cell][data-numeric=true]")]
    .filter((cell) => cell.getAttribute("aria-colindex") === "2")
    .map((cell) => Number(cell.textContent.replace("\u2212", "-")));
  return texts.length > 5 && texts.every((value, at) => at === 0 || value <= texts[at - 1]);
}"""


def workspace(site, page, query=""):
    page.goto(f"{site.address}/demo/mnist{query}")
    expect(page.locator(".uplot").first).to_be_visible()


def test_slash_goes_to_the_search_and_escape_empties_it(site, page):
    workspace(site, page)

    page.keyboard.press("/")
    page.keyboard.type("lantern")
    expect(page.get_by_role("link", name="amber-river-30")).to_have_count(0)
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="amber-river-30")).to_be_visible()


def test_letters_move_through_runs_and_space_hides_one(site, page):
    workspace(site, page)

    page.keyboard.press("j")
    expect(page.get_by_role("link", name="amber-river-30")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="quiet-lantern-29")).to_be_focused()
    page.keyboard.press("Space")

    expect(page).to_have_url(re.compile("hide="))
    expect(page.get_by_text("9 of 30 shown")).to_be_visible()


def test_two_keys_go_to_pages_and_one_lists_them_all(site, page):
    workspace(site, page)

    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("/demo/mnist/runs$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_new_page_has_the_focus_and_says_its_name_while_the_stream_goes_on(site, page):
    workspace(site, page)
    page.get_by_role("button", name="Hide the runs").click()

    page.get_by_role("link", name="Runs 30").click()
    expect(page.get_by_role("table", name="Runs")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Runs · mnist · demo")).to_have_count(1)
    page.get_by_role("link", name="Workspace").click()

    expect(page.get_by_role("button", name="Show the runs")).to_be_visible()
    assert len([url for url in page.watched.requests if "/stream" in url]) == 1


def test_keys_do_nothing_while_one_types(site, page):
    workspace(site, page)

    page.keyboard.press("/")
    page.keyboard.type("?g r")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("runs=%3Fg"))


def test_arrows_move_the_crosshair_and_tell_values(site, page):
    workspace(site, page, "?panels=%5Etrain%2Floss%24")

    page.get_by_role("img", name="train/loss, 10 runs").focus()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_text(re.compile(r"^Step 0: .+ \d"))).to_be_visible()


def drag(page, box, start, end):
    left, width, middle = box["x"], box["width"], box["y"] + box["height"] / 2
    page.mouse.move(left + width * start, middle)
    page.mouse.down()
    page.mouse.move(left + width * end, middle + 2, steps=6)
    page.mouse.up()


def test_zoom_is_in_the_address_and_back_leaves_it(site, page):
    workspace(site, page, "?panels=%5Etrain%2Floss%24")
    chart = page.locator(".u-over")

    with page.expect_request(
        lambda request: "series" in request.url and request.post_data_json["x_min"] is not None
    ):
        drag(page, chart.bounding_box(), 0.3, 0.6)
    expect(page).to_have_url(re.compile("zoom=_step"))
    chart.dblclick()
    expect(page).not_to_have_url(re.compile("zoom="))
    page.go_back()

    expect(page).to_have_url(re.compile("zoom=_step"))


def test_reload_restores_the_view(site, page):
    workspace(site, page, "?smooth=0.6&logy=train%2Floss&panels=loss&x=relative")

    expect(page.get_by_role("slider", name=re.compile("Smoothing"))).to_have_value("0.6")
    expect(page.get_by_label("X axis")).to_have_value("relative")
    expect(page.get_by_role("button", name="Logarithmic y axis of train/loss")).to_have_attribute(
        "aria-pressed", "true"
    )


@pytest.mark.parametrize(
    "query",
    [
        "logy=reward&yzoom=reward,-1,5",
        "yzoom=reward,9007199254740992,9007199254740996",
    ],
)
def test_ranges_without_ticks_do_not_hang_the_page(site, page, query):
    page.set_default_timeout(8_000)

    page.goto(f"{site.address}/demo/mnist?panels=%5Ereward%24&{query}")

    expect(page.locator("article canvas, article p").first).to_be_attached()
    # A page that looks for ticks answers nothing.
    page.wait_for_timeout(300)
    assert page.get_by_label("Search charts").input_value() == "^reward$"


def test_hovering_shows_values_highest_first_in_all_charts(site, page):
    workspace(site, page, "?panels=%5Ereward%24")
    box = page.locator(".u-over").bounding_box()

    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.move(box["x"] + 60, box["y"] + 62, steps=3)

    rows = page.locator("article table tr td:nth-child(3)")
    expect(rows.first).to_be_visible()
    values = [float(text) for text in rows.all_inner_texts()]
    assert values == sorted(values, reverse=True)


def test_caption_counts_what_a_line_cannot_go_through(site, page):
    workspace(site, page, "?panels=unstable")

    for kind in (r"▽ \S+ NaN", "▲ \\d+ ∞", "▼ \\d+ \u2212∞"):
        expect(page.get_by_text(re.compile(kind))).to_be_visible()


def test_shown_run_far_down_the_list_is_drawn_after_a_reload(site, page):
    page.goto(f"{site.address}/demo/wide?show=wide0100")

    expect(page.get_by_text("11 of 1,000 shown")).to_be_visible()


def test_search_of_charts_works_on_system_metrics(site, page):
    page.goto(f"{site.address}/demo/mnist/runs/033cfhf3/system")
    expect(page.get_by_text("15 charts")).to_be_visible()

    page.get_by_label("Search charts").fill("temp")

    expect(page.get_by_text("2 charts")).to_be_visible()


def test_log_of_several_writers_shows_each_line_once(site, page):
    def same_numbers(route):
        response = route.fetch()
        body = response.json()
        for at, line in enumerate(body["lines"]):
            line.update(number=at // 2, label=f"rank {at % 2}")
        route.fulfill(response=response, json=body)

    page.route("**/api/v1/logs/**", same_numbers)
    page.goto(f"{site.address}/demo/mnist/runs/033cfhf3/logs#L5")

    expect(page.locator("[data-marked=true]")).to_have_count(1)
    expect(page.locator("[data-marked=true]")).to_contain_text("rank 0")
    for number in range(1, 9):
        expect(page.get_by_role("link", name=str(number), exact=True)).to_have_count(1)
    expect(page.get_by_text("step      2  loss")).to_be_visible()


def test_sorting_by_a_column_asks_the_server(site, page):
    page.goto(f"{site.address}/demo/mnist/table?columns=%5Elr%24")

    page.get_by_title("Sort by lr").click()

    expect(page).to_have_url(re.compile(r"sort=-config\.lr"))
    head = page.get_by_role("columnheader", name=re.compile("lr$"))
    expect(head).to_have_attribute("aria-sort", "descending")
    page.wait_for_function(FALLING)


def test_login_leads_back_to_where_one_was_going(guarded_site, page):
    page.goto(f"{guarded_site.address}/demo/mnist/table")
    expect(page).to_have_url(re.compile(r"/login\?next="))

    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    page.get_by_label("API key").fill("f" * 40)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("link", name="amber-river-30")).to_be_visible()
    assert page.evaluate("document.cookie") == ""
