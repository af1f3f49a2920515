"""Are two values the same to the last bit, as JSON can tell them?"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from e2e.proxy import Passed

HISTORY = "wandb-history.jsonl"


def same(left: Any, right: Any) -> bool:
    """Compare exactly: NaN equals NaN, `-0.0` is not `0.0`, an integer equals a float of its value.

    JSON of the clients writes `5.0` as `5`, so whether a whole number was a float is not told.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if _is_number(left) and _is_number(right):
        return _same_number(left, right)
    return type(left) is type(right) and left == right


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same_number(left: float, right: float) -> bool:
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return left == right and math.copysign(1, left) == math.copysign(1, right)


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Name each place in which two values differ, the first few of a list."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}, key=str):
            if key not in found or key not in expected:
                side = "what was sent" if key in expected else "the store"
                yield f"{where}/{key}: only in {side}"
            else:
                yield from differences(expected[key], found[key], f"{where}/{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, pair in enumerate(zip(expected, found, strict=True)):
            yield from differences(*pair, f"{where}[{number}]")
    elif not same(expected, found):
        yield f"{where}: {_brief(expected)} was sent, {_brief(found)} is stored"


def _brief(value: Any) -> str:
    told = f"{len(value)} of " if isinstance(value, list) else ""
    return told + repr(value)[:200]


def assert_same(expected: Any, found: Any) -> None:
    """Fail with the places in which two values differ."""
    found_differences = list(differences(expected, found))
    shown = "\n".join(found_differences[:20])
    assert not found_differences, f"{len(found_differences)} differences\n{shown}"


def unsigned_zeros(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without the signs of zeros, for clients that lose them on the way."""
    return [{key: _unsigned(value) for key, value in row.items()} for row in rows]


def _unsigned(value: Any) -> Any:
    return 0 if isinstance(value, float) and value == 0 else value


def posted_lines(passed: Iterable[Passed], run: str, name: str = HISTORY) -> list[str]:
    """Return the lines of one of a run's files as its client posted them, by line number."""
    lines: dict[int, str] = {}
    for request in passed:
        if request.path.endswith(f"/{run}/file_stream") and request.status == 200:
            part = request.posted.get("files", {}).get(name)
            if part:
                lines |= dict(enumerate(part["content"], part["offset"]))
    assert sorted(lines) == list(range(len(lines))), f"{name} has gaps"
    return [lines[number] for number in sorted(lines)]


def posted_rows(passed: Iterable[Passed], run: str) -> list[dict[str, Any]]:
    """Return the history that a client posted, decoded, in order of steps."""
    rows = [json.loads(line) for line in posted_lines(passed, run)]
    return sorted(rows, key=lambda row: row["_step"])


def flattened(row: dict[str, Any]) -> dict[str, Any]:
    """Lay a row out as it lies at rest: nested names joined by dots, dots in names escaped."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        name = key.replace("\\", "\\\\").replace(".", "\\.")
        if isinstance(value, dict) and value and "_type" not in value:
            flat |= {f"{name}.{inner}": leaf for inner, leaf in flattened(value).items()}
        else:
            flat[name] = value
    return flat


def rows_at_rest(data_folder: Any, run_number: int | None = None) -> list[dict[str, Any]]:
    """Read all history rows straight from the Parquet files of a data folder.

    Returns:
        Flat rows in order of (step, line).
    """
    import pyarrow.parquet as pq

    rows: dict[tuple[int, ...], dict[str, Any]] = defaultdict(dict)
    for path in sorted(data_folder.glob("hist/v1/p=*/l*/**/*.parquet")):
        if path.name.endswith(".roll.parquet"):
            continue
        for cell in pq.read_table(path).to_pylist():
            if run_number is None or cell["run"] == run_number:
                place = (cell["run"], cell["attempt"], cell["step"], cell["line"], cell["writer"])
                key = cell["key"]
                rows[place][key.decode() if isinstance(key, bytes) else key] = _value(cell)
    return [rows[place] for place in sorted(rows)]


def _value(cell: dict[str, Any]) -> Any:
    if "value" in cell:
        return cell["value"] if cell["exact"] is None else cell["exact"]
    text = cell["json"]
    return json.loads(text) if text is not None else None
