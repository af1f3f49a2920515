"""Random lives of runs under ours and under 0.21.3: several at once, children, ways to go on.

And settings from each source at a time: which one wins, field by field.
`FERRULE_ORACLE_LIVES=2000` makes a longer, differently seeded run.
"""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.compare import declared, differing, user_config, user_fields, user_rows, user_summary

LONG = "FERRULE_ORACLE_LIVES" in os.environ


def checked(examples):
    return settings(
        max_examples=int(os.environ.get("FERRULE_ORACLE_LIVES", examples)),
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


pytestmark = [pytest.mark.released, pytest.mark.timeout(3600 if LONG else 240)]


@pytest.fixture(scope="module")
def pair(ours, released, drivers):
    return drivers.of(ours), drivers.of(released)


# --- lives ----------------------------------------------------------------------------------------

# A child reads the summary, which waits until the original's service has its rows; so that no
# row of a child is lost there when it ends.
CHILD = """
import os as _os
_pid = _os.fork()
if _pid == 0:
    {run}.log({data!r})
    dict({run}.summary)
    _os._exit(0)
_os.waitpid(_pid, 0)
"""
WAYS = (
    "",
    "resume='allow'",
    "resume=True",
    "fork_from='gone?_step=7'",
    "resume_from='{id}?_step=4'",
)


@dataclass
class Life:
    """A program in the making, and which of its runs are alive."""

    lines: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    count: int = 0
    # Children have logged: what `run.step` says of the runs is declared to differ from then on.
    steps_part_at: int | None = None

    def begin(self, reinit: str, way: str, facts: dict[str, object]) -> None:
        run_id = f"run{self.count}"
        arguments = [f"reinit={reinit!r}", f"config={{'of': {self.count}}}"]
        arguments += [f"{name}={value!r}" for name, value in facts.items()]
        arguments += [f"id={run_id!r}"] + ([way.format(id=run_id)] if way else [])
        self.lines.append(f"{run_id} = init({', '.join(arguments)})")
        self.lines += [f"{run_id}.id", f"{run_id}.step", f"wandb.run is {run_id}"]
        if reinit == "finish_previous":
            self.alive.clear()
        if reinit != "return_previous" or not self.alive:
            self.alive.append(run_id)
            self.count += 1

    def end(self, run: str, code: int) -> None:
        self.alive.remove(run)
        self.lines += [f"{run}.finish(exit_code={code})", "wandb.run is None"]


VALUES = st.one_of(st.integers(-9, 9), st.floats(-1, 1, width=32), st.text("ab/", max_size=3))
DATA = st.dictionaries(st.sampled_from(["a", "b", "x/y"]), VALUES, min_size=1, max_size=2)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(["t", "u"]), max_size=2),
        "group": st.just("g"),
        "job_type": st.just("train"),
        "notes": st.text("no\n", max_size=3),
        "name": st.sampled_from(["one", "two"]),
    },
)
REINITS = st.sampled_from(["create_new", "create_new", "finish_previous", "return_previous"])


@st.composite
def lives(draw):
    life = Life()
    life.begin("create_new", draw(st.sampled_from(WAYS)), draw(FACTS))
    for _ in range(draw(st.integers(2, 9))):
        deed = draw(st.sampled_from(["log", "log", "child", "config", "summary", "init", "end"]))
        if deed == "init" or not life.alive:
            life.begin(draw(REINITS), draw(st.sampled_from(WAYS)), draw(FACTS))
            continue
        run = draw(st.sampled_from(life.alive))
        if deed == "end":
            life.end(run, draw(st.sampled_from([0, 3])))
        elif deed == "child":
            life.steps_part_at = life.steps_part_at or len(life.lines)
            # A key of its own: which of two writers of one key came last is not told by a journal.
            life.lines.append(CHILD.format(run=run, data={"child": draw(VALUES)}))
        elif deed == "log":
            life.lines.append(f"{run}.log({draw(DATA)!r})")
        elif deed == "config":
            life.lines.append(f"{run}.config.update({draw(DATA)!r}, allow_val_change=True)")
        else:
            life.lines.append(f"{run}.summary.update({draw(DATA)!r})")
    return life


def alike(left, right):
    return left.value == right.value and bool(left.error) == bool(right.error)


def is_step_apart(life, number):
    if life.steps_part_at is None or number < life.steps_part_at:
        return False
    declared("run.step of the process that began a run, after rows of its children")
    return life.lines[number].endswith(".step")


@checked(60)
@given(life=lives())
def test_a_life_leaves_what_it_leaves_under_the_released_client(pair, life):
    mine, theirs = (driver.play(*life.lines) for driver in pair)

    found = [
        f"{left.line}: ours {left}, the released client {right}"
        for number, (left, right) in enumerate(zip(mine.outcomes, theirs.outcomes, strict=True))
        if not alike(left, right) and not is_step_apart(life, number)
    ]
    logs = [{log.latest("run_id"): log for log in play.logs} for play in (mine, theirs)]
    found += differing("runs", *(sorted(each) for each in logs))
    for run_id in logs[0].keys() & logs[1].keys():
        left, right = (each[run_id] for each in logs)
        found += [
            *differing(f"{run_id} rows", user_rows(left), user_rows(right)),
            *differing(f"{run_id} config", user_config(left), user_config(right)),
            *differing(f"{run_id} fields", user_fields(left), user_fields(right)),
            *differing(f"{run_id} exit", left.exit_code, right.exit_code),
            *differing(
                f"{run_id} summary", user_summary(left.summary), user_summary(right.summary)
            ),
        ]
    for play in (mine, theirs):
        shutil.rmtree(play.folder)
    assert not found, "\n".join((*life.lines, "", *found))


# --- settings from each source --------------------------------------------------------------------

# Field, its variable, and values that any source may give.
FIELDS = {
    "project": ("WANDB_PROJECT", ["p1", "p2", ""]),
    "run_group": ("WANDB_RUN_GROUP", ["g1", "g2"]),
    "run_job_type": ("WANDB_JOB_TYPE", ["j1", "j2"]),
    "run_notes": ("WANDB_NOTES", ["n1", "n 2"]),
    "run_tags": ("WANDB_TAGS", ["a", "a,b", ",c"]),
    "entity": ("WANDB_ENTITY", ["e1", "e2"]),
    "summary_timeout": ("WANDB_SUMMARY_TIMEOUT", [3, 4]),
    "x_label": ("WANDB_X_LABEL", ["l1", "l2"]),
    "quiet": ("WANDB_QUIET", ["true", "no"]),
}
# What a source takes in place of text.
TYPED = {"run_tags": lambda text: tuple(text.split(",")), "quiet": lambda text: text == "true"}
ARGUMENTS = {
    "project": "project",
    "run_group": "group",
    "run_job_type": "job_type",
    "run_notes": "notes",
    "run_tags": "tags",
    "entity": "entity",
}


def typed(name, value):
    return TYPED.get(name, lambda same: same)(value)


def given_by(source, name, value):
    """Return the line by which a source gives a value, to come before `init`."""
    variable = FIELDS[name][0]
    return {
        "system": f"system[{name!r}] = {value!r}",
        "workspace": f"workspace[{name!r}] = {value!r}",
        "environment": f"os.environ[{variable!r}] = {str(value)!r}",
        "setup": f"setup[{name!r}] = {typed(name, value)!r}",
        "settings": f"settings[{name!r}] = {typed(name, value)!r}",
        "argument": f"arguments[{ARGUMENTS.get(name, name)!r}] = {typed(name, value)!r}",
    }[source]


FILES = """
def write(path, values):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write('[default]\\n' + ''.join(f'{k} = {v}\\n' for k, v in values.items()))
write(folder + '/config/settings', system)
write(folder + '/wandb/settings', workspace)
"""
FRESH = f"[os.environ.pop(name, None) for name in {[entry[0] for entry in FIELDS.values()]!r}]"


@st.composite
def choices(draw):
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=5, unique=True))
    lines = ["import os", "wandb.teardown()", "os.environ['WANDB_CONFIG_DIR'] = folder + '/config'"]
    lines += ["system, workspace, setup, settings, arguments = {}, {}, {}, {}, {}"]
    for name in names:
        sources = ["system", "workspace", "environment", "setup", "settings"]
        sources += ["argument"] * (name in ARGUMENTS)
        if name == "run_tags":
            # A file's text is no tuple to the original.
            sources = sources[2:]
        if name == "project":
            values = st.sampled_from(["p1", "p2"])
        else:
            values = st.sampled_from(FIELDS[name][1])
        for source in draw(st.lists(st.sampled_from(sources), max_size=3, unique=True)):
            lines.append(given_by(source, name, draw(values)))
    lines += [FILES.strip(), "_ = wandb.setup(settings=wandb.Settings(**setup))"]
    lines += ["run = init(settings=settings, **arguments)"]
    lines += [f"run.settings.{name}" for name in sorted(FIELDS)]
    return [*lines, "run.finish()", FRESH, "os.environ.pop('WANDB_CONFIG_DIR') == ''"]


@checked(40)
@given(lines=choices())
def test_the_source_that_wins_is_that_of_the_released_client(pair, lines):
    mine, theirs = (driver.play(*lines) for driver in pair)

    found = [
        f"{line}: ours {left}, the released client {right}"
        for line, left, right in zip(lines, mine.outcomes, theirs.outcomes, strict=True)
        if line != FRESH and not alike(left, right)
    ]
    for play in (mine, theirs):
        shutil.rmtree(play.folder)
    assert not found, "\n".join((*lines, "", *found))
