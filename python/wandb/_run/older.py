"""Private members of the original's `Run` that libraries reach for, over what `Run` is here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from wandb._run.session import session

if TYPE_CHECKING:
    from wandb._run.config import Config
    from wandb._run.teardown import TeardownHook, TeardownStage
    from wandb._run.telemetry import Telemetry
    from wandb._run.writer import RunWriter
    from wandb._settings.settings import Settings

# A line such as `# @wandbcode{my-example, v=1.2}` in the first lines of a program's text.
_LABEL = re.compile(r"@wandbcode\{(?P<code>[^,}]*)(?P<rest>[^}]*)\}")
_LABEL_CELLS, _LABEL_LINES = 10, 10
_LABEL_NAMES = {"v": "code_version", "version": "code_version", "r": "repo", "repo": "repo"}


class OlderMembers:
    """What `Run` has for others' sake only."""

    _telemetry: Telemetry
    _config: Config
    _settings: Settings
    _writer: RunWriter
    _backend: Any = None
    _teardown_hooks: tuple[TeardownHook, ...] = ()

    if TYPE_CHECKING:

        @property
        def step(self) -> int: ...
        def log(self, data: dict[str, Any], step: int | None, commit: bool | None) -> None: ...
        def _label(
            self, code: str | None = None, repo: str | None = None, code_version: str | None = None
        ) -> None: ...

    @property
    def _step(self) -> int:
        return 0 if self._settings._noop else self.step

    def _partial_history_callback(
        self, data: dict[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Keep a row, as `log` does."""
        self.log(data, step, commit)

    def _telemetry_callback(self, telem_obj: Any) -> None:
        """Take over the features that a telemetry object names."""
        self._telemetry.note(*telem_obj.features())

    def _set_config_wandb(self, key: str, val: Any) -> None:
        """Set a value of the client's own part of the config."""
        own = self._config._items.get("_wandb")
        kept = {**(own if isinstance(own, dict) else {}), key: val}
        self._config._items["_wandb"] = kept
        self._config._send({"_wandb": {key: val}})

    def _redirect(
        self, stdout_slave_fd: int | None, stderr_slave_fd: int | None, console: str | None = None
    ) -> None:
        """Begin to record what is printed, or end it where `console` is "off"."""
        change = session.console.stop if console == "off" else session.console.start
        change(self._writer.print)

    def _set_teardown_hooks(self, hooks: Iterable[TeardownHook]) -> None:
        """Have functions called when the run ends."""
        self._teardown_hooks = tuple(hooks)

    def _call_teardown_hooks(self, stage: TeardownStage) -> None:
        for hook in self._teardown_hooks:
            if hook.stage == stage:
                hook.call()

    def _label_probe_notebook(self, notebook: Any) -> None:
        """Remember the label that the first lines of a notebook's cells give, if they give one."""
        cells = notebook.get("cells", []) if isinstance(notebook, Mapping) else []
        for cell in cells[:_LABEL_CELLS]:
            source = cell.get("source", []) if isinstance(cell, Mapping) else []
            lines = source.splitlines() if isinstance(source, str) else source
            self._label_probe_lines(lines)

    def _label_probe_lines(self, lines: Iterable[str]) -> None:
        for line in list(lines)[:_LABEL_LINES]:
            found = _LABEL.search(line)
            if found:
                self._label(code=found["code"].strip() or None, **_label_options(found["rest"]))


def _label_options(text: str) -> dict[str, str]:
    """Read `, v=1.2, repo="x"`."""
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    options = {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}
    return {_LABEL_NAMES[name]: value for name, value in options.items() if name in _LABEL_NAMES}


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text)) if text.startswith('"') else text
    except ValueError:
        return text
