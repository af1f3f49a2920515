"""Which features a run has used: kept in its own journal, sent nowhere else."""

from collections.abc import Callable, Iterable

from wandb._base.host import platform_text, python_version
from wandb._wire.journal import Fields, Record, telemetry_fields, telemetry_record


class Telemetry:
    """A set of feature names that grows; each change is one whole snapshot in the journal."""

    def __init__(self, features: Iterable[str] = ()) -> None:
        self._features = dict.fromkeys(features)
        self._label: dict[str, str] = {}
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
