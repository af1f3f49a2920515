"""Tables of runs are looked into a page at a time, by those who may."""

import json
from pathlib import Path

import pytest

from server.http.conftest import opened
from server.http.saving import Saver, local
from server.http.test_storage import put

pytestmark = pytest.mark.anyio
PATH = "media/table/t_0_abc.table.json"
ASKED = {"entity": "alice", "project": "cats", "source": {"run": "run1", "path": PATH}}


def table(rows, columns=("a", "b")):
    return json.dumps({"columns": list(columns), "data": rows}).encode()


async def ask(house, status=200, **more):
    answer = await house.ask("POST", "/api/v1/tables/query", json=ASKED | more)
    assert answer.status == status, answer
    return answer.body


async def test_page_of_a_table_is_told_with_its_columns(house):
    await put(house, PATH, table([[n, f"row {n}"] for n in range(5)]), upload_bytes=10_000)

    page = await ask(house, offset=1, limit=2, sort=[{"column": "a", "descending": True}])

    assert page["columns"] == [{"name": "a", "kind": "number"}, {"name": "b", "kind": "text"}]
    assert (page["total"], page["matching"]) == (5, 5)
    assert page["rows"] == [{"at": 3, "cells": [3, "row 3"]}, {"at": 2, "cells": [2, "row 2"]}]


async def test_rows_are_filtered_by_conditions_and_by_an_expression(house):
    await put(house, PATH, table([[n, n % 2 == 0] for n in range(10)]), upload_bytes=10_000)

    page = await ask(
        house,
        filter={"column": "a", "op": "ge", "value": 4},
        expression='row["b"] = true and row["a"] != 6',
    )

    assert [row["cells"][0] for row in page["rows"]] == [4, 8]


async def test_groups_are_told_with_summaries(house):
    await put(house, PATH, table([[n, n % 2 == 0] for n in range(10)]), upload_bytes=10_000)

    page = await ask(house, group=["b"])

    assert page["total_groups"] == 2
    assert [(group["key"], group["count"]) for group in page["groups"]] == [
        ([False], 5),
        ([True], 5),
    ]
    summary = page["groups"][0]["cells"][0]
    assert (summary["kind"], sum(summary["counts"])) == ("histogram", 5)


async def test_files_that_cells_name_have_addresses(house):
    image = {"_type": "image-file", "path": "media/images/x.png"}
    await put(house, PATH, table([[1, image], [2, None]]), upload_bytes=10_000)

    rows, groups = await ask(house), await ask(house, group=["a"])

    assert rows["files"]["media/images/x.png"].startswith("/media/runs/1/media/images/x.png?")
    assert groups["files"].keys() == rows["files"].keys()
    assert rows["columns"][1]["kind"] == "media"


async def test_numbers_that_json_lacks_are_told_as_text(house):
    await put(house, PATH, b'{"columns": ["a"], "data": [[NaN], [1], ["Infinity"], [1e999]]}')

    page = await ask(house)

    assert page["columns"][0]["kind"] == "number"
    assert [row["cells"][0] for row in page["rows"]] == ["NaN", 1, "Infinity", "Infinity"]


async def test_changed_file_is_read_anew(house):
    await put(house, PATH, table([[1, 2]]), upload_bytes=10_000)
    await ask(house)
    await put(house, PATH, table([[3, 4]]), upload_bytes=10_000)

    assert (await ask(house))["rows"][0]["cells"] == [3, 4]


@pytest.mark.parametrize(
    "content",
    [b"", b"no", b"[]", b"{}", b'{"columns": 1, "data": []}', b"[" * 100_000, b"\xff\xfe"],
    ids=lambda content: str(content)[:30],
)
async def test_file_that_is_no_table_is_told_in_a_sentence(house, content):
    await put(house, PATH, content[:200_000], upload_bytes=1_000_000)

    answer = await ask(house, status=400)

    assert answer["error"].endswith(".")


async def test_file_beyond_the_limits_is_not_read(tmp_path):
    async with opened(tmp_path, table_bytes=1000, table_cells=50) as house:
        await put(house, PATH, table([[0, "x" * 2000]]), upload_bytes=10_000)
        assert "FERRULE_TABLE_BYTES" in (await ask(house, status=413))["error"]

        await put(house, PATH, table([[0, 0]] * 60), upload_bytes=10_000)
        assert "50 cells" in (await ask(house, status=413))["error"]

        await put(house, PATH, b'{"columns": [], "data": [' + b"[]," * 300 + b"[]]}")
        assert "50 cells" in (await ask(house, status=413))["error"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"source": {"run": "run1", "path": "media/none.table.json"}}, 404),
        ({"source": {"run": "nobody", "path": PATH}}, 404),
        ({"source": {}}, 400),
        ({"source": "x"}, 400),
        ({"filter": []}, 200),
        ({"filter": [1]}, 400),
        ({"filter": {"column": "no", "op": "is", "value": 1}}, 400),
        ({"filter": {"column": "a", "op": "like", "value": 1}}, 400),
        ({"filter": {"and": 3}}, 400),
        ({"filter": {"column": "a", "op": "matches", "value": "("}}, 400),
        ({"filter": {"column": "a", "op": "lt", "value": []}}, 400),
        ({"filter": {"or": [{"column": "a", "op": "exists"}] * 300}}, 400),
        ({"expression": "row["}, 400),
        ({"expression": "x" * 5000}, 400),
        ({"sort": [{"column": "no"}]}, 400),
        ({"sort": [{"column": None}]}, 400),
        ({"sort": [3]}, 400),
        ({"group": ["no"]}, 400),
        ({"group": [3]}, 400),
        ({"group": ["a"] * 30}, 400),
        ({"group": ["a"], "sort": [{"column": "b"}]}, 400),
        ({"limit": 0}, 400),
        ({"limit": 5000}, 400),
        ({"offset": -1}, 400),
        ({"whole": 1}, 400),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_question_that_can_not_be_is_refused_with_a_sentence(house, more, status):
    await put(house, PATH, table([[1, 2]]), upload_bytes=10_000)

    answer = await ask(house, status=status, **more)

    assert status == 200 or answer["error"].endswith(".")


IN_ARTIFACT = "wandb-client-artifact://c-1/t.table.json"


def source(artifact=IN_ARTIFACT):
    return ASKED["source"] | {"artifact": artifact}


async def test_table_in_its_artifact_goes_before_the_file_of_the_run(house):
    image = {"_type": "image-file", "path": "media/images/x.png"}
    await put(house, PATH, table([[1, "Image"]]), upload_bytes=10_000)
    assert (await ask(house, source=source()))["rows"][0]["cells"] == [1, "Image"]

    files = {"t.table.json": table([[1, image]]), "media/images/x.png": b"pixels"}
    await Saver(house).save(files, clientID="c-1")
    page = await ask(house, source=source())

    assert page["rows"][0]["cells"] == [1, image]
    shown = await house.ask("GET", local(page["files"][image["path"]]), role=None)
    assert (shown.status, shown.body) == (200, b"pixels")
    assert shown.headers["Content-Type"] == "image/png"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "wandb-client-artifact://c-2/t.table.json",
        "wandb-client-artifact://c-1/none.table.json",
        "wandb-client-artifact://c-1",
        "http://evil.example/t.table.json",
        "../../etc/passwd",
    ],
)
async def test_reference_to_nothing_leaves_the_file_of_the_run(house, reference):
    await put(house, PATH, table([[1, "of the run"]]), upload_bytes=10_000)
    await Saver(house).save({"t.table.json": table([[1, "of the artifact"]])}, clientID="c-1")

    page = await ask(house, source=source(reference))

    assert page["rows"][0]["cells"] == [1, "of the run"]


async def test_artifact_of_another_project_is_not_read(house):
    await put(house, PATH, table([[1, "of the run"]]), upload_bytes=10_000)
    dogs = Saver(house, project="dogs", run=None)
    await dogs.save({"t.table.json": table([[1, "a secret"]])}, clientID="c-1")

    page = await ask(house, source=source())

    assert page["rows"][0]["cells"] == [1, "of the run"]


PARQUET = Path(__file__).resolve().parents[1] / "tables" / "parquet"


async def test_parquet_file_of_a_run_is_filtered_and_grouped_like_any_table(house):
    content = (PARQUET / "pandas.parquet").read_bytes()
    await put(house, "eval/rows.parquet", content, upload_bytes=100_000)
    named = {"run": "run1", "path": "eval/rows.parquet"}

    page = await ask(house, source=named, filter={"column": "small", "op": "ge", "value": 1})
    groups = await ask(house, source=named, group=["Is Error"])

    kinds = {column["name"]: column["kind"] for column in page["columns"]}
    assert (kinds["loss"], kinds["kind"], kinds["Is Error"]) == ("number", "text", "boolean")
    assert [row["at"] for row in page["rows"]] == [2, 3, 4]
    assert [(group["key"], group["count"]) for group in groups["groups"]] == [
        ([False], 3),
        ([True], 2),
    ]


async def test_garbage_by_the_name_of_parquet_is_told_in_a_sentence(house):
    await put(house, "x.parquet", b"PAR1 is not enough PAR1", upload_bytes=10_000)

    answer = await ask(house, status=400, source={"run": "run1", "path": "x.parquet"})

    assert answer["error"].startswith("The file is no table: it is shorter than it says")


async def test_files_of_an_artifact_are_tables_by_its_name_and_version(house):
    files = {
        "deep/rows.parquet": (PARQUET / "polars.parquet").read_bytes(),
        "rows.csv": b"a,b\n1,x\n2,y\n",
        "t.table.json": table([[1, {"_type": "image-file", "path": "media/x.png"}]]),
        "media/x.png": b"pixels",
    }
    await Saver(house).save(files, clientID="c-1")
    named = {"collection": "ds"}

    parquet = await ask(house, source=named | {"path": "deep/rows.parquet"})
    csv = await ask(house, source=named | {"version": "v0", "path": "rows.csv"})
    json_ = await ask(house, source=named | {"version": "latest", "path": "t.table.json"})

    assert [row["cells"][0] for row in parquet["rows"]] == [1, 2, None]
    assert [row["cells"] for row in csv["rows"]] == [[1, "x"], [2, "y"]]
    shown = await house.ask("GET", local(json_["files"]["media/x.png"]), role=None)
    assert (shown.status, shown.body) == (200, b"pixels")


@pytest.mark.parametrize(
    "more",
    [
        {"path": "none.csv"},
        {"version": "v7", "path": "rows.csv"},
        {"version": "none", "path": "rows.csv"},
        {"collection": "none", "path": "rows.csv"},
        {"path": "../rows.csv"},
    ],
    ids=str,
)
async def test_what_an_artifact_lacks_is_told(house, more):
    await Saver(house).save({"rows.csv": b"a\n1\n"}, clientID="c-1")

    answer = await ask(house, status=404, source={"collection": "ds"} | more)

    assert answer["error"].endswith("or it has not come yet.")


async def test_collection_of_another_project_is_not_found(house):
    await Saver(house, project="dogs", run=None).save({"rows.csv": b"a\n1\n"}, clientID="c-1")

    await ask(house, status=404, source={"collection": "ds", "path": "rows.csv"})


async def test_address_of_a_shown_entry_is_good_for_nothing_else(house):
    files = {"t.table.json": table([[{"path": "media/a.png"}, 1]]), "media/a.png": b"a"}
    await Saver(house).save(files, clientID="c-1")
    await put(house, PATH, table([[1, 2]]), upload_bytes=10_000)
    address = (await ask(house, source=source()))["files"]["media/a.png"]

    for old, new in (("/media/artifacts", "/storage/artifacts"), ("a.png", "b.png")):
        wrong = address.replace(old, new, 1).replace("/media/a.png", "/files/media/a.png")
        assert (await house.ask("GET", local(wrong), role=None)).status == 403


async def test_stranger_gets_no_table(house):
    await put(house, PATH, table([[1, 2]]), upload_bytes=10_000)

    answer = await house.ask("POST", "/api/v1/tables/query", role="stranger", json=ASKED)

    assert answer.status == 404
