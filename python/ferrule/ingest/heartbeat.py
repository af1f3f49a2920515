"""States of runs from evidence: what came, what did not come, and what was said last."""

from ferrule.ports.history import Receipt, RunFacts
from ferrule.ports.runs import (
    CRASHED,
    FAILED,
    FINISHED,
    KILLED,
    LIVE,
    PREEMPTED,
    PREEMPTING,
    RUNNING,
)


def state_after(state: str, receipt: Receipt, *, shared: bool = False) -> str:
    """Return the state a run is in after a post.

    A post that completes the run ends it. A run that had ended is running again when something
    new came, not when an old post was repeated. A run thought to have crashed lives if it posts.
    With many writers (`shared`) only an upsert begins it anew: others may post after the one that
    ends it.
    """
    if receipt.complete:
        return _ended(receipt.exit_code, preempting=receipt.preempting or state == PREEMPTING)
    if receipt.preempting or state == PREEMPTING:
        return PREEMPTING
    something_new = receipt.history or receipt.events or receipt.console
    if state in (FINISHED, FAILED, KILLED, PREEMPTED) and (shared or not something_new):
        return state
    return RUNNING


def state_of_recovered(facts: RunFacts) -> str | None:
    """Return the state a run is in by what the log says of it, None if it doesn't say."""
    if facts.complete:
        return _ended(facts.exit_code, preempting=facts.preempting)
    return PREEMPTING if facts.preempting else None


def state_of_silent(state: str) -> str:
    """Return the state of a run that has not been heard of for too long."""
    if state not in LIVE:
        return state
    return PREEMPTED if state == PREEMPTING else CRASHED


def _ended(exit_code: int | None, *, preempting: bool) -> str:
    if not exit_code:
        return FINISHED
    return PREEMPTED if preempting else FAILED
