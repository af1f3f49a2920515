"""Ferrule: an independent drop-in for the W&B client.

Start a run, log to it, and finish it:

    import wandb

    with wandb.init(project="digits", config={"lr": 0.1}) as run:
        run.log({"loss": 0.5})

Everything is kept in the run's folder; nothing is sent anywhere that you did not configure.
"""

import sys as _sys
from time import time as _time
from typing import TYPE_CHECKING, Any

from wandb._base.lazy import lazy_attributes
from wandb._base.require import require
from wandb._base.shell import ipython_shell as _ipython_shell
from wandb._base.terminal import termerror, termlog, termsetup, termwarn
from wandb._run.later import NAMES as _LATER
from wandb._run.later import NotInThisVersion as _NotInThisVersion
from wandb._run.patched import patched as patched
from wandb._run.session import session as _session
from wandb.errors import CommError, Error, UsageError

__version__ = "0.21.3+ferrule.1"

START_TIME = _time()
_IS_INTERNAL_PROCESS = False

if TYPE_CHECKING:
    from wandb._run.artifacts import Artifact
    from wandb._run.attach import attach
    from wandb._run.config import Config
    from wandb._run.ending import finish
    from wandb._run.ending import finish as join
    from wandb._run.init import init
    from wandb._run.login import login
    from wandb._run.package import api as api
    from wandb._run.package import ensure_configured as ensure_configured
    from wandb._run.package import set_trace as set_trace
    from wandb._run.run import Run
    from wandb._run.session import setup, teardown
    from wandb._run.summary import Summary
    from wandb._settings.settings import Settings
    from wandb.apis import InternalApi as InternalApi
    from wandb.apis import PublicApi as PublicApi
    from wandb.apis.public import Api
    from wandb.data_types.audio import Audio
    from wandb.data_types.graph import Graph as Graph
    from wandb.data_types.histogram import Histogram
    from wandb.data_types.html import Html
    from wandb.data_types.image import Image as Image
    from wandb.data_types.image_overlays import Classes as Classes
    from wandb.data_types.joined_table import JoinedTable as JoinedTable
    from wandb.data_types.molecule import Molecule
    from wandb.data_types.object3d import Object3D, box3d
    from wandb.data_types.plotly import Plotly
    from wandb.data_types.table import Table
    from wandb.data_types.video import Video
    from wandb.plot.custom_chart import plot_table as plot_table
    from wandb.plot.viz import visualize as visualize

    run: Run | None
    config: Config
    summary: Summary
    log = Run.__new__(Run).log
    log_artifact = Run.__new__(Run).log_artifact
    use_artifact = Run.__new__(Run).use_artifact
    define_metric = Run.__new__(Run).define_metric
    watch = Run.__new__(Run).watch
    unwatch = Run.__new__(Run).unwatch

__all__ = (
    "Api",
    "Artifact",
    "Audio",
    "CommError",
    "Config",
    "Error",
    "Histogram",
    "Html",
    "Molecule",
    "Object3D",
    "Plotly",
    "Run",
    "Settings",
    "Table",
    "UsageError",
    "Video",
    "__version__",
    "attach",
    "box3d",
    "config",
    "define_metric",
    "finish",
    "init",
    "join",
    "log",
    "log_artifact",
    "login",
    "require",
    "run",
    "setup",
    "summary",
    "teardown",
    "termerror",
    "termlog",
    "termsetup",
    "termwarn",
    "unwatch",
    "use_artifact",
    "watch",
)

# Name → home, imported when first asked for. What follows the current run (`wandb.run`,
# `wandb.log`, …) is not here: those are real globals, see `wandb._run.globals`.
_HOMES = {
    "AlertLevel": "wandb._run.alerts:AlertLevel",
    "Api": "wandb.apis.public:Api",
    "Audio": "wandb.data_types.audio:Audio",
    "Classes": "wandb.data_types.image_overlays:Classes",
    "Artifact": "wandb._run.artifacts:Artifact",
    "Config": "wandb._run.config:Config",
    "Graph": "wandb.data_types:Graph",
    "Histogram": "wandb.data_types.histogram:Histogram",
    "Html": "wandb.data_types.html:Html",
    "Image": "wandb.data_types.image:Image",
    "InternalApi": "wandb.apis.internal:Api",
    "JoinedTable": "wandb.data_types.joined_table:JoinedTable",
    "Molecule": "wandb.data_types.molecule:Molecule",
    "Object3D": "wandb.data_types.object3d:Object3D",
    "Plotly": "wandb.data_types.plotly:Plotly",
    "PublicApi": "wandb.apis.public:Api",
    "Run": "wandb._run.run:Run",
    "Settings": "wandb._settings.settings:Settings",
    "Table": "wandb.data_types.table:Table",
    "Video": "wandb.data_types.video:Video",
    "_attach": "wandb._run.attach:attach",
    "_sentry": "wandb._base.noreports:no_reports",
    "api": "wandb._run.package:api",
    "apis": "wandb.apis",
    "attach": "wandb._run.attach:attach",
    "box3d": "wandb.data_types.object3d:box3d",
    "cli": "wandb.cli",
    "data_types": "wandb.data_types",
    "ensure_configured": "wandb._run.package:ensure_configured",
    "env": "wandb.env",
    "finish": "wandb._run.ending:finish",
    "helper": "wandb.sdk.wandb_helper",
    "init": "wandb._run.init:init",
    "integration": "wandb.integration",
    "join": "wandb._run.ending:finish",
    "jupyter": "wandb.jupyter",
    "login": "wandb._run.login:login",
    "old": "wandb.old",
    "plot": "wandb.plot",
    "plot_table": "wandb.plot.custom_chart:plot_table",
    "restore": "wandb._run.restoring:restore",
    "sdk": "wandb.sdk",
    "set_trace": "wandb._run.package:set_trace",
    "setup": "wandb._run.session:setup",
    "teardown": "wandb._run.session:teardown",
    "tensorboard": "wandb.integration.tensorboard",
    "term": "wandb.errors.term",
    "util": "wandb.util",
    "visualize": "wandb.plot.viz:visualize",
    "wandb_lib": "wandb.sdk.lib",
    "wandb_run": "wandb.wandb_run",
    "wandb_sdk": "wandb.sdk",
    "wandb_torch": "wandb.integration.torch.wandb_torch",
}

_found = lazy_attributes(globals(), _HOMES)


def __getattr__(name: str) -> Any:
    if name in _LATER:
        raise _NotInThisVersion(f"wandb.{name}")
    return _found(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def load_ipython_extension(ipython: Any) -> None:
    """Make `%wandb` and `%%wandb` known to a shell: `%load_ext wandb`; importing does it, too."""
    from wandb._run.magics import register

    register(ipython)


_session.globals.use(globals())
if "IPython" in _sys.modules and (_shell := _ipython_shell()) is not None:
    load_ipython_extension(_shell)
