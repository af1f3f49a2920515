"""Random programs: what to log, configure, define and summarise, as lines of Python."""

from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Source:
    """An expression that stands for itself in a program."""

    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Late:
    """A `log` whose step went back: the released client drops it, ours keeps it."""

    step: int
    data: dict[str, Any]


@dataclass
class Program:
    """Lines, and what is known of them without running them."""

    lines: list[str] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    # Keys of which a null was logged or that were deleted: what the released client reads of them
    # afterwards is not what it writes.
    unsure: set[str] = field(default_factory=set)
    # Keys that got something else than a number: of their kinds the released client makes zeros.
    worded: set[str] = field(default_factory=set)
    # Keys with a dot or nothing somewhere in their paths: no definition by a glob reaches them.
    misnamed: set[str] = field(default_factory=set)
    globbed: bool = False
    defines: bool = False
    # The index of the first line after which the clients may count steps apart.
    steps_part_at: int | None = None
    _step: int = 0

    def add(self, line: str) -> None:
        self.lines.append(line)

    def log(self, data: dict[str, Any], ahead: int | None, commit: bool | None) -> None:
        """Add a `log` whose step, if any, is so far ahead of the current one."""
        step = None if ahead is None else self._step + ahead
        arguments = [repr(data)]
        arguments += [] if step is None else [f"step={step}"]
        arguments += [] if commit is None else [f"commit={commit}"]
        self.add(f"run.log({', '.join(arguments)})")
        self.unsure.update(key for key, value in data.items() if None in leaves(value))
        for key, value in data.items():
            if not all(map(is_number, leaves(value))):
                self.worded.add(key)
            if any(part == "" or "." in part for part in parts(key, value)):
                self.misnamed.add(key)
        commits = step is None if commit is None else commit
        if step is not None and step < self._step:
            self.late.append(Late(step, data))
            if commits and self.steps_part_at is None:
                self.steps_part_at = len(self.lines)
        else:
            self._step = (self._step if step is None else step) + commits
        self.add("run.step")

    def __repr__(self) -> str:
        return "\n".join(("# program", *self.lines))


def leaves(value: Any) -> list[Any]:
    """Return the leaves of a tree of dicts."""
    if isinstance(value, dict):
        return [leaf for branch in value.values() for leaf in leaves(branch)]
    return [value]


def parts(key: str, value: Any) -> list[str]:
    """Return every part of every path below a key."""
    below = value.items() if isinstance(value, dict) else ()
    return [key, *(part for pair in below for part in parts(*pair))]


def is_number(value: Any) -> bool:
    """Tell whether a value moves a minimum or a mean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=8)
COMMON_KEYS = (
    "a",
    "b",
    "p1",
    "p2",
    "n",
    "loss",
    "val/loss",
    "a.b",
    "n.x",
    "é ü\n",
    "",
    "_own",
    "q.",
)
KEYS = st.sampled_from(COMMON_KEYS) | TEXT.filter(lambda key: not key.startswith("_"))

INTEGERS = (
    st.integers(-5, 5)
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64 - 1, 10**300])
)
FLOATS = st.floats() | st.sampled_from([0.1, 5.0, -0.0, 1e-7, 1.5e300, 5e-324, 1e21, 123456789.0])
SCALARS = st.none() | st.booleans() | INTEGERS | FLOATS | TEXT
NUMPY = st.sampled_from(
    [
        "np.int8(-3)",
        "np.uint64(2**64 - 1)",
        "np.float32(1.1)",
        "np.float16(0.1)",
        "np.float32(inf)",
        "np.float64(nan)",
        "np.bool_(True)",
        "np.str_('text')",
        "np.array(2.5)",
        "np.array([7])",
        "np.array([1.5, nan, inf])",
        "np.arange(6).reshape(2, 3)",
        "np.arange(32, dtype='float32') / 3",
        "np.arange(33)",
        "np.linspace(-1.5, 2.25, 64).reshape(8, 8)",
        "np.array(['a', 'b'])",
        "np.array([True, False])",
    ]
).map(Source)
LISTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=6,
)
LEAVES = SCALARS | SCALARS | NUMPY | st.lists(LISTS, max_size=4) | st.tuples(SCALARS, SCALARS)
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
ROWS = st.dictionaries(KEYS, TREES, max_size=4)

# One family of globs per program: of two that match, the released client takes any.
GLOBS = ("p*", "*", "n.*", "val/*", "n*")
METRIC_NAMES = ("a", "b", "p1", "n", "n.x", r"a\.b", "loss", "val/loss", "epoch", "_own")
KINDS = ("min", "max", "mean", "last", "first", "none", "copy")


@st.composite
def programs(draw: st.DrawFn, *, back: bool) -> Program:
    """Draw a program; with `back` its steps may go back and it defines no metrics."""
    program = Program()
    program.add(f"run = init({draw(init_arguments())})")
    glob = draw(st.sampled_from(GLOBS))
    acts = [log_act(back), log_act(back), log_act(back), config_act(), summary_act(), wrong_act()]
    if not back:
        acts += [metric_act(glob), metric_act(glob), measured_act(), measured_act()]
    for act in draw(st.lists(st.one_of(acts), min_size=1, max_size=12)):
        kind, *details = act
        if kind == "log":
            program.log(*details)
        elif kind == "delete":
            program.unsure.add(details[0])
            program.add(f"del run.summary[{details[0]!r}]")
        else:
            program.add(details[0])
            program.defines |= kind == "metric"
            program.globbed |= kind == "metric" and glob in details[0]
    # A closed row, so that what a read shows is all there is.
    program.log({}, None, None)
    program.add("plain(run.summary)")
    program.add(f"run.finish({draw(exit_arguments())})")
    return program


def init_arguments() -> st.SearchStrategy[str]:
    config = st.dictionaries(KEYS, LEAVES | st.just({"x": 1, "y": {"z": 2}}), max_size=3)
    optional = {
        "config": config.map(without_dicts),
        "name": TEXT.filter(str.strip),
        "notes": TEXT,
        "tags": st.lists(st.sampled_from(["a", "b c", "é"]), unique=True),
        "group": TEXT.filter(bool),
        "job_type": TEXT.filter(bool),
        "project": st.sampled_from(["p", "my project"]),
        "allow_val_change": st.booleans(),
    }
    return st.fixed_dictionaries({}, optional=optional).map(keywords)


def without_dicts(config: dict[str, Any]) -> dict[str, Any]:
    """Keep dicts to the key `n`: reading one back after an update differs on purpose.

    Nor integers beyond int64: `init` of the released client makes floats of them in Python, so
    that the same number given again is a change.
    """
    return {key: "other" if is_left_out(value) else value for key, value in config.items()}


def is_left_out(value: Any) -> bool:
    """Tell whether a value of the initial config is no fair one, or holds such."""
    if isinstance(value, list | tuple):
        return any(map(is_left_out, value))
    is_large = isinstance(value, int) and not -(2**53) <= value <= 2**53
    return isinstance(value, dict | Source) or is_large


def keywords(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def exit_arguments() -> st.SearchStrategy[str]:
    codes = st.sampled_from([0, 1, 7, 255, 256, -1, 2**31 - 1, -(2**31)])
    return st.just("") | codes.map(lambda code: f"exit_code={code}")


def log_act(back: bool) -> st.SearchStrategy[tuple[Any, ...]]:
    ahead = st.none() | st.integers(-4 if back else 0, 3)
    return st.tuples(st.just("log"), ROWS, ahead, st.sampled_from([None, None, True, False]))


def config_act() -> st.SearchStrategy[tuple[Any, ...]]:
    flat = st.dictionaries(KEYS.filter(lambda key: key != "n"), LEAVES, max_size=3)
    nested = st.dictionaries(st.sampled_from(["x", "y"]), LEAVES | st.just({"z": 1}), max_size=2)
    allow = st.sampled_from(["", ", allow_val_change=True", ", allow_val_change=False"])
    lines = (
        st.tuples(KEYS, LEAVES).map(lambda pair: f"run.config[{pair[0]!r}] = {pair[1]!r}")
        | st.tuples(flat, allow).map(lambda pair: f"run.config.update({pair[0]!r}{pair[1]})")
        | flat.map(lambda values: f"run.config.setdefaults({values!r})")
        | nested.map(lambda n: f"run.config.update({ {'n': n}!r}, allow_val_change=True)")
    )
    return lines.map(lambda line: ("config", line))


def summary_act() -> st.SearchStrategy[tuple[Any, ...]]:
    # A path below a dict that was written whole is a case of its own: see test_summary.
    written = KEYS.filter(lambda key: key != "n")
    value = LEAVES | st.dictionaries(KEYS, SCALARS, max_size=2)
    lines = (
        st.tuples(written, value).map(lambda pair: f"run.summary[{pair[0]!r}] = {pair[1]!r}")
        | st.dictionaries(written, value, max_size=3).map(lambda d: f"run.summary.update({d!r})")
        | st.just("plain(run.summary)")
    )
    deletes = written.map(lambda key: ("delete", key))
    return lines.map(lambda line: ("summary", line)) | deletes


def measured_act() -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a `log` of numbers only, under the names that definitions use."""
    number = st.integers(-9, 9) | st.sampled_from([0.5, -2.25, 1e9, nan, inf])
    keys = st.sampled_from(["a", "b", "p1", "p2", "loss", "val/loss", "epoch", "_own"])
    flat = st.dictionaries(keys, number, max_size=4)
    nested = st.fixed_dictionaries({}, optional={"n": st.fixed_dictionaries({"x": number})})
    rows = st.tuples(flat, nested).map(lambda pair: pair[0] | pair[1])
    return st.tuples(st.just("log"), rows, st.none(), st.sampled_from([None, None, False]))


def wrong_act() -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a call that both clients refuse, and that must change nothing."""
    calls = (
        "run.log({1: 2})",
        "run.log({'a': 1, None: 2})",
        "run.log([1])",
        "run.log({'a': 1}, step=1.5)",
        "run.log({'a': 1}, step='7')",
        "run.log({'a': 1}, commit='no')",
        "run.define_metric('a*b')",
        "run.define_metric('a', summary='median')",
        "run.config.update(5)",
        "run.config.missing",
        "run.config['missing']",
        "run.summary['missing']",
        "run.foo = 1",
        "run.id = 'x'",
    )
    return st.sampled_from(calls).map(lambda call: ("wrong", call))


def metric_act(glob: str) -> st.SearchStrategy[tuple[Any, ...]]:
    arguments = st.fixed_dictionaries(
        {},
        optional={
            # A step metric that was inserted meets no glob in the released client.
            **({} if glob == "*" else {"step_metric": st.sampled_from(["epoch", "b"])}),
            "step_sync": st.booleans(),
            "hidden": st.booleans(),
            "summary": st.lists(st.sampled_from(KINDS), min_size=1, unique=True).map(",".join),
            "goal": st.sampled_from(["minimize", "maximize"]),
            "overwrite": st.booleans(),
        },
    )
    names = st.sampled_from((*METRIC_NAMES, glob, glob))
    lines = st.tuples(names, arguments).map(
        lambda pair: f"run.define_metric({pair[0]!r}, {keywords(pair[1])})"
    )
    return lines.map(lambda line: ("metric", line))
