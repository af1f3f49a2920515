"""Bad media, tables and charts: refused as the released client refuses them, and in clear words.

The class of each error is compared with the released client's. The words are ours alone. A run
goes on after each of them, and ends well.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from oracle.bad_media import KEPT, OTHER_ERRORS, REFUSED, SCRIPT
from oracle.compare import declared
from oracle.harness import our_client, released_client, run_script

MEDIA = "0.21.3-media"
LINES = [*REFUSED, *KEPT]


@dataclass(frozen=True)
class Tried:
    """What came of the lines under a client, and the rows of the run."""

    told: dict[str, dict[str, str]]
    rows: list[dict[str, Any]]


def tried(client, folder, *, logged):
    (folder / "asked.json").write_text(json.dumps({"lines": LINES, "logged": logged}))
    # The other's encoder looks for a program at its import, though gifs need none.
    without_ffmpeg = {"FFMPEG_BINARY": "auto-detect"}
    done = run_script(client, folder, SCRIPT, environment=without_ffmpeg, timeout_secs=120)
    assert done.exit_code == 0, done.stderr
    return Tried(json.loads((folder / "told.json").read_text()), done.log.rows)


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    # Under the other's interpreter, so that both have the same libraries.
    ours = replace(our_client(), interpreter=released_client(MEDIA).interpreter)
    return tried(ours, tmp_path_factory.mktemp("mine"), logged=True)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return tried(released_client(MEDIA), tmp_path_factory.mktemp("theirs"), logged=False)


def row_with(rows, key, at):
    (row,) = [row for row in rows if row.get(key) == at]
    return row


@pytest.mark.released
@pytest.mark.parametrize("line", REFUSED)
def test_a_bad_value_is_refused_in_words_that_name_it(mine, line):
    message = mine.told[line]["message"]

    assert [word for word in REFUSED[line] if word not in message] == [], message


@pytest.mark.released
@pytest.mark.parametrize("line", REFUSED)
def test_the_error_is_the_released_clients_or_a_declared_one(mine, theirs, line):
    case, expected = OTHER_ERRORS.get(line, (None, theirs.told[line].get("error")))

    assert mine.told[line]["error"] == expected
    if case is not None:
        declared(case)
        assert theirs.told[line].get("error") != expected


@pytest.mark.released
@pytest.mark.parametrize("line", LINES)
def test_the_run_goes_on_behind_it(mine, line):
    assert row_with(mine.rows, "next", LINES.index(line))


@pytest.mark.released
@pytest.mark.parametrize("line", KEPT)
def test_an_odd_value_is_kept_by_both_beside_the_others_of_its_row(mine, theirs, line):
    assert mine.told[line] == theirs.told[line] == {}
    row = row_with(mine.rows, "before", LINES.index(line))

    assert row["after"] == row["before"]
    assert "value" in row or "value_table" in row
