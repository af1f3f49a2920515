"""What the released client logs of media is seen on the page, and has no power over it."""

import json
import re

import pytest

from browsers import launched
from e2e.ferrule_server import serving
from e2e.running import run_program
from oracle.harness import released_client

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)
pytestmark = [pytest.mark.timeout(240), pytest.mark.released]
WAIT_MS = 30_000
ROWS, ERRORS = 12_180, 224


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with one run of the released client, as (its address, the run's path, a key)."""
    folder = tmp_path_factory.mktemp("media")
    client = released_client("0.21.3-media")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        run = run_program(client, folder / "client", "media", "TARGET", url=server.url, key=key)
        yield server.url, f"/alice/media/runs/{run}", key


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture
def page(site, browser):
    address, path, key = site
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    body = json.dumps({"api_key": key})
    headers = {"Content-Type": "application/json"}
    assert context.request.post(f"{address}/api/v1/session", data=body, headers=headers).ok
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.elsewhere, page.errors = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    # A request that a policy stops is told as one, too: only those that got out have an answer.
    page.on("response", lambda answer: page.elsewhere.append(answer.url))
    page.see = lambda panels, more="": page.goto(f"{address}{path}?panels={panels}{more}")
    yield page
    reached = [url for url in page.elsewhere if not url.startswith((address, "data:", "blob:"))]
    assert reached == []
    context.close()


def panel(page, name):
    return page.get_by_role("article", name=name, exact=True)


def natural_width(image):
    return image.evaluate("image => image.complete && image.naturalWidth")


def test_images_are_drawn_with_their_captions_boxes_and_masks(page):
    page.see("examples")

    images = panel(page, "eval/examples").get_by_role("img", name=re.compile("sample"))
    expect(images).to_have_count(3)
    expect(panel(page, "eval/examples").get_by_text("sample 2 at 3")).to_be_visible()
    images.first.scroll_into_view_if_needed()
    expect(panel(page, "eval/examples").locator("svg rect").first).to_be_attached()
    assert natural_width(images.first) == 64
    assert page.errors == []


def mask_pixels(page):
    script = """canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return [data[3], data[data.length - 1]];
    }"""
    return panel(page, "one").locator("canvas").evaluate(script)


def test_classes_and_layers_are_switched_off(page):
    page.see("^one$")
    one = panel(page, "one")
    expect(one.locator("canvas")).to_be_attached()
    page.wait_for_function("document.querySelector('canvas')?.width === 64")
    # Class 0 is transparent at the top, the road is not at the bottom.
    above, below = mask_pixels(page)
    assert above == 0 < below

    one.get_by_role("button", name="road").last.click()
    page.wait_for_timeout(300)
    assert mask_pixels(page) == [0, 0]
    one.get_by_role("button", name="Mask: truth").click()
    expect(one.locator("canvas")).to_have_count(0)
    one.get_by_role("button", name="Boxes: guess").click()
    expect(one.locator("svg rect[fill=none]")).to_have_count(0)


def test_slider_moves_all_panels_and_stays_in_the_address(page):
    page.see("one|page")
    expect(panel(page, "one").get_by_text("sample 0 at 3")).to_be_visible()

    panel(page, "one").get_by_role("button", name=re.compile("one back")).click()

    expect(panel(page, "one").get_by_text("sample 0 at 2")).to_be_visible()
    expect(page).to_have_url(re.compile("at=2"))
    frame = panel(page, "page").locator("iframe").content_frame
    expect(frame.get_by_role("heading", name="Step 2")).to_be_visible()
    page.reload()
    expect(panel(page, "one").get_by_text("sample 0 at 2")).to_be_visible()


def test_sound_is_there_to_play(page):
    page.see("tone")

    sound = panel(page, "tone").locator("audio")
    expect(sound).to_be_visible()
    page.wait_for_function("document.querySelector('audio')?.duration > 0.4")


def test_moving_picture_is_drawn(page):
    page.see("film")

    picture = panel(page, "film").get_by_role("img", name="noise")
    expect(picture).to_be_visible()
    assert natural_width(picture) == 32


def test_histograms_are_a_map_over_steps(page):
    page.see("weights")

    weights = panel(page, "weights")
    expect(weights.get_by_text(re.compile("Step 3 · 500 values"))).to_be_visible()
    weights.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(weights.get_by_text(re.compile("Step 2 · 500 values"))).to_be_visible()


def test_figure_of_plotly_is_drawn_in_its_frame(page):
    page.see("figure")

    frame = panel(page, "figure").locator("iframe").content_frame
    expect(frame.locator(".scatterlayer .trace")).to_have_count(1)


def test_points_are_drawn_or_it_is_told_that_they_can_not_be(page):
    page.see("cloud")

    cloud = panel(page, "cloud")
    expect(cloud.locator("canvas").or_(cloud.get_by_text("three dimensions"))).to_be_visible()


def test_molecule_is_drawn_or_it_is_told_that_it_can_not_be(page):
    page.see("ethanol")

    ethanol = panel(page, "ethanol")
    drawn = ethanol.locator("iframe").content_frame.locator("canvas").first
    expect(drawn.or_(ethanol.get_by_text("be drawn:"))).to_be_attached()


def test_rows_are_sorted_filtered_and_found_far_down(page):
    page.see("predictions")
    table = panel(page, "predictions")
    expect(table.get_by_text("12,180 rows")).to_be_visible()

    table.get_by_role("button", name="id").click()
    table.get_by_role("button", name="id").click()
    expect(table.get_by_role("cell", name="12,179", exact=True)).to_be_visible()
    rows = table.get_by_role("table").locator("..")
    rows.evaluate("element => element.scrollTo(0, 30 * 6000)")
    expect(table.get_by_role("cell", name="6,176", exact=True)).to_be_visible()

    table.get_by_role("button", name="Filter").click()
    table.get_by_label("Expression").fill('row["Is Error"] = true')
    table.get_by_role("button", name="Apply").click()
    expect(table.get_by_text("224 of 12,180 rows")).to_be_visible()


def rows_of(title):
    """Return the count that a bar or a value tells: `bird: 1,204 rows`."""
    return int(re.search(r": ([\d,]+) rows?$", title)[1].replace(",", ""))


def counted_in(histogram):
    """Return how many rows the bars of a histogram stand for, all together."""
    titles = histogram.locator("title").evaluate_all("all => all.map((one) => one.textContent)")
    return sum(map(rows_of, titles))


def test_predictions_by_a_boolean_are_two_groups_with_histograms(page):
    page.see("predictions")
    table = panel(page, "predictions")

    table.get_by_label("Group by").select_option("Is Error")

    expect(table.get_by_text("2 groups, 12,180 rows")).to_be_visible()
    expect(table.get_by_role("cell", name="11,956", exact=True)).to_be_visible()
    expect(table.get_by_role("cell", name="224", exact=True)).to_be_visible()
    groups = table.get_by_role("row").filter(has=page.get_by_role("rowheader"))
    expect(groups).to_have_count(2)
    expect(groups.get_by_role("rowheader")).to_have_text(["false", "true"])
    for number, count in enumerate((ROWS - ERRORS, ERRORS)):
        for column in ("id", "score"):
            drawn = groups.nth(number).get_by_role("img", name=re.compile(f"^{column}: from"))
            assert counted_in(drawn) == count
        # The commonest of the labels, and, as no sentence is there twice, of their words.
        tops = groups.nth(number).get_by_role("listitem").get_by_role("button")
        told = tops.evaluate_all("all => all.map((one) => one.title)")
        assert sum(rows_of(one) for one in told if one[:2] in ("a:", "b:", "c:")) == count
        [text] = [rows_of(one) for one in told if one.startswith("text:")]
        assert text == min(count, 5000)
    expect(groups.first.get_by_text("without 6,956 rows")).to_be_visible()
    page.reload()
    expect(table.get_by_text("2 groups, 12,180 rows")).to_be_visible()
    table.get_by_role("button", name="Rows of true").click()
    table.get_by_role("button", name="Open all 224 rows").click()
    expect(table.get_by_text("224 of 12,180 rows")).to_be_visible()


def test_pictures_in_cells_come_from_the_artifact_of_the_table(page):
    page.see("gallery")
    gallery = panel(page, "gallery")

    pictures = gallery.get_by_role("cell").get_by_role("img", name=re.compile("sample"))
    expect(pictures).to_have_count(5)
    page.wait_for_function("document.querySelector('[role=cell] img')?.naturalWidth === 64")
    gallery.get_by_label("Group by").select_option("even")
    expect(gallery.get_by_text("2 groups, 5 rows")).to_be_visible()
    expect(pictures).to_have_count(5)


def test_custom_chart_is_drawn_in_its_frame(page):
    page.see("parabola$")

    frame = panel(page, "parabola").locator("iframe").content_frame
    expect(frame.locator("canvas.marks")).to_be_visible()


def test_hostile_document_stays_in_its_frame(page):
    heard = []
    page.expose_function("heard", lambda message: heard.append(message))
    page.add_init_script("addEventListener('message', event => window.heard?.(event.data))")
    page.see("hostile")

    frame = panel(page, "hostile").locator("iframe").content_frame
    expect(frame.get_by_text("hostile document")).to_be_visible()
    page.wait_for_timeout(500)

    assert "evil" not in page.url
    assert page.title() != "owned"
    assert {"failed": "stolen"} not in heard


def test_markup_in_names_and_cells_is_text_and_long_names_fit(page):
    page.see("img src|over long")

    table = page.get_by_role("article", name=re.compile("img src"))
    expect(table.get_by_text("<script>window.__owned=1</script>")).to_be_visible()
    expect(table.get_by_role("columnheader", name="__proto__")).to_be_visible()
    assert page.evaluate("window.__owned") is None
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_file_that_never_came_is_told(page):
    page.route("**/media/runs/**.png?**", lambda route: route.fulfill(status=404))

    page.see("^one$")

    expect(panel(page, "one").get_by_text("come yet, or")).to_be_visible()


def test_server_that_fails_is_told_and_asked_again(page):
    page.route("**/api/v1/tables/query", lambda route: route.fulfill(status=500, body="{}"))
    page.see("predictions")
    expect(panel(page, "predictions").get_by_text("be shown.")).to_be_visible()

    page.unroute("**/api/v1/tables/query")
    panel(page, "predictions").get_by_role("button", name="Try again").click()

    expect(panel(page, "predictions").get_by_text("12,180 rows")).to_be_visible()


def test_panel_fills_the_window_and_items_too(page):
    page.see("examples", "&full=eval%2Fexamples")
    dialog = page.get_by_role("dialog", name="eval/examples")
    expect(dialog.get_by_role("img", name="sample 1 at 3")).to_be_visible()

    dialog.get_by_role("button", name="Enlarge sample 1 at 3").click()

    alone = page.get_by_role("dialog", name="sample 1 at 3")
    expect(alone.get_by_text(re.compile("^64 . 48$"))).to_be_visible()
    expect(alone.get_by_role("link", name=re.compile("Download"))).to_be_visible()


def test_media_panels_are_no_obstacle_for_anyone(page):
    from pathlib import Path

    axe = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
    page.see("one|examples|tone|weights|predictions")
    panel(page, "predictions").scroll_into_view_if_needed()
    expect(panel(page, "predictions").get_by_text("12,180 rows")).to_be_visible()
    page.evaluate(axe.read_text())

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(300)
        found += page.evaluate("axe.run({ iframes: false })")["violations"]

    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
