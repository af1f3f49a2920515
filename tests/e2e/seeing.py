"""What a person looks for in a panel of the page, by what it shows."""

import functools
import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)

BORDER = 3  # pixels
MARK = 10  # pixels of one hue that can't be chance
GREYS = 300  # pixels
# Of a film or a sound: its size and length are known.
LOADED = """media => media.readyState > 0 || new Promise((loaded, failed) => {
    media.onloadedmetadata = loaded;
    media.onerror = failed;
})"""

Look = Callable[[Any], None]


def look(at: Callable[..., None]) -> Callable[..., Look]:
    """Make a function of a panel one that is told now what to look for, and the panel later."""

    @functools.wraps(at)
    def told(*words: Any, **more: Any) -> Look:
        return lambda panel: at(panel, *words, **more)

    return told


@look
def pictures(panel, captions, *, size):
    for caption in captions:
        picture = panel.get_by_role("img", name=caption)
        expect(picture).to_be_visible()
        picture.evaluate("image => image.decode()")
        natural = picture.evaluate("image => [image.naturalWidth, image.naturalHeight]")
        assert natural == list(size)
        expect(panel.get_by_text(caption)).to_be_visible()


@look
def rows(panel, count, *shown):
    expect(panel.get_by_text(f"{count} rows", exact=True)).to_be_visible()
    for cells in shown:
        row = panel.get_by_role("row").filter(has_text=cells[0])
        for cell in cells:
            expect(row.get_by_role("cell", name=cell, exact=True).first).to_be_visible()


@look
def histogram(panel, words):
    expect(panel.get_by_text(words)).to_be_visible()
    assert colours_of(panel)


@look
def document(panel, heading):
    frame = panel.locator("iframe").content_frame
    expect(frame.get_by_role("heading", name=heading)).to_be_visible()


@look
def film(panel, *, size, secs):
    shown = panel.locator("video")
    expect(shown).to_be_visible()
    shown.evaluate(LOADED)
    assert shown.evaluate("film => [film.videoWidth, film.videoHeight]") == list(size)
    assert shown.evaluate("film => film.duration") == pytest.approx(secs, abs=0.1)


@look
def sound(panel, *, secs):
    shown = panel.locator("audio")
    expect(shown).to_be_attached()
    shown.evaluate(LOADED)
    assert shown.evaluate("sound => sound.duration") == pytest.approx(secs, abs=0.05)


@look
def chart(panel, *, colours):
    """Look for a chart's marks: axes, texts and ground are grey."""
    frame = panel.locator("iframe")
    expect(frame).to_have_attribute("data-drawn", "true")
    expect(frame.content_frame.locator("canvas.marks")).to_be_visible()
    assert len(colours_of(frame)) >= colours


@look
def figure(panel, mark):
    expect(panel.locator("iframe").content_frame.locator(mark).first).to_be_attached()


@look
def scenes(panel, count=1, *, hues=()):
    """Look for scenes in space that show something, and for hues: of 16, red is the first."""
    shown = panel.locator("canvas")
    expect(shown).to_have_count(count)
    for number in range(count):
        seen = colours_of(shown.nth(number))
        assert seen
        assert seen >= set(hues)


@look
def molecule(panel):
    """Look for oxygen in red, and for hydrogen in white, which shades to grey."""
    frame = panel.locator("iframe")
    expect(frame).to_have_attribute("data-drawn", "true")
    assert 0 in colours_of(frame)
    greys = sum(full < 20 and 60 < light < 250 for _, full, light in pixels_of(frame))
    assert greys > GREYS


def pixels_of(place):
    """Return hue, saturation and value of what a person sees there, without its border."""
    picture = Image.open(io.BytesIO(place.screenshot())).convert("HSV")
    width, height = picture.size
    return picture.crop((BORDER, BORDER, width - BORDER, height - BORDER)).getdata()


def colours_of(place):
    """Return which of sixteen hues are seen there."""
    seen = Counter(hue // 16 for hue, full, light in pixels_of(place) if full > 50 and light > 50)
    return {hue for hue, count in seen.items() if count >= MARK}
