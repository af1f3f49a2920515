"""Tables that an artifact says are made of others are looked into as one."""

import base64
import json

import pytest

from server.http.conftest import opened
from server.http.saving import Saver
from server.http.test_tables import ASKED, table

pytestmark = pytest.mark.anyio


def join(first="l.table.json", second="r.table.json", key="id"):
    return json.dumps({"table1": first, "table2": second, "join_key": key}).encode()


FILES = {
    "l.table.json": table([[1, "one"], [2, "two"]], ("id", "guess")),
    "r.table.json": table([[2, "zwei"], [3, "drei"]], ("id", "truth")),
    "both.joined-table.json": join(),
    "parts/b.table.json": table([[3]], ("n",)),
    "parts/a.table.json": table([[1], [2]], ("n",)),
    "parts/note.txt": b"no table",
    "all.partitioned-table.json": json.dumps({"parts_path": "parts"}).encode(),
    "itself.joined-table.json": join("itself.joined-table.json", "l.table.json"),
    "lacking.joined-table.json": join("none.table.json"),
    "none.partitioned-table.json": json.dumps({"parts_path": "nowhere"}).encode(),
}


async def ask(house, path, status=200, client="c-1", **more):
    source = {"artifact": f"wandb-client-artifact://{client}/{path}"}
    body = ASKED | {"source": source} | more
    answer = await house.ask("POST", "/api/v1/tables/query", json=body)
    assert answer.status == status, answer
    return answer.body


@pytest.fixture
async def saved(house):
    await Saver(house).save(FILES, clientID="c-1")
    return house


def cells(page):
    return [row["cells"] for row in page["rows"]]


async def test_joined_tables_are_side_by_side(saved):
    page = await ask(saved, "both.joined-table.json")

    assert [column["name"] for column in page["columns"]] == ["id", "guess", "truth"]
    assert cells(page) == [[1, "one", None], [2, "two", "zwei"], [3, None, "drei"]]


async def test_rows_of_a_joined_table_are_sorted_filtered_and_paged(saved):
    page = await ask(
        saved,
        "both.joined-table.json",
        filter={"column": "truth", "op": "exists", "value": None},
        sort=[{"column": "id", "descending": True}],
        limit=1,
    )

    assert (page["total"], page["matching"]) == (3, 2)
    assert cells(page) == [[3, None, "drei"]]


async def test_parts_are_one_table_in_order_of_their_names(saved):
    assert cells(await ask(saved, "all.partitioned-table.json")) == [[1], [2], [3]]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("itself.joined-table.json", 400),
        ("lacking.joined-table.json", 404),
        ("none.partitioned-table.json", 404),
        ("missing.joined-table.json", 404),
    ],
)
async def test_table_that_can_not_be_made_is_told(saved, path, status):
    assert (await ask(saved, path, status))["error"]


@pytest.mark.parametrize(
    ("cell", "count", "what"), [(1, 30, "50 cells"), ("x" * 400, 2, "1000 bytes")]
)
async def test_parts_are_held_to_the_size_of_one_table(tmp_path, cell, count, what):
    parts = {f"parts/{n}.table.json": table([[cell]] * count, ("n",)) for n in range(3)}
    async with opened(tmp_path, table_bytes=1000, table_cells=50) as house:
        await Saver(house).save(
            parts | {"all.partitioned-table.json": FILES["all.partitioned-table.json"]},
            clientID="c-1",
        )

        assert what in (await ask(house, "all.partitioned-table.json", 413))["error"]


async def test_entry_that_stands_for_one_of_another_artifact_is_followed(saved):
    other = "wandb-client-artifact://c-1/both.joined-table.json"
    references = {"r.joined-table.json": {"digest": "d", "ref": other, "size": 1}}
    await Saver(saved).save({}, name="more", references=references, clientID="c-2")

    assert len(cells(await ask(saved, "r.joined-table.json", client="c-2"))) == 3


async def test_artifact_is_found_by_its_id_too(house):
    artifact = await Saver(house).save(FILES)
    named = base64.b64decode(artifact["id"]).hex()
    body = ASKED | {"source": {"artifact": f"wandb-artifact://{named}/both.joined-table.json"}}

    answer = await house.ask("POST", "/api/v1/tables/query", json=body)

    assert (answer.status, len(cells(answer.body))) == (200, 3)


async def test_reference_into_another_project_is_not_followed(house):
    await Saver(house, project="dogs", run=None).save(FILES, clientID="c-1")
    other = "wandb-client-artifact://c-1/both.joined-table.json"
    references = {"r.joined-table.json": {"digest": "d", "ref": other, "size": 1}}
    await Saver(house).save({}, references=references, clientID="c-2")

    await ask(house, "r.joined-table.json", 404, client="c-2")
