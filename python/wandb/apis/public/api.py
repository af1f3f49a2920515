"""`Api`: where programs start reading."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from wandb.apis.public.filters import Check, compile_filters
from wandb.apis.public.local import LocalRun, find_runs, folder_of
from wandb.apis.public.runs import Run, Runs
from wandb.apis.public.source import RunFacts
from wandb.errors import CommError, UnsupportedError, UsageError

# So many runs are named in the message about one that is not there.
_NAMED_RUNS = 10


def _needs_server(name: str) -> Callable[..., NoReturn]:
    def refuse(self: "Api", *_args: Any, **_kwargs: Any) -> NoReturn:
        raise UnsupportedError(
            f"Api.{name} needs a server, and this Api reads a folder: only `run` and `runs` "
            f"work here. Folder: {self.folder}"
        )

    refuse.__name__ = name
    refuse.__doc__ = "Refuse: a folder holds runs only."
    return refuse


class Api:
    """Runs of a folder, found and read in place: no server, no account, no network.

    The folder is one run's, a `wandb` folder with many, or any folder above. Runs are read as
    they are at that moment, whether they ended, crashed or are being written right now, and
    whether this package or the original client wrote them.

    Example:
        >>> api = wandb.Api(overrides={"base_url": "./wandb"})
        >>> for run in api.runs(order="-created_at"):
        ...     print(run.name, run.state, run.summary.get("loss"))
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | str | os.PathLike[str] | None = None,
        timeout: int | None = None,
        api_key: str | None = None,
    ) -> None:
        """Open a folder.

        Args:
            overrides: `base_url` names the folder, as a path or a `file:` URL; `entity` and
                `project` limit what is seen. A path by itself is taken as the `base_url`.
                Without a `base_url` the environment's `WANDB_BASE_URL` says.
            timeout: Not used: nothing is asked over a network.
            api_key: Not used: a folder wants no key.

        Raises:
            UsageError: No folder was named, or there is none of that name.
        """
        given = {"base_url": overrides} if isinstance(overrides, (str, os.PathLike)) else overrides
        self._overrides = dict(given or {})
        self._api_key = api_key
        base_url = self._overrides.get("base_url") or os.environ.get("WANDB_BASE_URL", "")
        self.folder = _existing_folder(os.fspath(base_url))

    @property
    def settings(self) -> dict[str, Any]:
        """What this object goes by: the folder, and the entity and project it is limited to."""
        limits = {name: self._overrides.get(name) for name in ("entity", "project")}
        return {"base_url": str(self.folder), **limits}

    @property
    def default_entity(self) -> str | None:
        """The entity that runs are limited to, None for all."""
        return self._overrides.get("entity")

    @property
    def api_key(self) -> str | None:
        """The key that was given; a folder wants none."""
        return self._api_key

    @property
    def user_agent(self) -> str:
        """The name under which a server would know this client."""
        return "W&B Public Client 0.21.3"

    def flush(self) -> None:
        """Do nothing: each call looks anew, so there is nothing kept to forget."""

    def run(self, path: str = "") -> Run:
        """Return one run.

        Args:
            path: `id`, `project/id` or `entity/project/id`, a run's address, or the name of
                its folder. Of several folders with the run's id, the one started last counts.

        Raises:
            CommError: There is no such run, or it can't be read.
        """
        *limits, name = _parts(path) or [""]
        fits = self._in_project(limits[:2])
        found = [run for run in find_runs(self.folder) if name in (run.name, run.folder.name)]
        facts = [(run, run.facts()) for run in found]
        fitting = [pair for pair in facts if fits(pair[1])]
        if not fitting:
            raise CommError(f"There is no run {path!r}. {self._what_is_there()}")
        source, newest = max(fitting, key=lambda pair: pair[1].started_at)
        return Run(source, newest)

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = True,
    ) -> Runs:
        """Return the runs that fit, lazily.

        Args:
            path: `project` or `entity/project`; None for all.
            filters: Conditions in MongoDB's notation on `state`, `name` (the id),
                `display_name`, `tags`, `group`, `job_type`, `created_at`, `config.…`,
                `summary_metrics.…` and others: `{"config.lr": {"$lt": 0.01}}`.
            order: `+` or `-` and a field, `config.….value` and `summary_metrics.…` among them.
            per_page: Not used: nothing is fetched in pages from a folder.
            include_sweeps: Not used: a folder holds no sweeps.

        Raises:
            ValueError: The filters or the order can't be understood.
        """
        in_project, fits = self._in_project(_parts(path or "")[:2]), compile_filters(filters)
        return Runs(
            lambda: find_runs(self.folder),
            where=path or str(self.folder),
            check=lambda facts: in_project(facts) and fits(facts),
            order=order,
        )

    def from_path(self, path: str) -> Run:
        """Return what a path names: here, a run."""
        return self.run(path)

    def _in_project(self, limits: list[str]) -> Check:
        """Limit by project, or entity and project; what a run does not tell is no reason."""
        project = limits[-1] if limits else self._overrides.get("project")
        entity = limits[0] if len(limits) > 1 else self._overrides.get("entity")

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

    artifact = _needs_server("artifact")
    artifact_collection = _needs_server("artifact_collection")
    artifact_collection_exists = _needs_server("artifact_collection_exists")
    artifact_collections = _needs_server("artifact_collections")
    artifact_exists = _needs_server("artifact_exists")
    artifact_type = _needs_server("artifact_type")
    artifact_types = _needs_server("artifact_types")
    artifact_versions = _needs_server("artifact_versions")
    artifacts = _needs_server("artifacts")
    automation = _needs_server("automation")
    automations = _needs_server("automations")
    create_automation = _needs_server("create_automation")
    create_custom_chart = _needs_server("create_custom_chart")
    create_project = _needs_server("create_project")
    create_registry = _needs_server("create_registry")
    create_run = _needs_server("create_run")
    create_run_queue = _needs_server("create_run_queue")
    create_team = _needs_server("create_team")
    create_user = _needs_server("create_user")
    delete_automation = _needs_server("delete_automation")
    integrations = _needs_server("integrations")
    job = _needs_server("job")
    list_jobs = _needs_server("list_jobs")
    project = _needs_server("project")
    projects = _needs_server("projects")
    queued_run = _needs_server("queued_run")
    registries = _needs_server("registries")
    registry = _needs_server("registry")
    reports = _needs_server("reports")
    run_queue = _needs_server("run_queue")
    slack_integrations = _needs_server("slack_integrations")
    sweep = _needs_server("sweep")
    sync_tensorboard = _needs_server("sync_tensorboard")
    team = _needs_server("team")
    update_automation = _needs_server("update_automation")
    upsert_run_queue = _needs_server("upsert_run_queue")
    user = _needs_server("user")
    users = _needs_server("users")
    webhook_integrations = _needs_server("webhook_integrations")
    viewer = property(_needs_server("viewer"))

    def __repr__(self) -> str:
        return f"<Api {self.folder}>"


def _existing_folder(base_url: str) -> Path:
    how = 'Open a folder of runs: wandb.Api(overrides={"base_url": "./wandb"}).'
    folder = folder_of(base_url) if base_url else None
    if folder is None:
        asked = f" ({base_url})" if base_url else ""
        raise UsageError(f"This version can't read from a server yet{asked}. {how}")
    if not folder.is_dir():
        raise UsageError(f"There is no folder {str(folder)!r} to read runs from. {how}")
    return folder


def _parts(path: str) -> list[str]:
    """Split `entity/project/id`, also written as an address or with `runs/` before the id."""
    plain = urlsplit(path).path if path.startswith(("http://", "https://")) else path
    parts = [part for part in plain.replace(":", "/").split("/") if part]
    if len(parts) > 2 and parts[2] == "runs":
        del parts[2]
    return parts


def _newest_first(root: Path) -> list[LocalRun]:
    return sorted(find_runs(root), key=lambda run: run.folder.stat().st_mtime, reverse=True)
