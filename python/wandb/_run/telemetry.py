"""Which features a run has used: kept in its own journal, sent nowhere else."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from wandb._base.host import platform_text, python_version
from wandb._base.shell import shell
from wandb._base.terminal import termwarn
from wandb._wire.journal import Fields, Record, telemetry_fields, telemetry_record


class Telemetry:
    """A set of feature names that grows; each change is one whole snapshot in the journal."""

    def __init__(self, features: Iterable[str] = ()) -> None:
        self._features = dict.fromkeys(features)
        self._label: dict[str, str] = {}
        kind = shell()
        self._surroundings = [] if kind == "python" else [kind]
        self._platform = platform_text()
        self._python_version = python_version()
        self._send: Callable[[Record], None] | None = None

    def fields(self) -> Fields:
        """Return the present snapshot."""
        return telemetry_fields(
            python_version=self._python_version,
            platform=self._platform,
            features=self._features,
            label=self._label,
            surroundings=self._surroundings,
        )

    def send_to(self, append: Callable[[Record], None]) -> None:
        """Write the present snapshot, and each later one, with `append`."""
        self._send = append
        append(telemetry_record(self.fields()))

    def stop(self) -> None:
        """Write no more: a child's snapshot would replace what its parent has noted since."""
        self._send = None

    def note(self, *features: str) -> None:
        """Remember that features were used."""
        if not self._features.keys() >= set(features):
            self._features.update(dict.fromkeys(features))
            self._written()

    def label(self, **label: str | None) -> None:
        """Remember which library drives the run."""
        self._label.update({name: text for name, text in label.items() if text})
        self._written()

    def _written(self) -> None:
        if self._send is not None:
            self._send(telemetry_record(self.fields()))


class _Marks:
    """A group of names that are set by assignment: `features.keras = True`."""

    def __getattr__(self, name: str) -> bool:
        if name.startswith("__"):
            raise AttributeError(name)
        return False


class TelemetryNote:
    """What a library notes about itself: `note.feature.NAME = True`.

    The other groups of the original's object are there to be assigned to, and go nowhere.
    """

    def __init__(self) -> None:
        self.feature = _Marks()
        self.label = _Marks()
        self.env = _Marks()
        self.imports_init = _Marks()
        self.imports_finish = _Marks()
        self.deprecated = _Marks()

    def features(self) -> list[str]:
        """Return the names of the features that were noted."""
        return [name for name, used in vars(self.feature).items() if used]


@contextmanager
def context(run: Any = None, obj: Any = None) -> Iterator[Any]:
    """Let a library note which features it uses; it is kept in the run's journal.

    Args:
        run: The run; the current one by default. Without one nothing is kept.
        obj: A note to add to, in place of a new one; it is not kept.

    Yields:
        A `TelemetryNote`.
    """
    note = TelemetryNote() if obj is None else obj
    yield note
    if obj is None:
        chosen = run if run is not None else current_run()
        if chosen is not None and not chosen._is_finished:
            chosen._telemetry_callback(note)


def current_run() -> Any:
    """Return the current run, or None."""
    from wandb._run.session import session

    return session.globals.run


def list_telemetry_imports(only_imported: bool = False) -> set[str]:
    """List the libraries whose use a run would tell of, were there any telling.

    Args:
        only_imported: Only those that this process has loaded.
    """
    return {name for name in _LIBRARIES if not only_imported or name in sys.modules}


_LIBRARIES = (
    "catboost",
    "fastai",
    "jax",
    "keras",
    "lightgbm",
    "lightning",
    "pytorch_lightning",
    "sklearn",
    "tensorflow",
    "torch",
    "transformers",
    "xgboost",
)


def deprecate(field_name: Any, warning_message: str, run: Any = None) -> None:
    """Warn, once, of something that will go.

    Args:
        field_name: What it is, as the original counts it; not counted here.
        warning_message: What to use in its place.
        run: Not used.
    """
    termwarn(warning_message, repeat=False)
