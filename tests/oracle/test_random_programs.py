"""Random programs leave the same history, config and summary under ours as under 0.21.3.

`FERRULE_ORACLE_PROGRAMS=20000` makes a longer, differently seeded run.
"""

import os
import shutil
from collections.abc import Set

import pytest
from hypothesis import HealthCheck, given, settings

from oracle.compare import (
    declared,
    differing,
    same,
    user_config,
    user_fields,
    user_metrics,
    user_rows,
    user_summary,
)
from oracle.decode import RunLog
from oracle.harness import Played
from oracle.programs import Late, Program, programs

LONG = "FERRULE_ORACLE_PROGRAMS" in os.environ
CHECKED = settings(
    max_examples=int(os.environ.get("FERRULE_ORACLE_PROGRAMS", "500")),
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
TIMEOUT_SECS = 3600 if LONG else 450


@pytest.fixture(scope="module")
def pair(ours, released, drivers):
    return drivers.of(ours), drivers.of(released)


@pytest.mark.released
@pytest.mark.timeout(TIMEOUT_SECS)
@CHECKED
@given(program=programs(back=False))
def test_a_program_leaves_what_it_leaves_under_the_released_client(pair, program):
    compare(pair, program)


@pytest.mark.released
@pytest.mark.timeout(TIMEOUT_SECS)
@CHECKED
@given(program=programs(back=True))
def test_a_program_whose_steps_go_back_keeps_those_rows_too(pair, program):
    compare(pair, program)


def compare(pair, program: Program) -> None:
    mine, theirs = (driver.play(*program.lines) for driver in pair)

    found = [
        *differing_outcomes(program, mine, theirs),
        *differing_rows(program, user_rows(mine.log), user_rows(theirs.log)),
        *differing_summary(program, mine, theirs),
        *differing("config", user_config(mine.log), user_config(theirs.log)),
        *differing("metrics", *(seen_metrics(program, play.log) for play in (mine, theirs))),
        *differing("run", user_fields(mine.log), user_fields(theirs.log)),
        *differing("exit code", mine.log.exit_code, theirs.log.exit_code),
    ]
    for play in (mine, theirs):
        shutil.rmtree(play.folder)
    assert not found, "\n".join((*program.lines, "", *found))


READ = "plain(run.summary)"


def differing_summary(program: Program, mine: Played, theirs: Played):
    """Compare the final summary with what the released client wrote or what it shows.

    Its records say nothing of a null that was logged over a value, or of a metric whose
    kinds changed after its last row; reading `run.summary` shows both.
    """
    summaries = (mine.log.summary, theirs.log.summary, theirs[READ].value)
    yield from differing("summary", *(seen_summary(program, summary) for summary in summaries))


def seen_summary(program: Program, summary: dict, skipped: Set[str] = frozenset()) -> dict:
    """Return the parts of a summary that can be compared.

    What late rows may have touched is out: those dropped can't be in it. So is, under metric
    definitions, what was more than numbers, of which the released client makes zeros, and, under
    globs, what has a dot or nothing in its path, whose definition it looks for elsewhere.
    """
    skipped = {key for late in program.late for key in ("_step", *late.data)} | skipped
    if program.defines:
        skipped |= program.unsure | program.worded
    if program.globbed:
        skipped |= program.misnamed
    return {key: value for key, value in user_summary(summary).items() if key not in skipped}


def seen_metrics(program: Program, log: RunLog) -> dict:
    """Return the definitions that can be compared; see `seen_summary` for globs."""
    found = user_metrics(log)
    for definition in found.values():
        if definition.get("expanded_from_glob"):
            definition["summary"] = without_copy(definition.get("summary", {}))
    return {k: v for k, v in found.items() if not (program.globbed and "." in k)}


def without_copy(kinds: dict) -> dict:
    """Leave out a kind without effect, which the released client does not pass on to a key."""
    return {kind: on for kind, on in kinds.items() if kind != "copy"}


def at_odds(theirs: Played) -> set[str]:
    """Return the keys of which the released client shows another value than it wrote."""
    wrote, shows = user_summary(theirs.log.summary), user_summary(theirs[READ].value)
    return {key for key in wrote.keys() | shows if not same(wrote.get(key), shows.get(key))}


def differing_outcomes(program: Program, mine: Played, theirs: Played):
    unsure = program.unsure | at_odds(theirs)
    for number, (left, right) in enumerate(zip(mine.outcomes, theirs.outcomes, strict=True)):
        if not set(right.error[:1]) <= set(left.error) or (left.error and not right.error):
            yield f"line {number}: ours {left}, the released client {right}"
        elif left.line == READ and not left.error:
            summaries = (seen_summary(program, play.value, unsure) for play in (left, right))
            yield from differing(f"line {number}: {left.line}", *summaries)
        elif left.line == "run.step" and not steps_part(program, number):
            yield from differing(f"line {number}: run.step", left.value, right.value)


def steps_part(program: Program, number: int) -> bool:
    return program.steps_part_at is not None and number >= program.steps_part_at


def differing_rows(program: Program, mine: list[dict], theirs: list[dict]):
    """Pair the rows in order; what only ours has must be the late rows, by step."""
    if not program.late:
        yield from differing("rows", mine, theirs)
        return
    declared("log with a step lower than the current one")
    expected, kept = late_by_step(program.late), []
    remaining = list(theirs)
    for row in mine:
        if remaining and same(row, remaining[0]):
            remaining.pop(0)
        else:
            kept.append(row)
    found: dict[int, set[str]] = {}
    for row in kept:
        found.setdefault(row["_step"], set()).update(row.keys() - {"_step"})
    yield from (f"missing from ours: {row!r}" for row in remaining)
    yield from differing("late rows", as_lists(found), as_lists(expected))


def late_by_step(late: list[Late]) -> dict[int, set[str]]:
    """Return the keys that late rows carry, by step; what is empty leaves no key."""
    keys: dict[int, set[str]] = {}
    for row in late:
        kept = {key for key, value in row.data.items() if key and not is_empty(value)}
        keys.setdefault(row.step, set()).update(kept)
    return keys


def is_empty(value: object) -> bool:
    return isinstance(value, dict) and all(map(is_empty, value.values()))


def as_lists(keys: dict[int, set[str]]) -> dict[int, list[str]]:
    return {step: sorted(names) for step, names in keys.items()}
