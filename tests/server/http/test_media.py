"""Media are found by step, and their files are shown without any power over the page."""

import pytest
from yarl import URL

from server.http.conftest import NOW
from server.http.test_reads import add_run
from server.http.test_storage import put

pytestmark = pytest.mark.anyio
PROJECT = {"entity": "alice", "project": "cats"}


def image(step):
    return {"_type": "image-file", "path": f"media/images/a_{step}.png", "width": 3}


async def log_images(house, steps, key="a"):
    rows = [{"_step": step, "loss": 1.0, key: image(step)} for step in steps]
    await house.post_lines(history=(0, rows))


async def ask_steps(house, *series, **more):
    body = PROJECT | {"series": list(series)} | more
    answer = await house.ask("POST", "/api/v1/media/steps", json=body)
    assert answer.status == 200, answer
    return answer.body["series"]


async def ask_values(house, **series):
    body = PROJECT | {"series": [{"run": "run1"} | series]}
    answer = await house.ask("POST", "/api/v1/media/values", json=body)
    assert answer.status == 200, answer
    [found] = answer.body["series"]
    return found["values"]


async def show(house, name, content=b"content", *, headers=None, role=None):
    await put(house, name, content)
    run = await house.run()
    address = URL(house.links.media_url(run, name), encoded=True)
    return await house.ask("GET", address, role=role, headers=headers)


@pytest.fixture(autouse=True)
def links(house):
    from ferrule.http.links import RequestLinks

    house.links = RequestLinks("", house.services.signer, now=house.clock(), upload_bytes=1)


async def test_kinds_of_keys_tell_what_media_there_are(house):
    await log_images(house, [0, 1])

    keys = (await house.ask("POST", "/api/v1/keys", json=PROJECT)).body["keys"]

    assert {key["name"]: key["kinds"] for key in keys}["a"] == ["image-file"]


async def test_lists_with_media_in_them_are_told_apart_from_others(house):
    rows = [
        {"_step": 0, "mixed": [1, 2], "numbers": [1, 2], "objects": [{"a": 1}], "a.b": []},
        {"_step": 1, "mixed": [image(1), 2, None], "a.b": [image(2)], "loss": 1},
        {"_step": 2, "loss": 2},
    ]
    await house.post_lines(history=(0, rows))

    keys = (await house.ask("POST", "/api/v1/keys", json=PROJECT)).body["keys"]

    assert {key["name"]: key["kinds"] for key in keys if key["kinds"]} == {
        "a\\.b": ["list", "media-list"],
        "mixed": ["list", "media-list"],
        "numbers": ["list"],
        "objects": ["list"],
    }


async def test_steps_are_those_at_which_a_key_was_logged(house):
    await log_images(house, [0, 4, 9])
    await house.post_lines(history=(3, [{"_step": 9, "a": image(9)}, {"_step": 11, "loss": 2}]))

    [of_key, of_none, of_nobody] = await ask_steps(
        house,
        {"run": "run1", "key": "a"},
        {"run": "run1", "key": "b"},
        {"run": "nobody", "key": "a"},
    )

    assert (of_key["steps"], of_key["next"]) == ([0, 4, 9], None)
    assert of_none["steps"] == of_nobody["steps"] == []


async def test_steps_come_by_the_page_without_a_hole(house):
    await log_images(house, range(7))
    found, after = [], -1
    while after is not None:
        [page] = await ask_steps(house, {"run": "run1", "key": "a", "after": after}, limit=3)
        assert page["steps"]
        found += page["steps"]
        after = page["next"]

    assert found == list(range(7))


async def test_value_at_a_step_comes_with_an_address_of_each_file(house):
    value = image(4) | {"masks": {"m": {"_type": "mask", "path": "media/images/mask/m.png"}}}
    await house.post_lines(history=(0, [{"_step": 4, "a": value}, {"_step": 5, "a": image(5)}]))

    [found] = await ask_values(house, key="a", min_step=4, max_step=4)

    assert (found["step"], found["value"]) == (4, value)
    assert list(found["files"]) == ["media/images/a_4.png", "media/images/mask/m.png"]
    assert all(url.startswith("/media/runs/1/media/images/") for url in found["files"].values())


async def test_values_of_a_range_are_thinned_evenly_with_both_ends(house):
    await log_images(house, range(101))

    found = await ask_values(house, key="a", limit=5)

    assert [value["step"] for value in found] == [0, 25, 50, 75, 100]


async def test_key_with_a_dot_and_key_inside_are_found_by_the_names_of_the_list(house):
    row = {"_step": 0, "a.b": image(1), "c": {"d": image(2)}}
    await house.post_lines(history=(0, [row]))
    keys = (await house.ask("POST", "/api/v1/keys", json=PROJECT)).body["keys"]
    names = [key["name"] for key in keys if key["kinds"]]

    assert names == ["a\\.b", "c.d"]
    assert [(await ask_values(house, key=name))[0]["value"] for name in names] == [
        image(1),
        image(2),
    ]


async def test_numbers_that_json_lacks_are_told_as_text(house):
    row = '{"_step": 0, "h": {"_type": "histogram", "bins": [NaN, 1], "values": [Infinity]}}'
    await house.post_lines(history=(0, [row]))

    [found] = await ask_values(house, key="h")

    assert (found["value"]["bins"], found["value"]["values"]) == (["NaN", 1], ["Infinity"])


async def test_custom_charts_of_runs_are_told_once_each(house):
    import json

    panel = {"panel_type": "Vega2", "panel_config": {"panelDefId": "wandb/line/v0"}}
    told = {"visualize": {"pr": panel, "odd": 3, "empty": {}}}
    for name in ("run2", "run3"):
        await add_run(house, name, config=json.dumps({"_wandb": {"value": told}}))
    body = PROJECT | {"runs": ["run1", "run2", "run3", "none"]}

    answer = await house.ask("POST", "/api/v1/media/charts", json=body)

    assert answer.body["charts"] == [
        {
            "key": "pr",
            "panel_type": "Vega2",
            "config": {"panelDefId": "wandb/line/v0"},
            "runs": ["run2", "run3"],
        }
    ]
    for wrong in ({}, {"runs": "all"}, {"runs": [1]}):
        refused = await house.ask("POST", "/api/v1/media/charts", json=PROJECT | wrong)
        assert refused.status == 400


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("a.mp4", "video/mp4"),
        ("a.gif", "image/gif"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.pts.json", "application/json"),
        ("a.js", "application/octet-stream"),
        ("a.xml", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
async def test_file_is_shown_as_what_it_is_or_as_bytes(house, name, kind):
    answer = await show(house, f"media/{name}", b"[1]")

    assert (answer.status, answer.body) in ((200, b"[1]"), (200, [1]))
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.png", "a.htm", "a.pdf", "a.shtml"])
async def test_no_uploaded_file_shares_the_origin_of_the_page_or_reaches_a_host(house, name):
    policy = (await show(house, name)).headers["Content-Security-Policy"]

    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert set(rules["sandbox"]) <= {"allow-scripts"}
    sources = {source for rule, found in rules.items() if rule.endswith("-src") for source in found}
    assert sources <= {"'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}


async def test_scripts_run_in_documents_alone(house):
    for name, runs in (("a.html", True), ("a.svg", False), ("a.png", False)):
        policy = (await show(house, name)).headers["Content-Security-Policy"]

        assert ("allow-scripts" in policy) is runs


async def test_part_of_a_file_is_sent_when_asked_for(house):
    answer = await show(house, "a.mp4", b"0123456789", headers={"Range": "bytes=2-4"})

    assert (answer.status, answer.body) == (206, b"234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"


async def test_file_that_the_browser_has_is_not_sent_again(house):
    first = await show(house, "a.png")

    again = await show(house, "a.png", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.body) == (304, b"")


async def test_address_stays_the_same_within_an_hour_and_is_good_for_one(house):
    run = await house.run()
    begun = NOW - NOW % 3600

    def address(secs):
        from ferrule.http.links import RequestLinks

        links = RequestLinks("", house.services.signer, now=begun + secs, upload_bytes=1)
        return links.media_url(run, "a.png")

    await put(house, "a.png")
    assert address(0) == address(3599) != address(3600)
    house.clock.now = begun + 3599 + 3600
    assert (await house.ask("GET", URL(address(3599), encoded=True), role=None)).status == 200
    house.clock.now = begun + 7201
    assert (await house.ask("GET", URL(address(3599), encoded=True), role=None)).status == 403


@pytest.mark.parametrize(
    ("old", "new"), [("/media/runs/", "/storage/runs/"), ("a.png", "b.png"), ("runs/1", "runs/2")]
)
async def test_address_is_good_for_nothing_else(house, old, new):
    await put(house, "a.png")
    await put(house, "b.png")
    address = house.links.media_url(await house.run(), "a.png").replace(old, new)

    assert (await house.ask("GET", URL(address, encoded=True), role=None)).status == 403


@pytest.mark.parametrize(
    "body",
    [
        {"series": None},
        {"series": [1]},
        {"series": [{"run": "run1"}]},
        {"series": [{"run": "run1", "key": "a", "min_step": -1}]},
        {"series": [{"run": "run1", "key": "a", "limit": 0}]},
        {"series": [{"run": "run1", "key": "a", "limit": 10**9}]},
        {"series": [{"run": "run1", "key": "a", "limit": 2000}] * 11},
        {"series": [{"run": "run1", "key": "a"}] * 501},
    ],
)
async def test_wrong_question_is_refused_with_a_sentence(house, body):
    answer = await house.ask("POST", "/api/v1/media/values", json=PROJECT | body)

    assert answer.status == 400
    assert answer.body["error"].endswith(".")
