"""`Api`: where programs start reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from wandb._artifact.artifact import Artifact
from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.apis.public.catalog import RemoteCatalog
from wandb.apis.public.folder import FolderPlace, existing_folder
from wandb.apis.public.paths import parts_of
from wandb.apis.public.projects import Project, Projects
from wandb.apis.public.remote import NotFound
from wandb.apis.public.runs import Run, Runs
from wandb.apis.public.server import USER_AGENT, reach
from wandb.apis.public.server_place import ServerPlace
from wandb.apis.public.users import User
from wandb.errors import UnsupportedError


def _later(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Api, *_args: Any, **_kwargs: Any) -> NoReturn:
        self._on_server(name)
        raise UnsupportedError(f"Api.{name} is not in this version of Ferrule: nothing was done.")

    refuse.__name__ = name
    refuse.__doc__ = "Refuse: not in this version."
    return refuse


class Api:
    """Runs that were logged, on a server or in a folder.

    Without arguments it is the server that runs are logged to. A folder is one run's, a `wandb`
    folder with many, or any folder above. Runs are read as they are at that moment, whether
    they ended, crashed or are being written right now, and whether this package or the original
    client wrote them.

    Example:
        >>> api = wandb.Api()
        >>> for run in api.runs("my-project", order="-created_at"):
        ...     print(run.name, run.state, run.summary.get("loss"))
        >>> offline = wandb.Api(overrides={"base_url": "./wandb"})
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | str | os.PathLike[str] | None = None,
        timeout: int | None = None,
        api_key: str | None = None,
    ) -> None:
        """Choose a server or open a folder; nothing is asked yet.

        Args:
            overrides: `base_url` is a server's address, or a folder as a path or a `file:` URL;
                `entity` and `project` are meant where a path names none. A path or an address
                by itself is taken as the `base_url`. Without a `base_url` the settings say.
            timeout: How many seconds to wait for each answer of a server; 19 unless given.
            api_key: The key for the server, instead of the one that the settings or the netrc
                file have.

        Raises:
            UsageError: There is no folder of that name, or no key for the server.
            CommError: No server is configured, and the user's own can't be started.
        """
        given = {"base_url": overrides} if isinstance(overrides, (str, os.PathLike)) else overrides
        self._overrides = dict(given or {})
        self._api_key = api_key
        base_url = os.fspath(self._overrides.get("base_url") or "")
        folder = existing_folder(base_url or os.environ.get("WANDB_BASE_URL", ""))
        self._place: FolderPlace | ServerPlace
        if folder is None:
            self._place = self._server_place(timeout)
        else:
            limits = {name: self._overrides.get(name) for name in ("entity", "project")}
            self._place = FolderPlace(folder, **limits)

    def _server_place(self, timeout: float | None) -> ServerPlace:
        settings = self._server_settings()
        server = reach(settings, timeout_secs=timeout)
        self._api_key = server.api_key
        return ServerPlace(server, entity=settings.entity, project=settings.project)

    def _server_settings(self) -> Settings:
        settings = load(os.environ, cwd=os.getcwd())
        settings.update_from_dict(
            {
                "base_url": self._overrides.get("base_url"),
                "entity": self._overrides.get("entity"),
                "project": self._overrides.get("project"),
                "api_key": self._api_key,
            },
            source="argument of `wandb.Api`",
        )
        return settings

    @property
    def folder(self) -> Path | None:
        """The folder that runs are read from; None where it is a server."""
        return self._place.folder if isinstance(self._place, FolderPlace) else None

    @property
    def settings(self) -> dict[str, Any]:
        """What this object goes by: the server or folder, and the entity and project meant."""
        place = self._place
        where = str(place.folder) if isinstance(place, FolderPlace) else place.server.base_url
        return {"base_url": where, "entity": place.entity, "project": place.project}

    @property
    def default_entity(self) -> str | None:
        """The entity that is meant where none is named; in a folder None means all."""
        if isinstance(self._place, FolderPlace):
            return self._place.entity
        return self._place.default_entity()

    @property
    def viewer(self) -> User:
        """Who the API key belongs to.

        Raises:
            UnsupportedError: A folder has no accounts.
            AuthenticationError: The server does not know the key.
        """
        return self._on_server("viewer").viewer()

    @property
    def api_key(self) -> str | None:
        """The key in use; a folder wants none."""
        return self._api_key

    @property
    def user_agent(self) -> str:
        """The name under which a server knows this client."""
        return USER_AGENT

    def flush(self) -> None:
        """Do nothing: each call looks anew, so there is nothing kept to forget."""

    def run(self, path: str = "") -> Run:
        """Return one run.

        Args:
            path: `id`, `project/id` or `entity/project/id`, a run's address, or, in a folder,
                the name of the run's own folder; of several with the run's id there, the one
                started last counts.

        Raises:
            CommError: There is no such run, or it can't be read.
        """
        return self._place.run(path)

    def runs(
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str | None = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = True,
    ) -> Runs:
        """Return the runs that fit, lazily.

        Args:
            path: `project` or `entity/project`; None for the default project on a server, for
                all runs of a folder.
            filters: Conditions in MongoDB's notation on `state`, `name` (the id),
                `display_name`, `tags`, `group`, `job_type`, `created_at`, `config.…`,
                `summary_metrics.…` and others: `{"config.lr": {"$lt": 0.01}}`.
            order: `+` or `-` and a field, `config.….value` and `summary_metrics.…` among them;
                None leaves it to the server.
            per_page: How many are asked for at a time from a server.
            include_sweeps: Not used: sweeps are not in this version.

        Raises:
            ValueError: The filters or the order can't be understood. That is for a folder; a
                server tells of its own mistakes when it is asked.
        """
        return self._place.runs(path, filters, order, per_page)

    def project(self, name: str, entity: str | None = None) -> Project:
        """Return a project; whether there is one is asked when its attributes are read.

        Args:
            name: The project's name.
            entity: Whose it is; the default entity's unless given.
        """
        return self._on_server("project").project_named(name, entity)

    def projects(self, entity: str | None = None, per_page: int = 200) -> Projects:
        """Return the projects of an entity, lazily.

        Args:
            entity: Whose; the default entity's unless given.
            per_page: How many are asked for at a time.
        """
        return self._on_server("projects").projects(entity, per_page)

    def create_project(self, name: str, entity: str) -> Project:
        """Make a project, unless there is one of that name.

        Args:
            name: The project's name.
            entity: Whose it is to be.
        """
        return self._on_server("create_project").create_project(name, entity)

    def create_custom_chart(
        self,
        entity: str,
        name: str,
        display_name: str,
        spec_type: str,
        access: str,
        spec: str | dict[str, Any],
    ) -> str:
        """Keep a chart of your own, by which `wandb.plot_table` can draw tables.

        A chart of that name is replaced, and what was drawn by it is drawn anew.

        Args:
            entity: Whose it is to be: you, or a team of yours.
            name: Its name there.
            display_name: What the page calls it.
            spec_type: The language of the specification: `vega2`, which is Vega-Lite.
            access: `private` for the entity's members, `public` for everyone on the server.
            spec: The specification, as a dict or as JSON. Its data is named `wandb`; it has
                `${field:x}` for a column, and `${string:title}` for a text, that whoever logs a
                table chooses.

        Returns:
            The chart's id, `entity/name`.

        Raises:
            ValueError: `spec_type` or `access` is none of these.
            CommError: The server refused, and says why.
            Error: The server did not keep it.

        Example:
            >>> spec = {
            ...     "mark": "bar",
            ...     "data": {"name": "wandb"},
            ...     "encoding": {
            ...         "x": {"field": "${field:x}", "type": "ordinal"},
            ...         "y": {"field": "${field:y}", "type": "quantitative"},
            ...     },
            ... }
            >>> chart = api.create_custom_chart("team", "bars", "Bars", "vega2", "private", spec)
            >>> wandb.plot_table(chart, table, fields={"x": "name", "y": "score"})
        """
        from wandb.apis.public.charts import keep_chart

        return keep_chart(
            self._on_server("create_custom_chart").server,
            entity=entity,
            name=name,
            title=display_name,
            kind=spec_type,
            access=access,
            spec=spec,
        )

    def artifact(self, name: str, type: str | None = None) -> Artifact:
        """Return one version of an artifact.

        Args:
            name: `name:alias`, `project/name:alias` or `entity/project/name:alias`; the alias may
                be a version such as `v3`, and is `latest` if it is left out.
            type: The type that it must have.

        Raises:
            CommError: There is no such version, or it has another type.
        """
        catalog = self._catalog("artifact")
        facts = catalog.named(*self._on_server("artifact").artifact_path(name))
        if type is not None and facts.type != type:
            raise NotFound(f"The artifact {facts.name} is a {facts.type!r}, not a {type!r}.")
        return Artifact._from_facts(facts, catalog)

    def artifact_exists(self, name: str, type: str | None = None) -> bool:
        """Whether there is a version of an artifact; see `artifact`.

        Args:
            name: The version.
            type: The type that it must have.
        """
        try:
            self.artifact(name, type)
        except NotFound:
            return False
        return True

    def _catalog(self, name: str) -> RemoteCatalog:
        return self._on_server(name).catalog

    def from_path(self, path: str) -> Run | Project:
        """Return what a path names: a run, or on a server with one or two parts a project."""
        parts = parts_of(path)
        if self.folder is None and 1 <= len(parts) <= 2:
            return self.project(parts[-1], parts[0] if len(parts) == 2 else None)
        return self.run(path)

    def sync_tensorboard(
        self,
        root_dir: str,
        run_id: str | None = None,
        project: str | None = None,
        entity: str | None = None,
    ) -> Run:
        """Send the event files of TensorBoard's in a folder, as one run; return that.

        What was sent before is not sent again: files that grew are sent on.

        Args:
            root_dir: A folder with event files, in it or below.
            run_id: The run's id; the one that the folder was sent under before, or a new one.
            project: The project; the settings' one unless given, or `uncategorized`.
            entity: Whose it is; the default entity unless given.

        Raises:
            CommError: There are none, or they could not be sent.
        """
        from wandb.apis.public.tensorboard import send_event_files

        place = self._on_server("sync_tensorboard")
        settings = self._server_settings()
        sent = send_event_files(
            root_dir,
            place.server,
            settings,
            run_id=run_id,
            project=project or settings.project,
            entity=entity or settings.entity,
        )
        return self.run(f"{sent.entity}/{sent.project}/{sent.run}")

    def _on_server(self, name: str) -> ServerPlace:
        if isinstance(self._place, FolderPlace):
            raise UnsupportedError(
                f"Api.{name} needs a server, and this Api reads a folder: only `run` and `runs` "
                f"work here. Folder: {self._place.folder}"
            )
        return self._place

    artifact_collection = _later("artifact_collection")
    artifact_collection_exists = _later("artifact_collection_exists")
    artifact_collections = _later("artifact_collections")
    artifact_type = _later("artifact_type")
    artifact_types = _later("artifact_types")
    artifact_versions = _later("artifact_versions")
    artifacts = _later("artifacts")
    automation = _later("automation")
    automations = _later("automations")
    create_automation = _later("create_automation")
    create_registry = _later("create_registry")
    create_run = _later("create_run")
    create_run_queue = _later("create_run_queue")
    create_team = _later("create_team")
    create_user = _later("create_user")
    delete_automation = _later("delete_automation")
    integrations = _later("integrations")
    job = _later("job")
    list_jobs = _later("list_jobs")
    queued_run = _later("queued_run")
    registries = _later("registries")
    registry = _later("registry")
    reports = _later("reports")
    run_queue = _later("run_queue")
    slack_integrations = _later("slack_integrations")
    sweep = _later("sweep")
    team = _later("team")
    update_automation = _later("update_automation")
    upsert_run_queue = _later("upsert_run_queue")
    user = _later("user")
    users = _later("users")
    webhook_integrations = _later("webhook_integrations")

    def __repr__(self) -> str:
        return f"<Api {self.settings['base_url']}>"
