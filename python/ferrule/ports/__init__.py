"""What the server's rules ask of storage: protocols whose docstrings are the contracts."""

from dataclasses import dataclass

from ferrule.ports.artifacts import Artifacts
from ferrule.ports.collections import Collections
from ferrule.ports.files import Files
from ferrule.ports.manifests import Manifests
from ferrule.ports.people import People
from ferrule.ports.projects import Projects
from ferrule.ports.runs import Runs


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one server's metadata, over one engine.

    All methods are async, and may be called from any task of the loop that opened them. Times
    are UTC microseconds. Writes of concurrent callers share transactions; a caller never sees
    one. Any call may raise `ferrule.errors.BusyError` when the disk takes nothing; then nothing
    of it was kept.
    """

    people: People
    projects: Projects
    runs: Runs
    files: Files
    artifacts: Artifacts
    collections: Collections
    manifests: Manifests
