"""Files that hold tables are looked into on the run's page, whoever wrote them."""

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
        page.goto(f"{address}/alice/tables/runs/files/files")
        yield page
        assert page.errors == []


def opened(page, name):
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
