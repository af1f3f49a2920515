"""Where the files of logged media go: below `media/` in the run's own files."""

from typing import TYPE_CHECKING, Any

from wandb._base.placing import place
from wandb._wire.journal import files_record, summary_record

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb.data_types.base import Content, Media

_SHOWN_DIGITS = 20
# Stands in a file's name where a logged value has its step.
_SUMMARY = "summary"


class RunMedia:
    """The media folder of a run."""

    in_artifact = False

    def __init__(self, run: "Run") -> None:
        self._run = run

    def keep(self, content: "Content", *, kind: str, name: str) -> dict[str, Any]:
        """Write a file, announce it, and tell how it is found; see `MediaSink`."""
        path = f"media/{kind}/{name}_{content.sha256[:_SHOWN_DIGITS]}{content.extension}"
        place(content.write_to, self._run.dir, path)
        self._run._append(files_record(path))
        return {"sha256": content.sha256, "size": content.size, "path": path}


def keep_in_summary(run: "Run", key: str, media: "Media") -> None:
    """Write a value's file and make it the summary's value of a key.

    Raises:
        OSError: The file can't be written; the summary stays as it was.
    """
    kept = media.to_wire(RunMedia(run), name=f"{key}_{_SUMMARY}")
    run._telemetry.note("set_summary")
    # Whole, as one value: other consumers know a file by that.
    run._append(summary_record([(key, kept)]))
