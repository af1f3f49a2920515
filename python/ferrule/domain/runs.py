"""What an upsert of a run means, and who it makes a child of whom."""

import json
from dataclasses import dataclass
from typing import Any

from ferrule.domain import names, titles
from ferrule.errors import BadInput, NotFound
from ferrule.ports.history import Scope
from ferrule.ports.runs import LIVE, RUNNING, STATES, Run, RunChange, cut

DEFAULT_PROJECT = "uncategorized"
"""Where a run goes whose client names no project."""


@dataclass(frozen=True, slots=True)
class UpsertRequest:
    """What a client says of a run. None leaves a thing as it is.

    `run_id` is set when the client knows the run by its storage id: it resumed it, or edits it.
    """

    run_id: int | None = None
    name: str | None = None
    project: str | None = None
    entity: str | None = None
    display_name: str | None = None
    group: str | None = None
    description: str | None = None
    notes: str | None = None
    config: str | None = None
    summary: str | None = None
    commit: str | None = None
    host: str | None = None
    program: str | None = None
    repo: str | None = None
    job_type: str | None = None
    state: str | None = None
    sweep: str | None = None
    tags: list[str] | None = None

    @property
    def edits(self) -> bool:
        """Tell whether someone edits the run from outside, rather than being its process.

        A process tells host and program when it starts or resumes, and sends its later configs
        without an id; the public API sends an id and neither, or the summary.
        """
        return (self.run_id is not None and not self.starts) or self.summary is not None

    @property
    def starts(self) -> bool:
        """Tell whether a process begins or resumes the run: it tells where it runs."""
        return bool(self.host or self.program)


def change_of(
    request: UpsertRequest,
    known: Run | None,
    *,
    project_id: int,
    user: str,
    at: int,
    shared: bool = False,
    titled: bool = True,
    began_at: int | None = None,
    inherited: Scope = (),
) -> RunChange:
    """Return what a request changes, checked.

    Args:
        request: What the client says.
        known: The run as it is, None for a new one.
        project_id: The project of the run.
        user: Who asks.
        at: UTC microseconds.
        shared: Whether many writers share the run (then their configs are merged).
        titled: Whether a new run without a name gets one; its id is its name elsewhere.
        began_at: When a new run began, if it was before `at`.
        inherited: What a new run sees of its parent.

    Raises:
        BadInput: Something in it can't be.
    """
    name = known.name if known is not None else names.run_name(request.name or "")
    return RunChange(
        project_id=project_id,
        name=name,
        at=at,
        user=user,
        display_name=names.title(request.display_name) if request.display_name else None,
        title_words=titles.words() if known is None and titled else "",
        began_at=began_at,
        state=_state(request, known),
        config=_object_text(request.config, "config"),
        merge_config=shared,
        summary=_object_text(request.summary, "summaryMetrics"),
        tags=None if request.tags is None else names.tags(request.tags),
        notes=_text(request.notes, "notes"),
        group=_text(request.group, "group"),
        job_type=_text(request.job_type, "job type"),
        host=_text(request.host, "host"),
        commit=_text(request.commit, "commit"),
        repo=_text(request.repo, "repo"),
        program=_text(request.program, "program"),
        description=_text(request.description, "description"),
        sweep=_text(request.sweep, "sweep"),
        alive=not request.edits,
        inherited=inherited,
    )


def _state(request: UpsertRequest, known: Run | None) -> str | None:
    if request.state:
        return checked_state(request.state)
    if known is None:
        return RUNNING
    # A config that comes late starts nothing: the run may have ended, by another of its writers,
    # or be about to be preempted.
    goes_on = known.state in LIVE and request.run_id is None
    return RUNNING if request.starts and not goes_on else None


def checked_state(state: str) -> str:
    """Return a state as it is stored, if there is such a state."""
    if state.lower() not in STATES:
        raise BadInput(f"`{state}` is no state of a run; there are {', '.join(STATES)}.")
    return state.lower()


def _text(words: str | None, what: str) -> str | None:
    return None if words is None else names.text(words, f"A run's {what}")


def _object_text(text: str | None, what: str) -> str | None:
    if text is not None:
        json_object(text, what)
    return text


def json_object(text: str, what: str) -> dict[str, Any]:
    """Return the object in a JSON text; NaN and infinities may be bare.

    Raises:
        BadInput: It is no JSON, or no object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise BadInput(f"`{what}` is no JSON text.") from err
    if not isinstance(value, dict):
        raise BadInput(f"`{what}` must be the JSON text of an object.")
    return value


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """Where a fork leaves its parent: after the rows up to and including a step."""

    run: str
    step: int


def branch_point(config: str | None) -> BranchPoint | None:
    """Return the branch point that a new run's config names, None for an ordinary run.

    Raises:
        BadInput: It is there and can't be understood.
    """
    if config is None or "branch_point" not in config:
        return None
    block = json_object(config, "config").get("_wandb")
    inner = block.get("value") if isinstance(block, dict) else None
    point = inner.get("branch_point") if isinstance(inner, dict) else None
    if point is None:
        return None
    name, step = (point.get("run_id"), point.get("step")) if isinstance(point, dict) else ("", 0)
    if not isinstance(name, str) or not name:
        raise BadInput("`branch_point` must name a run and a step.")
    return BranchPoint(name, whole_step(step))


def whole_step(step: Any) -> int:
    """Return a step, if it is a whole number from 0 on.

    Raises:
        BadInput: It is not.
    """
    number = isinstance(step, (int, float)) and not isinstance(step, bool)
    if number and 0 <= step < 2**62 and step == int(step):
        return int(step)
    raise BadInput("A step is a whole number from 0 on.")


def rewind_refusal(name: str, step: int, last: int) -> str:
    """Say why a run can't go back to a step that it has not reached."""
    reached = "it has no rows yet" if last < 0 else f"its last step is {last}"
    return f"Run `{name}` can't go back to step {step}: {reached}. Name one that it has reached."


def inherited_by(name: str, point: BranchPoint, parent: Run | None) -> Scope:
    """Return the rows that a fork sees of its parent.

    Raises:
        NotFound: There is no such parent.
    """
    if point.run == name:
        # A rewound run names itself; it has its rows already.
        return ()
    if parent is None:
        raise NotFound(f"The run `{point.run}` to fork from was not found in this project.")
    return cut(parent.scope, point.step)
