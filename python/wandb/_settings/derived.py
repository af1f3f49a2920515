"""What follows from the settings: folders, addresses, and where the script runs."""

from __future__ import annotations

import os
import sys
import time
from typing import Literal

from wandb._base.shell import shell
from wandb._settings.fields import Fields

__all__ = ("Derived", "app_url")

_HOSTED_API = "https://api.wandb.ai"


class Derived(Fields):
    """Read-only properties, computed when asked from the present values."""

    # ---- mode

    @property
    def _noop(self) -> bool:
        """Nothing is logged at all."""
        return self.mode == "disabled"

    @property
    def _offline(self) -> bool:
        """Nothing is sent while the run goes on."""
        return self.mode in ("offline", "dryrun")

    @property
    def _shared(self) -> bool:
        """Several processes write one run."""
        return self.mode == "shared"

    @property
    def run_mode(self) -> Literal["run", "offline-run"]:
        """First part of the run folder's name."""
        return "offline-run" if self._offline else "run"

    # ---- the run's time and folders

    @property
    def _start_datetime(self) -> str:
        """When the run began, in local time, as in its folder's name; empty before that."""
        if self.x_start_time is None:
            return ""
        return time.strftime("%Y%m%d_%H%M%S", time.localtime(self.x_start_time))

    @property
    def timespec(self) -> str:
        """Middle part of the run folder's name."""
        return self._start_datetime

    @property
    def wandb_dir(self) -> str:
        """Folder of all runs, with a slash at its end: `.wandb` where there is one."""
        hidden = _path(self.root_dir, ".wandb")
        chosen = hidden if os.path.isdir(hidden) else _path(self.root_dir, "wandb")
        return os.path.join(chosen, "")

    @property
    def sync_dir(self) -> str:
        """The run's folder."""
        return _path(self.wandb_dir, f"{self.run_mode}-{self.timespec}-{self.run_id}")

    @property
    def sync_file(self) -> str:
        """The run's journal."""
        return _path(self.sync_dir, f"run-{self.run_id}.wandb")

    @property
    def files_dir(self) -> str:
        """Folder of the run's own files; the user's `run.dir`."""
        return self.x_files_dir or _path(self.sync_dir, "files")

    @property
    def _tmp_code_dir(self) -> str:
        """Folder where code is gathered before it is saved."""
        return _path(self.sync_dir, "tmp", "code")

    @property
    def _code_path_local(self) -> str | None:
        """The script's path below the current folder; None where it lies elsewhere."""
        path = os.path.join(os.getcwd(), self.program or "")
        below = os.path.relpath(path)
        return below if os.path.isfile(path) and not below.startswith(os.pardir) else None

    @property
    def log_dir(self) -> str:
        """Folder of the run's debug logs."""
        return _path(self.sync_dir, "logs")

    @property
    def log_user(self) -> str:
        """Debug log of the user's process."""
        return _path(self.log_dir, "debug.log")

    @property
    def log_internal(self) -> str:
        """Debug log of the service."""
        return _path(self.log_dir, "debug-internal.log")

    @property
    def sync_symlink_latest(self) -> str:
        """Link to the newest run's folder."""
        return _path(self.wandb_dir, "latest-run")

    @property
    def log_symlink_user(self) -> str:
        """Link to the newest debug log of a user's process."""
        return _path(self.wandb_dir, "debug.log")

    @property
    def log_symlink_internal(self) -> str:
        """Link to the newest debug log of the service."""
        return _path(self.wandb_dir, "debug-internal.log")

    @property
    def resume_fname(self) -> str:
        """File that names the run to go on with when `resume` is `auto`."""
        return _path(self.wandb_dir, "wandb-resume.json")

    @property
    def settings_workspace(self) -> str:
        """Settings file of this folder's runs."""
        return _path(self.wandb_dir, "settings")

    # ---- the server

    @property
    def is_local(self) -> bool:
        """The server is not the hosted service."""
        return self.base_url != _HOSTED_API

    @property
    def deployment(self) -> Literal["local", "cloud"]:
        """The same in a word."""
        return "local" if self.is_local else "cloud"

    @property
    def project_url(self) -> str:
        """Page of the project; empty while entity or project is unknown."""
        return self._page()

    @property
    def run_url(self) -> str:
        """Page of the run; empty while entity, project or run is unknown."""
        return self._page("runs", self.run_id) if self.run_id else ""

    @property
    def sweep_url(self) -> str:
        """Page of the sweep; empty outside a sweep, or while entity or project is unknown."""
        return self._page("sweeps", self.sweep_id) if self.sweep_id else ""

    def _page(self, kind: str = "", name: str | None = None) -> str:
        if not (self.entity and self.project):
            return ""
        from urllib.parse import quote

        parts = [app_url(self.base_url), quote(self.entity), quote(self.project, safe="")]
        if name:
            parts += [kind, quote(name, safe="=+&$@")]
        return "/".join(parts) + self._guest_query()

    def _guest_query(self) -> str:
        """Let somebody without an account see the page of a run logged without one."""
        guest = self.anonymous in ("allow", "must") and self.api_key
        return f"?apiKey={self.api_key}" if guest else ""

    # ---- where the script runs

    @property
    def _args(self) -> list[str]:
        """The script's arguments; in Jupyter they are the kernel's, so there are none."""
        return [] if self._jupyter else sys.argv[1:]

    @property
    def _ipython(self) -> bool:
        """The script runs in IPython's terminal."""
        return shell() == "ipython"

    @property
    def _jupyter(self) -> bool:
        """The script runs in a Jupyter kernel."""
        return shell() == "jupyter"

    @property
    def _colab(self) -> bool:
        """The script runs in Google Colab."""
        return "google.colab" in sys.modules

    @property
    def _kaggle(self) -> bool:
        """The script runs in a Kaggle notebook."""
        return "KAGGLE_KERNEL_RUN_TYPE" in os.environ or "kaggle_environments" in sys.modules

    @property
    def _notebook(self) -> bool:
        """The script runs in any of those four."""
        return self._ipython or self._jupyter or self._colab or self._kaggle

    @property
    def colab_url(self) -> str | None:
        """Page of the notebook in Colab; None outside it."""
        path = self.x_jupyter_path or ""
        if not (self._colab and path.startswith("fileId=")):
            return None
        return f"https://colab.research.google.com/notebook#{path}"

    @property
    def _aws_lambda(self) -> bool:
        """The script runs in AWS Lambda."""
        return "AWS_LAMBDA_FUNCTION_NAME" in os.environ

    @property
    def _windows(self) -> bool:
        """The script runs on Windows."""
        return sys.platform == "win32"

    @property
    def _os(self) -> str:
        """The operating system in detail."""
        import platform

        return platform.platform(aliased=True)

    @property
    def _platform(self) -> str:
        """The operating system and the processor's kind, such as `linux-x86_64`."""
        import platform

        return f"{platform.system()}-{platform.machine()}".lower()

    @property
    def _python(self) -> str:
        """The interpreter and its version, such as `CPython 3.11.7`."""
        import platform

        return f"{platform.python_implementation()} {platform.python_version()}"


def _path(*parts: str) -> str:
    return os.path.expanduser(os.path.join(*parts))


def app_url(api_url: str) -> str:
    """Address of the pages that belong to an API."""
    override = os.environ.get("WANDB_APP_URL")
    if override:
        return override.rstrip("/")
    if "://api.wandb." in api_url:
        return api_url.replace("://api.wandb.", "://wandb.")
    return api_url.replace("://api.", "://app.")
