"""Every example of the documents' data types and charts runs, and what it logs is seen in the page.

The texts lie in `seed_examples.md`; `seed_examples.py` tells what broken ones are given.
"""

import json
import re
import shutil
from urllib.parse import quote

import pytest

from browsers import launched, need
from e2e import seed_examples
from e2e.seed_examples import MEDIA, PLAYERS, Players
from e2e.seed_files import PICTURE_SIZE, SOUND_SECS
from e2e.seeing import (
    WAIT_MS,
    chart,
    document,
    figure,
    film,
    histogram,
    molecule,
    pictures,
    rows,
    scenes,
    sound,
)
from oracle.decode import SHARED
from oracle.harness import environments, our_client, released_client

pytestmark = pytest.mark.timeout(240)
EXAMPLES = seed_examples.read()
SEEDS = SHARED / "seeds"
QUOTES = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}
# The clients' own style sheet, of their maker's host: frames of ours reach no host.
REFUSED = "app.wandb.ai/normalize.css"

FIELDS = pictures([f"random field {number}" for number in range(3)], size=(100, 100))
ANIMALS = rows(2, ["Cat", "1", "1"], ["Dog", "0", "-1"])
RED = 0

# What is looked for, by the example and the panel.
SEEN = {
    "image_of_a_file": {"img": pictures(["Cafe"], size=PICTURE_SIZE)},
    "tables": {"Table 1": ANIMALS, "Table 2": ANIMALS},
    "histogram_of_a_list": {"value": histogram("Step 0 · 3 values from 1 to 3")},
    "histogram_of_numpy": {"value": histogram("Step 0 · 6 values from 1 to 8")},
    "html_of_a_file": {"html": document("A document of mine")},
    "html_of_a_text": {"html": document("Hello, world!")},
    "images_of_arrays": {"examples": FIELDS},
    "images_of_pil": {"examples": FIELDS},
    "images_as_jpg": {"examples": FIELDS},
    "video_as_mp4": {"video": film(size=(100, 100), secs=10 / 4)},
    "confusion_matrix_started": {"conf_mat": chart(colours=2), "conf_mat_table": rows(9)},
    "scatter_started": {"feature_scatter": chart(colours=1)},
    "bar": {"bar_plot": chart(colours=1)},
    "confusion_matrix_of_probabilities": {"wildlife_confusion_matrix": chart(colours=2)},
    "confusion_matrix_of_predictions": {"wildlife_confusion_matrix": chart(colours=2)},
    "histogram": {"histogram-plot1": chart(colours=1)},
    "line_series_over_one_x": {"line-series-single-x": chart(colours=3)},
    "line_series_over_several_x": {"line-series-multiple-x": chart(colours=3)},
    "line_series_with_keys": {"line-series-custom-keys": chart(colours=3)},
    "line": {"line-chart": chart(colours=3)},
    "plot_table": {"custom_chart": chart(colours=1), "custom_chart_table": rows(5, ["3", "3"])},
    "pr_curve": {"pr-curve": chart(colours=2)},
    "roc_curve": {"roc-curve": chart(colours=3)},
    "scatter": {"altitude-temperature-scatter": chart(colours=1)},
    "log_histogram": {"gradients": histogram(re.compile("Step 0 · 10,000 values from"))},
    "log_video": {"video": pictures(["video"], size=(100, 100))},
    "log_matplotlib": {"chart": figure(".scatterlayer .trace")},
    "log_pr_curve": {"pr": chart(colours=2)},
    "log_objects": {"generated_samples": scenes(3)},
    "predictions_table": {
        "predictions": rows(
            2,
            ["Click here to win!", "phishing", "phishing", "0.98"],
            ["Meeting at 3pm", "ham", "ham", "0.95"],
        )
    },
    "sounds": {"array": sound(secs=1), "file": sound(secs=SOUND_SECS)},
    "boxes_in_space": {"scene": scenes(hues={RED})},
    "points": {"places": scenes(), "categories": scenes(hues={RED}), "colours": scenes(hues={RED})},
    "molecule": {"molecule": molecule()},
    "plotly_figures": {
        "plotly": figure(".barlayer .trace"),
        "matplotlib": figure(".scatterlayer .trace"),
    },
}


@pytest.fixture(scope="module")
def page(server, key):
    with launched() as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 900})
        body, headers = json.dumps({"api_key": key}), {"Content-Type": "application/json"}
        address = f"{server.url}/api/v1/session"
        assert context.request.post(address, data=body, headers=headers).ok
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.said = []
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("console", lambda told: told.type == "error" and page.said.append(told.text))
        yield page


FROM_SEEDS = [name for name, example in EXAMPLES.items() if example.from_seeds]


def shares_of(client):
    """Return the examples by process: a process each, or as few as there are players."""
    if client.ours:
        return [[example] for example in EXAMPLES.values()]
    return [[EXAMPLES[name] for name in FROM_SEEDS[n::PLAYERS]] for n in range(PLAYERS)]


def all_played(client, folder, server, key):
    """Play all examples; return who played them, and what went wrong by their names."""
    players = Players(client, folder, server.url, key)
    return players, players.play(shares_of(client))


@pytest.fixture(scope="module")
def by_ours(tmp_path_factory, server, key):
    return all_played(our_client(), tmp_path_factory.mktemp("ours"), server, key)


@pytest.fixture(scope="module")
def by_released(tmp_path_factory, server, key):
    return all_played(released_client(MEDIA), tmp_path_factory.mktemp("released"), server, key)


@pytest.fixture(scope="module")
def lacks_for_film():
    """What is missing to make an mp4, in a sentence with the command that brings it."""
    if not shutil.which("ffmpeg"):
        return "ffmpeg is missing: apt-get install ffmpeg"
    if not environments().is_complete(MEDIA):
        return f"moviepy is missing: python tools/released_clients.py {MEDIA}"
    return ""


def test_all_examples_are_looked_for():
    assert SEEN.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_an_example_logs_is_seen(name, by_ours, page, lacks_for_film):
    if EXAMPLES[name].needs_ffmpeg:
        need(not lacks_for_film, lacks_for_film)

    check_is_seen(page, name, *by_ours)


@pytest.mark.released
@pytest.mark.parametrize("name", FROM_SEEDS)
def test_what_the_released_client_logs_is_seen_as_well(name, by_released, page, lacks_for_film):
    if EXAMPLES[name].needs_ffmpeg:
        need(not lacks_for_film, lacks_for_film)

    check_is_seen(page, name, *by_released)


def check_is_seen(page, name, players, failed):
    assert name not in failed, failed[name]
    page.said.clear()
    names = "|".join(map(re.escape, SEEN[name]))
    run = f"alice/{EXAMPLES[name].project}/runs/{players.run_of(EXAMPLES[name])}"
    page.goto(f"{players.url}/{run}?panels={quote(f'^({names})$')}")
    for panel, sees in SEEN[name].items():
        shown = page.get_by_role("article", name=panel, exact=True)
        shown.scroll_into_view_if_needed()
        sees(shown)

    assert [words for words in page.said if REFUSED not in words] == []


def squeezed(text):
    """Return a text without what extraction broke: blanks, line breaks, quotes."""
    return "".join(text.translate(QUOTES).split())


@pytest.fixture(scope="module")
def documents():
    texts = (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt")))
    return squeezed("\n".join(texts))


@pytest.mark.skipif(not SEEDS.exists(), reason="the customer's documents do not lie here")
@pytest.mark.parametrize("name", FROM_SEEDS)
def test_text_is_that_of_the_documents(name, documents):
    assert squeezed(EXAMPLES[name].text) in documents
