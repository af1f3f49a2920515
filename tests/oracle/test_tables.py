"""Tables under both clients: the rows, the files in the run, and those in the artifact."""

import json
from pathlib import Path

import pytest

from oracle.compare import declared, differing, without_clocks
from oracle.harness import released_client, run_script

MEDIA = "0.21.3-media"

# Ours has no artifact of its own in this test: a sink in memory takes what one would.
BEGIN = """
import datetime, decimal, enum, json, math, os, sys
import numpy as np
import pandas as pd
import wandb

ours = "ferrule" in wandb.__version__
run = wandb.init(settings={"console": "off", "x_disable_stats": True})
kept = {}

class Sink:
    in_artifact = True

    def keep(self, content, *, kind, name):
        path = f"media/{kind}/{content.md5[:20]}{content.extension}"
        return {"sha256": content.sha256, "path": path}

    def add(self, value, name):
        path = f"{name}.{value._log_type}.json"
        make = getattr(value, "to_content", None)
        text = make(self, name=name).data if make else json.dumps(value.to_wire(self, name=name))
        kept[path] = json.loads(text)
        return type("Entry", (), {"path": path, "digest": ""})


def log(key, table):
    if ours:
        Sink().add(table, key)
    run.log({key: table})


def refused(make):
    try:
        make()
    except Exception as err:
        return type(err).__name__
"""
END = """
run.finish()
if ours:
    json.dump(kept, open("kept.json", "w"))
"""


@pytest.fixture(scope="session")
def media_client():
    return released_client(MEDIA)


@pytest.fixture
def both(ours, media_client, tmp_path):
    """Run a script under both clients."""

    def run(body):
        found = []
        for client in (ours, media_client):
            folder = tmp_path / client.name
            folder.mkdir()
            environment = {"WANDB_DATA_DIR": str(folder / "data")}
            done = run_script(client, folder, BEGIN + body + END, environment=environment)
            assert done.exit_code == 0, done.stderr
            found.append(done)
        return found

    return run


def files(done):
    """Return the JSON of the files that rows name, by key and step."""
    found = {}
    for row in done.log.rows:
        for key, value in row.items():
            if isinstance(value, dict) and "path" in value:
                path = done.log.journal.parent / "files" / value["path"]
                found[f"{key} {row['_step']}"] = json.loads(path.read_text())
    return found


# What stands for another file, or for the artifact, which this test has no artifact for.
NAMES = ("artifact_path", "_latest_artifact_path", "previous_increments_paths")


def rows(done):
    """Return the rows without what names an artifact."""
    return [
        {
            key: {name: part for name, part in value.items() if name not in NAMES}
            if isinstance(value, dict)
            else value
            for key, value in without_clocks(row).items()
        }
        for row in done.log.rows
    ]


def artifacts(done):
    """Return the JSON of the tables that went into artifacts, by their names there."""
    if (done.folder / "kept.json").exists():
        return json.loads((done.folder / "kept.json").read_text())
    found = {}
    for record in done.log.of_kind("request") + done.log.of_kind("artifact"):
        for entry in record.get("log_artifact", record).get("artifact", record)["manifest"][
            "contents"
        ]:
            if entry["path"].endswith(".json"):
                found[entry["path"]] = json.loads(Path(entry["local_path"]).read_text())
    return found


def without_random_names(tree):
    """Leave out the names of files that the original draws by chance."""
    if isinstance(tree, dict):
        return {
            key: None if key == "serialization_path" and value else without_random_names(value)
            for key, value in tree.items()
        }
    return [without_random_names(item) for item in tree] if isinstance(tree, list) else tree


def assert_same(mine, theirs):
    assert list(differing("rows", rows(mine), rows(theirs))) == []
    assert list(differing("files", files(mine), files(theirs))) == []
    ours, original = without_random_names(artifacts(mine)), without_random_names(artifacts(theirs))
    assert ours.keys() == original.keys()
    assert list(differing("artifacts", ours, original)) == []


CELLS = {
    "numbers": "[[1, 2.5], [-0.0, 1e300], [2**70, 1e-7], [None, math.nan], [0, math.inf]]",
    "text": "[['a', 'é\\u2028\"'], [None, '']]",
    "booleans": "[[True, None], [False, True]]",
    "numpy scalars": "[[np.float32(0.1), np.int8(3)], [np.float64(math.nan), np.uint64(2**63)]]",
    "numpy booleans": "[[np.bool_(True), np.float16(0.5)], [np.bool_(False), np.half(math.nan)]]",
    "times": "[[datetime.datetime(2024, 1, 2, 3, 4, 5, 6), datetime.date(2024, 1, 2)]]",
    "numpy times": "[[np.datetime64('2024-01-02T03:04:05'), np.datetime64('2024-01-02', 'ns')]]",
    "lists": "[[[1, 2.5], ['a', None]], [[3], ['b']]]",
    "nested lists": "[[[[1], [2]], (1, 2)], [[[3], [4]], (3, 4)]]",
    "dicts": "[[{'a': 1, 'b': [1]}, 1], [{'a': 2, 'b': [2]}, 2]]",
    "short arrays": "[[np.zeros(3), np.arange(2, dtype=np.int32)], [np.ones(3), np.arange(2)]]",
    "long arrays": "[[np.zeros(151), np.zeros((2, 3))], [np.ones(151), np.ones((2, 3))]]",
    "bytes": "[[b'ab', 1]]",
    "numpy text": "[[np.str_('a'), np.str_('b')]]",
    "artifacts": "[['wandb-artifact://x/y', 1]]",
    "mixed": "[[1, 'a'], ['b', [2]], [None, {'c': 3}]]",
}


@pytest.mark.released
def test_cells_of_all_kinds_are_the_same(both):
    logs = "".join(
        f"log({name!r}, wandb.Table(columns=['a', 'b'], data={cells},"
        f" allow_mixed_types={name == 'mixed'}))\n"
        for name, cells in CELLS.items()
    )

    mine, theirs = both(logs)

    assert len(rows(mine)) == len(CELLS)
    assert_same(mine, theirs)


@pytest.mark.released
def test_frames_and_arrays_are_the_same(both):
    mine, theirs = both("""
frame = pd.DataFrame({
    "f": [0.1, math.nan, 3e22], "g": np.array([1, 2, math.nan], np.float32),
    "h": np.array([1, 2, math.nan], np.float16), "i": [1, -2, 3],
    "u": np.array([1, 2, 2**64 - 1], np.uint64), "j": np.array([1, 2, 3], np.int8),
    "s": ["x", None, "z"], "b": [True, False, True],
    "t": pd.to_datetime(["2024-01-02", "2024-01-03 04:05:06.789", None], format="mixed"),
    "o": [1, None, 2.5], "l": [[1], [2], [3]],
}, index=["p", "q", "r"])
log("frame", wandb.Table(dataframe=frame))
log("as data", wandb.Table(data=frame))
log("empty", wandb.Table(dataframe=frame.iloc[:0]))
log("plain columns", wandb.Table(dataframe=pd.DataFrame([[1, 2.5], [3, 4.5]])))
log("sliced", wandb.Table(dataframe=frame[["f", "i"]].iloc[::2]))
log("categories", wandb.Table(dataframe=pd.DataFrame({"c": pd.Categorical(["x", "y"])})))
log("array", wandb.Table(columns=["a", "b"], data=np.arange(6.0).reshape(3, 2)))
log("big-endian", wandb.Table(columns=["a", "b"], data=np.arange(6, dtype=">i4").reshape(3, 2)))
log("objects", wandb.Table(columns=["a", "b"], data=np.array([[1, "x"], [2, "y"]], dtype=object)))
log("text", wandb.Table(columns=["a"], data=np.array([["x"], ["y"]])))
log("three axes", wandb.Table(columns=["a", "b"], data=np.arange(24).reshape(2, 2, 6)))
run.log({"bare": 1})
""")

    assert_same(mine, theirs)


@pytest.mark.released
def test_tables_of_more_rows_than_a_runs_file_has_are_the_same(both):
    mine, theirs = both("""
log("rows", wandb.Table(columns=["a", "b"], data=[[at, str(at)] for at in range(10_050)]))
log("frame", wandb.Table(dataframe=pd.DataFrame({"a": np.arange(10_050) / 7})))
wandb.Table.MAX_ARTIFACT_ROWS = 20
log("few", wandb.Table(columns=["a"], data=[[at] for at in range(30)]))
""")

    assert len(files(mine)["rows 0"]["data"]) == 10_000
    assert len(artifacts(mine)["rows.table.json"]["data"]) == 10_050
    assert_same(mine, theirs)


@pytest.mark.released
def test_changes_give_the_same_tables(both):
    mine, theirs = both("""
table = wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]])
table.add_column("c", [0.5, 1.5])
table.add_column("d", np.array([[1, 2], [3, 4]]))
table.add_column("e", ["p", None], optional=True)
table.add_computed_columns(lambda ndx, row: {"f": ndx + row["a"], "g": row["b"] * 2})
table.cast("a", [int, str], optional=True)
table.add_data("z", "w", 1, np.array([5, 6]), "q", 7, "gg")
log("changed", table)

keys = wandb.Table(columns=["id", "n"], data=[["ann", 1], ["bob", 2]])
keys.set_pk("id")
log("keys", keys)

typed = wandb.Table(columns=["a", "b"], dtype=[int, [str]], optional=[False, True])
typed.add_data(1, ["x"])
typed.add_data(2, None)
log("typed", typed)

grown = wandb.Table(columns=["a"])
for cell in (None, 1, math.nan, 2.5):
    grown.add_data(cell)
log("grown", grown)
again = wandb.Table(columns=grown.columns, data=grown.data)
log("again", again)
""")

    assert_same(mine, theirs)


MEDIA_CELLS = """
pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1,
       "scores": {"acc": 0.5}, "domain": "pixel"}
boxes = {"found": {"box_data": [box], "class_labels": {1: "cat", 2: "dog"}}}
masks = {"seen": {"mask_data": np.ones((4, 4), np.uint8), "class_labels": {1: "cat"}}}
classes = wandb.Classes([{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}])
open("page.html", "w").write("<p>")
table = wandb.Table(columns=["image", "html", "list", "kind"])
table.cast("kind", classes.get_type())
table.add_data(wandb.Image(pixels), wandb.Html("page.html"), [wandb.Image(pixels)], 1)
table.add_data(wandb.Image(pixels, boxes=boxes, classes=classes), None, [wandb.Image(pixels)], 2)
table.add_data(wandb.Image(pixels, masks=masks, classes=classes), None, [wandb.Image(pixels)], 1)
log("media", table)
"""


@pytest.mark.released
def test_columns_of_media_have_the_same_types(both):
    mine, theirs = both(MEDIA_CELLS)

    assert list(differing("files", files(mine), files(theirs))) == []
    ours, original = (with_sets(artifacts(one)["media.table.json"]) for one in (mine, theirs))
    types = [tree["column_types"]["params"]["type_map"] for tree in (ours, original)]
    for kinds in types:
        kinds["kind"]["params"].pop("classes_obj")  # the path of a file beside it
    assert list(differing("types", *types)) == []
    kinds = [[cell_kind(cell) for cell in row] for row in ours["data"]]
    assert kinds == [[cell_kind(cell) for cell in row] for row in original["data"]]


def with_sets(tree):
    """Bring the items of constant sets into one order."""
    if isinstance(tree, dict):
        tree = {key: with_sets(value) for key, value in tree.items()}
        return {**tree, "val": sorted(tree["val"])} if isinstance(tree.get("val"), list) else tree
    return tree


def cell_kind(cell):
    return cell.get("_type") if isinstance(cell, dict) else type(cell).__name__


@pytest.mark.released
@pytest.mark.parametrize("mode", ["IMMUTABLE", "MUTABLE", "INCREMENTAL"])
def test_tables_logged_again_are_the_same(both, mode):
    mine, theirs = both(f"""
table = wandb.Table(columns=["a"], data=[[1]], log_mode={mode!r})
for at in range(3):
    run.log({{"t": table}})
    run.log({{"t": table}})
    table.add_data(at)
    table.add_data(at)
run.log({{"t": table}})
""")

    assert list(differing("rows", rows(mine), rows(theirs))) == []
    assert list(differing("files", files(mine), files(theirs))) == []


WRONG = [
    "wandb.Table(columns='ab')",
    "wandb.Table(columns=['a', 2.5])",
    "wandb.Table(columns=('a',))",
    "wandb.Table(columns=['a'], data=((1,),))",
    "wandb.Table(columns=['a'], data=[[1, 2]])",
    "wandb.Table(columns=['a'], data=[[1], ['x']])",
    "wandb.Table(columns=['a'], data=[['x']], dtype=int)",
    "wandb.Table(columns=['a'], data=[[None]], optional=False)",
    "wandb.Table(columns=['a'], data=np.zeros((2, 2)))",
    "wandb.Table(columns=['a'], log_mode='SOMETIMES')",
    "wandb.Table(dataframe=[[1]])",
    "wandb.Table(columns=['a']).add_data(1, 2)",
    "wandb.Table(columns=['a']).add_column('a', [])",
    "wandb.Table(columns=['a'], data=[[1]]).add_column('b', [1, 2])",
    "wandb.Table(columns=['a'], data=[[1], [2]]).add_column('b', [1, 'x'])",
    "wandb.Table(columns=['a']).get_column('b')",
    "wandb.Table(columns=['a']).cast('b', int)",
    "wandb.Table(columns=['a'], data=[[1]]).set_pk('a')",
    "wandb.Table(columns=['a'], log_mode='INCREMENTAL').add_column('b', [])",
    "wandb.Table(columns=['a'], data=[[1]]).add_computed_columns(lambda n, r: 5)",
    "wandb.JoinedTable('x.table.json', 'y.table.json', 5)",
    "wandb.JoinedTable('x', 'y.table.json', 'k')",
]


@pytest.mark.released
def test_the_same_mistakes_are_refused(both):
    asked = (
        f"run.config['refused'] = [refused(lambda make=make: eval(make)) for make in {WRONG!r}]\n"
    )

    mine, theirs = both(asked)

    assert None not in mine.log.config["refused"]
    ours = dict(zip(WRONG, mine.log.config["refused"], strict=True))
    assert ours == dict(zip(WRONG, theirs.log.config["refused"], strict=True))


BETTER = {
    "a data frame with several columns of one name": (
        "wandb.Table(dataframe=pd.DataFrame([[1, 2]], columns=['a', 'a']))",
        [[[1, 2], [1, 2]]],
        [[1, 2]],
    ),
    "what is missing in a data frame's column of pandas' own types": (
        "wandb.Table(dataframe=pd.DataFrame({'a': pd.array([1, None], 'Int64')}))",
        None,
        [[1], [None]],
    ),
    "a table's cell without a form in JSON in the original: a histogram, a timedelta, a complex"
    " number": (
        "wandb.Table(columns=['a'], data=[[datetime.timedelta(hours=1)]])",
        None,
        [["PT1H"]],
    ),
}


@pytest.mark.released
def test_what_is_better_on_purpose(both):
    mine, theirs = both(
        "".join(
            f"refused(lambda: log({str(at)!r}, {made}))\n"
            for at, (made, _, _) in enumerate(BETTER.values())
        )
    )

    for at, (case, (_, original, wanted)) in enumerate(BETTER.items()):
        declared(case)
        found = [
            next((file["data"] for key, file in files(one).items() if key[0] == str(at)), None)
            for one in (theirs, mine)
        ]
        assert found == [original, wanted], case


@pytest.mark.released
def test_a_table_for_two_runs(both):
    declared("a table logged to a second run")

    mine, theirs = both("""
table = wandb.Table(columns=["a"], data=[[1]])
run.log({"t": table})
run.finish()
run = wandb.init(settings={"console": "off", "x_disable_stats": True})
error = refused(lambda: run.log({"t": table}))
run.log({"error": error})
""")

    assert theirs.logs[1].rows[-1]["error"] == "AssertionError"
    assert mine.logs[1].rows[0]["t"]["path"].endswith(".table.json")
