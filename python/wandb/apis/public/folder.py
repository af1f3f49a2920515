"""A folder of runs, as `Api` sees it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wandb._base.terminal import termwarn
from wandb._wire.filters import parse_order
from wandb.apis.public.filters import Check, compile_filters, in_order
from wandb.apis.public.local import LocalRun, find_runs, folder_of
from wandb.apis.public.paginator import Page
from wandb.apis.public.paths import parts_of
from wandb.apis.public.runs import Run, Runs
from wandb.apis.public.source import RunFacts
from wandb.errors import CommError, UsageError

# So many runs are named in the message about one that is not there.
_NAMED_RUNS = 10


class FolderPlace:
    """Runs of a folder, found and read in place: no server, no account, no network."""

    def __init__(self, folder: Path, *, entity: str | None, project: str | None) -> None:
        self.folder = folder
        self.entity = entity
        self.project = project

    def run(self, path: str) -> Run:
        """Return one run; of several folders with its id, the one started last."""
        *limits, name = parts_of(path) or [""]
        fits = self._in_project(limits[:2])
        found = [run for run in find_runs(self.folder) if name in (run.name, run.folder.name)]
        facts = [(run, run.facts()) for run in found]
        fitting = [pair for pair in facts if fits(pair[1])]
        if not fitting:
            raise CommError(f"There is no run {path!r}. {self._what_is_there()}")
        source, newest = max(fitting, key=lambda pair: pair[1].started_at)
        return Run(source, newest)

    def runs(
        self, path: str | None, filters: Mapping[str, Any] | None, order: str | None, per_page: int
    ) -> Runs:
        """Return the runs that fit; all are read at once, when first needed."""
        in_project, fits = self._in_project(parts_of(path or "")[:2]), compile_filters(filters)
        keys = parse_order(order)

        def fetch(after: str | None, limit: int) -> Page[Run]:
            readable = filter(None, map(_readable, find_runs(self.folder)))
            fitting = [run for run in readable if in_project(run._facts) and fits(run._facts)]
            found = in_order(fitting, keys, facts=lambda run: run._facts)
            return Page(found, total=len(found))

        return Runs(fetch, where=path or str(self.folder), per_page=per_page)

    def _in_project(self, limits: list[str]) -> Check:
        """Limit by project, or entity and project; what a run does not tell is no reason."""
        project = limits[-1] if limits else self.project
        entity = limits[0] if len(limits) > 1 else self.entity

        def fits(facts: RunFacts) -> bool:
            same_entity = not entity or not facts.entity or facts.entity == entity
            return same_entity and (not project or facts.project == project)

        return fits

    def _what_is_there(self) -> str:
        names = [f"{one.name} ({one.folder.name})" for one in _newest_first(self.folder)]
        if not names:
            return f"No run was found in {self.folder}"
        more = f" and {len(names) - _NAMED_RUNS} more" if len(names) > _NAMED_RUNS else ""
        return f"There are {', '.join(names[:_NAMED_RUNS])}{more}, in {self.folder}"


def existing_folder(base_url: str) -> Path | None:
    """Return the folder that a base URL means; None if it is a server's address or empty.

    Raises:
        UsageError: There is no folder of that name.
    """
    folder = folder_of(base_url) if base_url else None
    if folder is not None and not folder.is_dir():
        raise UsageError(
            f"There is no folder {str(folder)!r} to read runs from. Open a folder of runs: "
            'wandb.Api(overrides={"base_url": "./wandb"}), or name a server by its address, '
            "which starts with http:// or https://."
        )
    return folder


def _readable(source: LocalRun) -> Run | None:
    """Read a run; one that can't be read is named and left out, the others are not lost for it."""
    try:
        return Run(source)
    except CommError as err:
        termwarn(f"{err} It is left out.", repeat=False)
        return None


def _newest_first(root: Path) -> list[LocalRun]:
    return sorted(find_runs(root), key=lambda run: run.folder.stat().st_mtime, reverse=True)
