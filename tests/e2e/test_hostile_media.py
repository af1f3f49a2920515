"""Whatever somebody logs runs nothing outside its frame, reaches no host, and harms no page.

A client that keeps to no rule sends it by plain HTTP, and ours sends what it takes. The host that
files try to reach is a real one here, which remembers every request.
"""

import json
import re
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from browsers import launched
from e2e import hostile_files as files
from e2e.ferrule_server import serving
from e2e.hostile_client import CHART, HostileClient
from e2e.running import run_program
from oracle.harness import our_client

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=10_000)
pytestmark = pytest.mark.timeout(120)

LABELS = {"1": files.MARKUP}
BOX = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}}
UPLOADED = {
    "images/evil.svg": files.SVG,
    "images/laughs.svg": files.LAUGHS,
    "images/bomb.png": files.BOMB,
    "images/small.png": files.WHITE,
    "images/mask/ones.png": files.WHITE,
    "html/evil.html": files.HTML,
    "html/refresh.html": files.REFRESH,
    "html/curious.html": files.CURIOUS,
    "html/endless.html": files.ENDLESS,
    "html/huge.html": b"<p>huge document</p>" + b"<!-- x -->" * (5 << 20),
    "plotly/evil.plotly.json": files.PLOTLY,
    "plotly/deep.plotly.json": files.DEEP_PLOTLY,
    "plotly/none.plotly.json": "[1, 2]",
    "object3D/garbage.glb": files.GARBAGE,
    "object3D/reaching.gltf": json.dumps(files.REACHING),
    "object3D/embedded.gltf": json.dumps(files.EMBEDDED),
    "object3D/crowded.gltf": json.dumps(files.CROWDED),
    "object3D/claims.stl": files.STL,
    "object3D/claims.ply": files.PLY,
    "object3D/claims.obj": files.OBJ,
    "object3D/deep.pts.json": "[" * files.DEEP + "]" * files.DEEP,
    "molecule/garbage.pdb": files.GARBAGE,
    "metadata/boxes2D/odd.json": json.dumps(
        {
            "box_data": [
                BOX | {"class_id": 1},
                BOX | {"class_id": 99},
                BOX | {"class_id": 2, "box_caption": files.MARKUP},
                BOX | {"class_id": "x", "position": {"minX": "a"}},
                7,
            ],
            "class_labels": LABELS,
        }
    ),
    "metadata/boxes2D/deep.json": files.DEEP_BOXES,
    "metadata/boxes2D/many.json": json.dumps({"box_data": [BOX | {"class_id": 1}] * 200_000}),
    "table/deep.table.json": files.DEEP_TABLE,
    "table/odd.table.json": json.dumps(
        {"columns": [files.MARKUP, files.BIDI, "__proto__"], "data": [[files.MARKUP, 1, "x"]]}
    ),
}


def media(kind, path, **more):
    return {"_type": kind, "path": f"media/{path}", "size": 1, "sha256": "0" * 64} | more


def boxed(path):
    over = {"guess": {"_type": "boxes2D", "path": f"media/metadata/boxes2D/{path}"}}
    return media("image-file", "images/small.png", width=40, height=30, boxes=over)


MASKED = media("image-file", "images/small.png", width=40, height=30) | {
    "masks": {"truth": {"_type": "mask", "path": "media/images/mask/ones.png"}}
}
ROW = {
    "svg": media("image-file", "images/evil.svg", caption=files.MARKUP),
    "laughs": media("image-file", "images/laughs.svg"),
    "bomb": media("image-file", "images/bomb.png", width=60_000, height=60_000),
    "evil page": media("html-file", "html/evil.html"),
    "refresh": media("html-file", "html/refresh.html"),
    "curious": media("html-file", "html/curious.html"),
    "endless": media("html-file", "html/endless.html"),
    "huge": media("html-file", "html/huge.html"),
    "figure": media("plotly-file", "plotly/evil.plotly.json"),
    "deep figure": media("plotly-file", "plotly/deep.plotly.json"),
    "no figure": media("plotly-file", "plotly/none.plotly.json"),
    "garbage glb": media("object3D-file", "object3D/garbage.glb"),
    "reaching gltf": media("object3D-file", "object3D/reaching.gltf"),
    "embedded gltf": media("object3D-file", "object3D/embedded.gltf"),
    "crowded gltf": media("object3D-file", "object3D/crowded.gltf"),
    "claims stl": media("object3D-file", "object3D/claims.stl"),
    "claims ply": media("object3D-file", "object3D/claims.ply"),
    "claims obj": media("object3D-file", "object3D/claims.obj"),
    "deep cloud": media("object3D-file", "object3D/deep.pts.json"),
    "garbage pdb": media("molecule-file", "molecule/garbage.pdb"),
    "odd boxes": boxed("odd.json"),
    "deep boxes": boxed("deep.json"),
    "many boxes": boxed("many.json"),
    "odd mask": MASKED,
    "deep table": media("table-file", "table/deep.table.json"),
    "odd table": media("table-file", "table/odd.table.json"),
    "no path": {"_type": "image-file", "path": {"a": 1}, "width": "x", "boxes": [1], "masks": 7},
    "elsewhere": {"_type": "image-file", "path": "http://EVIL/image.png"},
    "upwards": {"_type": "html-file", "path": "media/../../../../api/v1/me"},
    "javascript": {"_type": "html-file", "path": "javascript:top.__owned=1"},
    files.MARKUP: media("image-file", "images/small.png"),
    files.LONG: media("image-file", "images/small.png"),
    files.BIDI: media("image-file", "images/small.png"),
}
CHARTS = {"vega": files.VEGA, "vega loads": files.VEGA_LOADS, "vega runs": files.VEGA_RUNS}


class Elsewhere(ThreadingHTTPServer):
    """A host that files try to reach; it remembers what was asked of it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Remembering)
        self.asked = []

    @property
    def name(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Remembering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815  # the library's name

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere():
    host = Elsewhere()
    threading.Thread(target=host.serve_forever, daemon=True).start()
    urllib.request.urlopen(f"http://{host.name}/reached", timeout=10).close()
    assert host.asked == ["/reached"]
    yield host
    host.shutdown()
    host.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, elsewhere):
    """A server with a run of the hostile client's and one of ours, as (address, key, their run)."""
    folder = tmp_path_factory.mktemp("hostile")

    def told(content):
        text = content if isinstance(content, str) else None
        return content if text is None else text.replace("EVIL", elsewhere.name).encode()

    with serving(folder / "server") as server:
        key = server.add_user("alice")
        client = HostileClient(server.url, key, "alice", "hostile", "hostile")
        charts = {name: chart_of(client, name, spec, told) for name, spec in CHARTS.items()}
        client.start({"_wandb": {"value": {"visualize": charts}}})
        client.upload({f"media/{name}": told(content) for name, content in UPLOADED.items()})
        row = json.loads(told(json.dumps(ROW | {"t": ROW["odd table"]})))
        client.log([row | {"_step": step, "loss": step} for step in range(3)])
        ours = our_client()
        run_program(ours, folder / "ours", "hostile", url=server.url, key=key)
        yield server.url, key, client
        assert server.is_ready()


def chart_of(client, name, spec, told):
    """Keep a chart's specification at the server, and return a panel that shows it."""
    kept = name.replace(" ", "-")
    spec = told(json.dumps(spec)).decode()
    chart = {"entity": "alice", "name": kept, "displayName": files.MARKUP, "type": "vega2"}
    client.graphql(CHART, input=chart | {"access": "PRIVATE", "spec": spec})
    query = {"queryFields": [{"name": "tableKey", "value": "t"}]}
    config = {"panelDefId": f"alice/{kept}", "userQuery": query}
    return {"panel_type": "Vega2", "panel_config": config}


@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def context(site, browser):
    address, key, _ = site
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"api_key": key})
    assert context.request.post(f"{address}/api/v1/session", data=body, headers=headers).ok
    yield context
    context.close()


@pytest.fixture
def page(site, context, elsewhere):
    """A page that shows panels by name beside a curve, and that must be whole afterwards."""
    address, _, client = site
    elsewhere.asked.clear()
    page, seen = context.new_page(), {"dialogs": [], "errors": []}
    page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.see = lambda name, run=client.path: (
        page.goto(f"{address}/{run.replace('/hostile/', '/hostile/runs/')}?panels=^loss$|{name}"),
        panel(page, "loss").scroll_into_view_if_needed(),
    )
    page.set_default_timeout(10_000)
    try:
        yield page
        panel(page, "loss").scroll_into_view_if_needed()
        expect(panel(page, "loss").locator("canvas").first).to_be_visible()
        assert page.evaluate("window.__owned") is None
        assert "owned" not in page.title()
        assert page.url.startswith(address)
        assert seen == {"dialogs": [], "errors": []}
        assert elsewhere.asked == []
        assert context.pages == [page]
    finally:
        page.close()


def panel(page, name):
    return page.get_by_role("article", name=name, exact=True)


# Panels, and what is said in them or drawn in their frames.
SAID = {
    "bomb": "no picture",
    "laughs": "no picture",
    "deep figure": "be drawn",
    "no figure": "no figure of Plotly",
    "garbage glb": "be drawn",
    "reaching gltf": "be drawn",
    "crowded gltf": "be drawn",
    "claims stl": "be drawn",
    "claims ply": "be drawn",
    "claims obj": "nothing to draw",
    "deep cloud": "be drawn",
    "garbage pdb": "be drawn",
    "deep table": "be shown",
    "no path": "not known",
    "elsewhere": "not known",
    "upwards": "not known",
    "javascript": "not known",
    "vega loads": "be drawn",
}


def test_what_cannot_be_shown_is_said_in_its_panel(page):
    page.see(f"^({'|'.join(SAID)})$")

    for name, words in SAID.items():
        panel(page, name).scroll_into_view_if_needed()
        expect(panel(page, name), name).to_contain_text(words)


def test_object_that_brings_all_it_needs_is_drawn(page):
    page.see("^embedded gltf$")

    drawn = panel(page, "embedded gltf")
    told = drawn.get_by_text("draws nothing in three dimensions")
    expect(drawn.locator("canvas").or_(told)).to_be_visible()


def test_documents_keep_to_their_frames(page):
    page.see("^(evil page|refresh|huge)$")

    for name in ("evil page", "huge"):
        panel(page, name).scroll_into_view_if_needed()
        frame = panel(page, name).locator("iframe").content_frame
        expect(frame.get_by_text(re.compile("(hostile|huge) document"))).to_be_visible()
    panel(page, "refresh").scroll_into_view_if_needed()
    expect(panel(page, "refresh").locator("iframe")).to_be_attached()
    page.wait_for_timeout(500)


def test_drawing_that_runs_scripts_is_only_drawn(page):
    page.see("^svg$")

    drawn = panel(page, "svg").get_by_role("img", name=re.compile("<img src=x"))
    expect(drawn).to_be_visible()
    page.wait_for_timeout(300)


def test_figure_with_markup_and_links_is_drawn_in_its_frame(page):
    page.see("^figure$")

    frame = panel(page, "figure").locator("iframe").content_frame
    expect(frame.locator(".scatterlayer .trace")).to_have_count(1)
    links = frame.locator("a").evaluate_all("all => all.map(link => link.outerHTML)")
    assert [link for link in links if "javascript" in link] == []


def test_charts_that_reach_out_or_run_code_are_drawn_without(page):
    page.see("^vega( runs)?$")

    frame = panel(page, "vega").locator("iframe").content_frame
    expect(frame.locator("canvas.marks")).to_be_visible()
    frame.locator("canvas.marks").click(position={"x": 100, "y": 100})
    runs = panel(page, "vega runs")
    expect(runs.locator("iframe[data-drawn=true]").or_(runs.get_by_text("be drawn"))).to_have_count(
        1
    )


def test_box_of_no_known_class_is_told_by_its_number(page):
    page.see("^odd boxes$")
    boxes = panel(page, "odd boxes")

    expect(boxes.locator("svg rect[fill=none]")).to_have_count(3)
    expect(boxes.locator("svg text")).to_have_text([files.MARKUP, "class 99", files.MARKUP])
    expect(boxes.get_by_role("button", name="class 99")).to_be_visible()
    boxes.get_by_role("button", name="class 99").click()
    expect(boxes.locator("svg rect[fill=none]")).to_have_count(2)


def test_value_of_a_mask_without_a_name_is_told_by_its_number(page):
    page.see("^odd mask$")
    mask = panel(page, "odd mask")

    mask.get_by_role("button", name="class 255").click()
    expect(mask.locator("canvas")).to_have_attribute("width", "40")


def test_too_many_and_too_deep_boxes_leave_the_picture(page):
    page.see("^(many|deep) boxes$")

    for name in ("many boxes", "deep boxes"):
        expect(panel(page, name).get_by_role("img").first).to_be_visible()
    expect(panel(page, "many boxes").locator("svg rect[fill=none]")).to_have_count(1000)
    expect(panel(page, "many boxes").get_by_text("first 1,000 of 200,000")).to_be_visible()


def test_markup_is_text_wherever_it_stands(page):
    page.see("odd table|img src|^n%2B$|gnp")

    for name in (files.MARKUP, files.LONG, re.compile("gnp"), "odd table"):
        found = page.get_by_role("article", name=name, exact=isinstance(name, str))
        found.scroll_into_view_if_needed()
        expect(found.get_by_role("img").or_(found.get_by_role("table")).first).to_be_visible()
    table = panel(page, "odd table")
    expect(table.get_by_role("columnheader", name=files.MARKUP)).to_be_visible()
    expect(table.get_by_role("cell", name=files.MARKUP)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_what_our_client_logs_is_text_and_keeps_to_its_frame(page):
    page.see("^(picture|page|rows|line)$", run="alice/hostile/ours")

    expect(page.get_by_role("heading", name=files.MARKUP, level=1)).to_be_visible()
    picture = panel(page, "picture")
    expect(picture.locator("svg text")).to_have_text(files.MARKUP)
    expect(picture.get_by_role("button", name=files.MARKUP)).to_have_count(6)
    panel(page, "page").scroll_into_view_if_needed()
    document = panel(page, "page").locator("iframe").content_frame
    expect(document.get_by_text("hostile document")).to_be_visible()
    panel(page, "rows").scroll_into_view_if_needed()
    expect(panel(page, "rows").get_by_role("cell", name=files.MARKUP)).to_be_visible()
    panel(page, "line").scroll_into_view_if_needed()
    chart = panel(page, "line").locator("iframe").content_frame
    expect(chart.locator("canvas.marks")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def address_of(context, site, name):
    """Return where the page finds a file of a value of the hostile run."""
    address, _, client = site
    body = {"entity": client.entity, "project": client.project}
    asked = body | {"series": [{"run": client.run, "key": name}]}
    headers = {"Content-Type": "application/json"}
    answer = context.request.post(
        f"{address}/api/v1/media/values", data=json.dumps(asked), headers=headers
    )
    [series] = answer.json()["series"]
    return address + series["values"][0]["files"][ROW[name]["path"]]


TYPES = {
    "svg": ("image/svg+xml", "sandbox;"),
    "bomb": ("image/png", "sandbox;"),
    "evil page": ("text/html; charset=utf-8", "sandbox allow-scripts;"),
    "figure": ("application/json", "sandbox;"),
    "garbage glb": ("application/octet-stream", "sandbox;"),
    "reaching gltf": ("application/octet-stream", "sandbox;"),
    "claims ply": ("application/octet-stream", "sandbox;"),
    "garbage pdb": ("application/octet-stream", "sandbox;"),
    "odd table": ("application/json", "sandbox;"),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_file_comes_with_what_keeps_a_browser_from_running_it(context, site, name):
    kind, sandbox = TYPES[name]
    shown = context.request.get(address_of(context, site, name))
    saved = context.request.get(f"{site[0]}/storage/runs/1/{urllib.parse.quote(ROW[name]['path'])}")

    assert shown.headers["content-type"] == kind
    assert shown.headers["content-security-policy"].startswith(sandbox)
    for answer in (shown, saved):
        assert answer.status == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert saved.headers["content-disposition"].startswith("attachment")


def test_drawing_opened_by_itself_runs_nothing(context, site, elsewhere):
    page, dialogs = context.new_page(), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    elsewhere.asked.clear()
    try:
        page.goto(address_of(context, site, "svg"))
        expect(page.locator("rect")).to_be_attached()
        page.wait_for_timeout(300)

        assert page.locator("parsererror").count() == 0
        assert page.url.startswith(site[0])
        assert (dialogs, elsewhere.asked, len(context.pages)) == ([], [], 1)
    finally:
        page.close()


def test_document_opened_by_itself_has_no_origin_and_reaches_no_host(context, site, elsewhere):
    page = context.new_page()
    elsewhere.asked.clear()
    try:
        page.goto(address_of(context, site, "curious"))
        expect(page.locator("#told")).to_have_text("null, no cookie, no page, no host")

        assert elsewhere.asked == []
    finally:
        page.close()


# Playwright's clock would ask every frame, and one of them never answers.
IMPATIENT = """
const real = window.setTimeout;
window.setTimeout = (call, ms, ...more) => real(call, ms === 15000 ? 300 : ms, ...more);
"""


def test_document_that_never_ends_holds_up_frames_and_that_is_told(page):
    page.add_init_script(IMPATIENT)
    page.see("^(endless|figure)$")

    panel(page, "endless").scroll_into_view_if_needed()
    expect(panel(page, "endless").locator("iframe")).to_be_attached()
    expect(panel(page, "figure").locator("iframe")).to_be_attached()
    expect(panel(page, "figure").get_by_text("keeping the browser busy")).to_be_visible()
    page.get_by_role("searchbox", name="Search charts").fill("loss")
    expect(panel(page, "endless")).to_have_count(0)
    page.see("^figure$")
    expect(panel(page, "figure").locator("iframe[data-drawn=true]")).to_be_visible()
