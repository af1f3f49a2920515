"""What people do with media on the page: play steps, zoom, pick, compare, listen, step frames."""

import json
import re
from pathlib import Path

import pytest

from browsers import launched
from e2e.ferrule_server import serving
from e2e.running import run_program
from oracle.harness import our_client

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("bokeh")
expect = playwright.expect
expect.set_options(timeout=20_000)
pytestmark = pytest.mark.timeout(120)
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with one run, as (its address, the run's path, a key)."""
    folder = tmp_path_factory.mktemp("viewers")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        client = our_client()
        run = run_program(client, folder / "client", "viewers", "TARGET", url=server.url, key=key)
        yield server.url, f"/alice/viewers/runs/{run}", key


@pytest.fixture(scope="module")
def context(site):
    address, _, key = site
    with launched() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        body = json.dumps({"api_key": key})
        headers = {"Content-Type": "application/json"}
        assert context.request.post(f"{address}/api/v1/session", data=body, headers=headers).ok
        yield context


@pytest.fixture
def page(site, context):
    address, path, _ = site
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.see = lambda panels, more="": page.goto(f"{address}{path}?panels={panels}{more}")
    yield page
    page.close()
    assert errors == []


def panel(page, name):
    return page.get_by_role("article", name=name, exact=True)


def picture(place, number, step):
    return place.get_by_role("img", name=f"picture {number} at {step}")


def drawn_width(image):
    """Return how wide an image is drawn once it is."""
    expect(image).to_be_visible()
    image.page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
    return image.bounding_box()["width"]


def test_steps_are_played_to_their_end(page):
    page.see("^one$", "&at=0")
    one = panel(page, "one")
    expect(picture(one, 0, 0)).to_be_visible()

    one.get_by_role("button", name="Step of one: play").click()

    expect(picture(one, 0, 10)).to_be_visible()
    expect(picture(one, 0, 20)).to_be_visible()
    expect(one.get_by_role("button", name="Step of one: play")).to_be_visible()


def test_keys_move_the_steps_of_all_panels(page):
    page.see("^one$|pictures")
    expect(picture(panel(page, "one"), 0, 20)).to_be_visible()

    page.keyboard.press("Control+ArrowLeft")

    expect(picture(panel(page, "one"), 0, 10)).to_be_visible()
    expect(picture(panel(page, "pictures"), 2, 10)).to_be_visible()
    expect(page).to_have_url(re.compile("at=10"))
    page.keyboard.press("Control+ArrowRight")
    expect(picture(panel(page, "pictures"), 2, 20)).to_be_visible()


def test_images_of_a_panel_are_zoomed_together_by_whole_pixels(page):
    page.see("pictures")
    pictures = panel(page, "pictures")
    first, last = picture(pictures, 0, 20), picture(pictures, 2, 20)
    fitting = drawn_width(first)

    pictures.get_by_role("button", name="Zoom in").click()

    expect(pictures.get_by_text(re.compile(r"^\d00 %$"))).to_be_visible()
    assert drawn_width(first) == drawn_width(last) > fitting
    assert drawn_width(first) % 64 == 0
    pictures.get_by_role("button", name="1 : 1").click()
    expect(pictures.get_by_text("100 %", exact=True)).to_be_visible()
    assert drawn_width(last) == 64
    pictures.get_by_role("button", name="Fit").click()
    assert drawn_width(first) == fitting


def test_smoothing_is_switched_off_and_on(page):
    page.see("^one$")
    image = picture(panel(page, "one"), 0, 20)
    rendering = "image => getComputedStyle(image).imageRendering"
    assert image.evaluate(rendering) == "pixelated"

    panel(page, "one").get_by_role("button", name="Smooth").click()

    assert image.evaluate(rendering) == "auto"


def test_doubtful_boxes_go_below_the_lowest_score(page):
    page.see("^one$")
    one = panel(page, "one")
    expect(one.locator("svg rect[fill=none]")).to_have_count(2)

    one.get_by_label("Lowest score of guess").fill("0.5")

    expect(one.locator("svg rect[fill=none]")).to_have_count(1)
    expect(one.get_by_text("car 0.90")).to_be_visible()


def test_class_is_drawn_in_the_colour_that_is_chosen(page):
    page.see("^one$")
    one = panel(page, "one")

    one.get_by_label("Colour of car").first.fill("#ff8000")

    expect(one.locator("svg rect[stroke='#ff8000']")).to_have_count(1)


def test_click_tells_what_is_there(page):
    page.see("^one$")
    image = picture(panel(page, "one"), 0, 20)
    drawn_width(image)
    box = image.bounding_box()

    def click(x, y):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    told = panel(page, "one").get_by_role("status").filter(has_text="of ")
    click(0.25, 0.3)
    expect(told).to_contain_text("car")
    expect(told).to_contain_text("sure 0.900")
    click(0.5, 0.9)
    expect(told).to_contain_text("road")
    expect(told).not_to_contain_text("car")


def test_item_in_the_window_has_neighbours_steps_a_file_and_the_whole_screen(page):
    page.see("pictures")
    panel(page, "pictures").get_by_role("button", name="Enlarge picture 0 at 20").click()
    alone = page.get_by_role("dialog", name="picture 0 at 20")
    expect(alone.get_by_role("button", name="car 0.90")).to_be_visible()

    alone.get_by_role("button", name="Next image").click()
    alone = page.get_by_role("dialog", name="picture 1 at 20")
    alone.get_by_role("button", name="Step of pictures: one back").click()

    alone = page.get_by_role("dialog", name="picture 1 at 10")
    with page.expect_download() as kept:
        alone.get_by_role("link", name="Download").click()
    assert kept.value.suggested_filename.endswith(".png")
    alone.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement !== null")


def test_images_of_two_steps_are_compared(page):
    page.see("pictures")
    pictures = panel(page, "pictures")
    pictures.get_by_role("button", name="Compare picture 0 at 20").click()
    page.keyboard.press("Control+ArrowLeft")
    pictures.get_by_role("button", name="Compare picture 0 at 10").click()

    pictures.get_by_role("button", name="Compare", exact=True).click()

    dialog = page.get_by_role("dialog", name="Compare 2 images")
    for step in (20, 10):
        expect(picture(dialog, 0, step)).to_be_visible()
    dialog.get_by_label("Swipe").check()
    expect(dialog.get_by_role("slider", name="Where the second begins")).to_be_visible()
    dialog.get_by_label("Flicker").check()
    expect(picture(dialog, 0, 10)).to_be_visible()
    expect(picture(dialog, 0, 20)).to_be_visible()
    dialog.get_by_label("Difference").check()
    # The blue of each pixel is 40 apart, but where it has run over.
    expect(dialog.get_by_text(re.compile("100 % of the pixels differ"))).to_be_visible()


def test_sound_is_drawn_sought_and_looped(page):
    page.see("sounds")
    sounds = panel(page, "sounds")
    place = sounds.get_by_role("slider", name="Position in tone 0")
    expect(place).to_be_visible()

    place.focus()
    page.keyboard.press("End")
    expect(place).to_have_attribute("aria-valuetext", "0:02.0 of 0:02.0")
    box = place.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 9, steps=3)
    page.mouse.up()

    expect(sounds.get_by_role("button", name="No loop")).to_be_visible()
    # The cursor is at the same time in both.
    expect(sounds.get_by_text("0:01.0", exact=True)).to_have_count(2)
    sounds.locator("audio").first.evaluate("audio => { audio.muted = true; audio.play() }")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
    assert sounds.locator("audio").first.evaluate("audio => audio.currentTime") <= 1.1


def test_video_goes_on_by_a_frame_and_at_another_speed(page):
    page.see("film")
    film = panel(page, "film")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")

    def frame_after(name):
        at = "Math.floor(document.querySelector('video').currentTime * 10)"
        before = page.evaluate(at)
        film.get_by_role("button", name=name).click()
        page.wait_for_function(f"before => {at} !== before", arg=before)
        return page.evaluate(at)

    assert [frame_after("Next frame"), frame_after("Next frame")] == [1, 2]
    assert [frame_after("Frame before"), frame_after("Frame before")] == [1, 0]
    film.get_by_role("button", name="Play together").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    film.get_by_role("button", name="Pause together").click()
    expect(film.get_by_role("button", name="Play together")).to_be_visible()
    film.get_by_label("Speed").select_option("2")
    assert film.locator("video").evaluate("video => video.playbackRate") == 2


def test_objects_are_turned_together_and_mirrored_or_it_is_told_that_they_are_not_drawn(page):
    page.see("clouds")
    clouds = panel(page, "clouds")
    drawn = clouds.locator("canvas")
    expect(drawn.or_(clouds.get_by_text("three dimensions")).last).to_be_visible()
    expect(clouds.get_by_role("button", name="Turn together", pressed=True)).to_be_visible()
    if drawn.count() == 0:
        return

    def last_after(act):
        before = drawn.last.screenshot()
        act()
        return before, drawn.last.screenshot()

    clouds.get_by_role("img").first.focus()
    before, after = last_after(lambda: page.keyboard.press("Shift+ArrowLeft"))
    assert before != after
    before, after = last_after(clouds.get_by_role("button", name="Left-handed").click)
    assert before != after
    by_height = clouds.get_by_label("Points coloured")
    before, after = last_after(lambda: by_height.select_option("height"))
    assert before != after


def test_tables_made_of_others_are_one(page):
    page.see("joined|parted")

    joined, parted = panel(page, "joined"), panel(page, "parted")
    expect(joined.get_by_text("6 rows")).to_be_visible()
    expect(joined.get_by_role("cell", name="25", exact=True)).to_be_visible()
    expect(parted.get_by_text("15 rows")).to_be_visible()


def test_boxes_in_cells_have_the_names_of_their_classes(page):
    page.see("cells")

    expect(panel(page, "cells").get_by_role("cell").get_by_text("car 0.40")).to_be_attached()


def test_plot_of_bokeh_is_drawn_in_its_frame(page):
    page.see("bokeh")

    frame = panel(page, "bokeh").locator("iframe").content_frame
    expect(frame.locator(".bk-Figure canvas").first).to_be_visible()


def test_graph_is_told_layer_by_layer(page):
    page.see("graph")

    row = panel(page, "graph").get_by_role("row", name=re.compile("^mid"))
    expect(row).to_contain_text("Dense")
    expect(row).to_contain_text("72")
    expect(row).to_contain_text("out")


def test_keys_come_a_page_at_a_time_and_none_is_left_out(page):
    page.see("many/")
    panels = page.get_by_role("region", name="many").get_by_role("article")
    expect(page.get_by_text("60 of 65 keys are shown")).to_be_attached()
    expect(panels).to_have_count(60)

    page.get_by_role("button", name="Show 5 more").click()

    expect(panels).to_have_count(65)


def test_files_that_never_came_are_told_and_leave_the_rest_alone(page):
    page.route("**/media/runs/**", lambda route: route.fulfill(status=404))

    page.see("sounds|film|graph|joined")

    # The player itself may fail before it is on the page, where nobody hears of it.
    expect(panel(page, "film").get_by_text("come yet, or")).to_be_visible()
    expect(panel(page, "graph").get_by_role("button", name="Try again")).to_be_visible()
    expect(panel(page, "joined").get_by_text("6 rows")).to_be_visible()
    panel(page, "sounds").scroll_into_view_if_needed()
    expect(panel(page, "sounds").get_by_text("come yet, or")).to_have_count(2)


def test_viewers_are_no_obstacle_for_anyone(page):
    page.set_viewport_size({"width": 1440, "height": 1800})
    page.see("^one$|sounds|film|graph|joined")
    expect(panel(page, "joined").get_by_text("6 rows")).to_be_visible()
    expect(panel(page, "sounds").get_by_role("slider")).to_have_count(2)
    page.evaluate(AXE.read_text())

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(300)
        found += page.evaluate("axe.run({ iframes: false })")["violations"]
    panel(page, "one").get_by_role("button", name=re.compile("Enlarge picture")).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="car 0.90")).to_be_visible()
    found += page.evaluate("axe.run({ iframes: false })")["violations"]

    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
