"""Every page draws, keeps to its own host, and obeys its content security policy."""

import re

import pytest

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)
# A browser on a busy machine takes its time.
pytestmark = pytest.mark.timeout(120)

GROWING = "005ytjkb"
HOSTILE = "024jdkq4"
CRASHED = "033cfhf3"

ROUTES = {
    "projects": ("/", "Projects"),
    "workspace": ("/demo/mnist", "train"),
    "runs": ("/demo/mnist/table", "amber-river-30"),
    "project overview": ("/demo/mnist/overview", "Log another run"),
    "run charts": (f"/demo/mnist/runs/{CRASHED}", "brisk-finch-27"),
    "run overview": (f"/demo/mnist/runs/{CRASHED}/overview", "python experiments/train.py"),
    "run log": (f"/demo/mnist/runs/{CRASHED}/logs", "OutOfMemoryError"),
    "run system": (f"/demo/mnist/runs/{CRASHED}/system", "GPU 1"),
    "run files": (f"/demo/mnist/runs/{CRASHED}/files", "last.safetensors"),
    "empty project": ("/demo/empty", "No runs yet"),
    "missing project": ("/demo/mnits", "Did you mean"),
    "missing run": ("/demo/mnist/runs/none", "Not found"),
    "missing page": ("/demo/mnist/no/such/page", "Not found"),
    "later page": ("/demo/mnist/sweeps", "No page for sweeps yet"),
    "key": ("/authorize", "ferrule user key"),
    "login": ("/login", "Log in to Ferrule"),
}
MORE = {
    "enlarged chart": ("/demo/mnist?full=train%2Floss", "Download these points as CSV"),
    "failing project": ("/demo/broken", "req-7f3a91"),
}
SERIOUS = {"serious", "critical"}
# A change of scheme is drawn with the frame after the next.
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("name", ROUTES)
def test_page_draws_without_errors_or_requests_to_other_hosts(site, page, name):
    path, text = ROUTES[name]

    page.goto(site.address + path)

    expect(page.get_by_text(text).first).to_be_visible()
    assert page.watched.errors == []
    assert page.watched.elsewhere(site.address) == []


@pytest.mark.parametrize("name", [*ROUTES, *MORE])
def test_no_serious_obstacle_for_anyone(site, page, axe, name):
    path, text = (ROUTES | MORE)[name]
    page.emulate_media(reduced_motion="reduce")
    page.goto(site.address + path)
    expect(page.get_by_text(text).first).to_be_visible()
    expect(page.get_by_role("status", name=re.compile("Loading"))).to_have_count(0)
    page.evaluate(axe)

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(PAINTED)
        found += page.evaluate("axe.run()")["violations"]

    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS] == []


def test_charts_are_drawn_only_for_what_is_on_screen(site, page):
    page.goto(f"{site.address}/demo/mnist")

    expect(page.locator(".uplot").first).to_be_visible()
    assert 0 < page.locator(".uplot").count() < page.locator("article").count()


def test_folded_section_asks_for_nothing(site, page):
    asked = []
    page.on("request", lambda request: asked.append(request.post_data or ""))

    page.goto(f"{site.address}/demo/mnist?fold=Charts&panels=loss")

    expect(page.get_by_role("button", name=re.compile("Charts"))).to_have_attribute(
        "aria-expanded", "false"
    )
    expect(page.locator(".uplot").first).to_be_visible()
    assert not [body for body in asked if "losses" in body]


def test_page_fits_a_narrow_phone(site, phone):
    for path in ("/", "/demo/mnist", "/demo/mnist/table", f"/demo/mnist/runs/{CRASHED}/overview"):
        phone.goto(site.address + path)
        expect(phone.get_by_role("main")).to_be_visible()

        wide = phone.evaluate("document.documentElement.scrollWidth")

        assert wide <= 360, path


def test_run_list_is_a_drawer_on_a_phone(site, phone):
    phone.goto(f"{site.address}/demo/mnist")

    phone.get_by_role("button", name="Show the runs").click()

    expect(phone.get_by_role("link", name="amber-river-30")).to_be_visible()


def test_thousand_runs_with_hundreds_of_columns_are_few_nodes(site, page):
    page.goto(f"{site.address}/demo/wide/table")
    expect(page.get_by_role("link", name="trial-0999")).to_be_visible()

    nodes = page.evaluate("document.querySelectorAll('*').length")

    assert nodes <= 3000


@pytest.mark.parametrize("tab", ["overview", "logs", "files"])
def test_markup_in_what_users_wrote_is_text(site, page, tab):
    page.goto(f"{site.address}/demo/mnist/runs/{HOSTILE}/{tab}")
    if tab == "logs":
        page.get_by_role("searchbox").fill("onerror")
    if tab == "files":
        page.get_by_role("button", name="config.yaml").click()

    expect(page.get_by_text("onerror=").last).to_be_visible()
    assert page.evaluate("window.__owned") is None
    assert page.locator("img[src=x]").count() == 0
    assert page.watched.errors == []
