"""Files that hold tables, lists of several types and charts of many rows, on the run's page."""

import json
from pathlib import Path

import pytest

from browsers import launched
from e2e.ferrule_server import serving
from e2e.running import run_program
from oracle.harness import our_client

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.timeout(180)
WAIT_MS = 30_000
FIXTURES = Path(__file__).resolve().parents[1] / "server" / "tables" / "parquet"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        files = [FIXTURES / f"{name}.parquet" for name in ("pandas", "arrow")]
        words = ("TARGET", *files)
        run_program(our_client(), folder / "run", "tables", *words, url=server.url, key=key)
        yield server.url, key


@pytest.fixture
def page(site):
    address, key = site
    with launched() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        body, headers = json.dumps({"api_key": key}), {"Content-Type": "application/json"}
        assert context.request.post(f"{address}/api/v1/session", data=body, headers=headers).ok
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.see = lambda tab: page.goto(f"{address}/alice/tables/runs/files{tab}")
        yield page
        assert page.errors == []


def opened(page, name):
    page.see("/files")
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("dialog", name=name)


def test_parquet_of_pandas_is_a_table_that_is_grouped_and_filtered(page):
    table = opened(page, "pandas.parquet")

    expect(table.get_by_text("5 rows")).to_be_visible(timeout=WAIT_MS)
    expect(table.get_by_role("cell", name="2024-02-29 03:04:05.500").first).to_be_visible()
    table.get_by_label("Group by").select_option("Is Error")
    expect(table.get_by_text("2 groups, 5 rows")).to_be_visible(timeout=WAIT_MS)
    expect(table.get_by_role("img", name="id: from 1 to 4")).to_have_count(1)


def test_nested_columns_are_shown_as_json(page):
    table = opened(page, "arrow.parquet")

    expect(table.get_by_text('[{"at":[1,2],"label":"a"}')).to_be_visible(timeout=WAIT_MS)
    expect(table.get_by_text('{"x":1.5,"y":"a"}')).to_be_visible()


def test_csv_is_a_table_too(page):
    table = opened(page, "rows.csv")

    expect(table.get_by_role("cell", name="second")).to_be_visible(timeout=WAIT_MS)
    expect(table.get_by_role("cell", name="2.5")).to_be_visible()


def test_broken_file_says_what_is_wrong_with_it(page):
    table = opened(page, "broken.parquet")

    expect(table.get_by_text("it is shorter than it says")).to_be_visible(timeout=WAIT_MS)


def panel(page, name):
    page.see(f"?panels={name}")
    return page.get_by_role("article", name=name, exact=True)


def test_list_of_several_types_has_a_panel_with_a_viewer_for_each(page):
    mixed = panel(page, "mixed")

    expect(mixed.get_by_role("img", name="a gradient")).to_be_visible(timeout=WAIT_MS)
    heading = mixed.locator("iframe").content_frame.get_by_role("heading", name="A heading")
    expect(heading).to_be_visible(timeout=WAIT_MS)
    bars = mixed.locator("svg[role=img] title")
    expect(bars).to_have_count(3)
    assert [title.rpartition(": ")[2] for title in bars.all_text_contents()] == [
        "3 rows",
        "5 rows",
        "2 rows",
    ]


def test_tables_logged_together_are_each_a_table(page):
    tables = panel(page, "pair of tables").get_by_role("table")

    expect(tables).to_have_count(2, timeout=WAIT_MS)
    expect(tables.first.get_by_role("cell", name="two", exact=True)).to_be_visible()
    expect(tables.last.get_by_role("cell", name="alone", exact=True)).to_be_visible()


def test_list_of_numbers_has_no_panel(page):
    page.see("?panels=mixed|numbers")

    expect(page.get_by_role("article", name="mixed")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("article", name="numbers")).to_have_count(0)


def test_chart_says_how_many_of_its_rows_it_is_drawn_from(page):
    cloud = panel(page, "cloud")

    expect(cloud.locator("iframe").content_frame.locator("canvas")).to_be_visible(timeout=WAIT_MS)
    expect(cloud.get_by_text("Drawn from the first 10,000 of 12,345 rows.")).to_be_visible()
