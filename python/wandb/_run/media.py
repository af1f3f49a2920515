"""Values with a form of their own on their way into a run: files below `media/`, JSON in rows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from wandb._base.jsonable import history_value, summary_value
from wandb._base.placing import place
from wandb._base.terminal import termwarn
from wandb._run.charts import keep_told, look_first
from wandb._run.summary import Whole
from wandb._wire.journal import files_record, summary_record

if TYPE_CHECKING:
    from wandb._native import Later
    from wandb._run.run import Run
    from wandb.data_types.base import Content, WBValue

Wire = TypeVar("Wire")

_SHOWN_DIGITS = 20
# Stands in a file's name where a logged value has its step.
_SUMMARY = "summary"
# Between a key and the name of boxes or a mask; the spelling is the original's.
_DELIMITER = "_wandb_delimeter_"
# Bytes of a name that leave room for a digest, within what every file system takes.
_LONGEST_PART = 200
_LONGEST_NAME = 1000


class RunMedia:
    """The media folder of a run, for what is logged under one key.

    Args:
        run: The run.
        key: What is logged.
        in_row: Whether what stands for it goes into a row of the journal: then files may be made
            of pixels when that row is drained, and the row says of them what is known only then.
    """

    in_artifact = False

    def __init__(self, run: "Run", key: str = "", *, in_row: bool = False) -> None:
        self._run = run
        self._key = key
        self._in_row = in_row
        self._later: list[Later] = []

    @property
    def owner(self) -> "Run":
        """The run: a value that was kept there need not be kept again."""
        return self._run

    @property
    def makes_later(self) -> bool:
        """Whether a file that was kept here is still to be made."""
        return bool(self._later)

    def keep(self, content: "Content", *, kind: str, name: str) -> dict[str, Any]:
        """Write a file, announce it, and tell how it is found; see `MediaSink`."""
        start = f"media/{kind}/{_confined(name)}"
        later = self._spilled(content, start)
        if later is not None:
            return later
        path = f"{start}_{content.sha256[:_SHOWN_DIGITS]}{content.extension}"
        place(content.write_to, self._run.dir, path)
        self._run._append(files_record(path))
        return {"sha256": content.sha256, "size": content.size, "path": path}

    def _spilled(self, content: "Content", start: str) -> dict[str, Any] | None:
        """Lay pixels down for a file that is made later; None where it is to be made now."""
        pixels = content.pixels
        elsewhere = self._run._settings.x_files_dir is not None
        if pixels is None or not self._in_row or elsewhere or not _may_wait(start):
            return None
        size = pixels.width, pixels.height
        facts = self._run._writer.spill_pixels(
            pixels.raw, size, pixels.channels or 0, start, content.extension
        )
        if facts is None:
            return None
        self._later.append(facts[0])
        return dict(zip(("sha256", "size", "path"), facts, strict=True))

    def drop(self) -> None:
        """Forget what was to be made of pixels: no row speaks of it."""
        for later in self._later:
            self._run._writer.drop_pixels(later)

    def label(self, kind: str, name: str, labels: dict[Any, str]) -> None:
        """Keep the names of classes in the run's config, once for each time that they change.

        Args:
            kind: What they are of: `mask/class_labels` or `bounding_box/class_labels`.
            name: The mask or the boxes, by their name in the image.
            labels: The classes by their ids.
        """
        full_name = f"{self._key}{_DELIMITER}{name}"
        told = {"type": kind, "key": full_name, "value": dict(labels)}
        keep_told(self._run, "_wandb", kind, full_name, told)


def _confined(name: str) -> str:
    """Turn a key into a path that stays below its folder, as the original does."""
    parts = name.lstrip("/").split("/")
    return "/".join(part.replace(".", "_") if part in (".", "..") else part for part in parts)


def _may_wait(start: str) -> bool:
    """Whether a file of this name can be made for sure; whoever makes another one is told."""
    try:
        longest = max(len(part) for part in start.encode().split(b"/"))
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return longest <= _LONGEST_PART and len(start) <= _LONGEST_NAME and "\0" not in start


def to_wire(run: "Run", key: str, value: "WBValue", namespace: int | str) -> dict[str, Any]:
    """Keep what a value needs, and return what stands for it in the run's row or summary.

    Args:
        run: The run.
        key: What the value is logged under; inside dicts the innermost key.
        value: The value.
        namespace: The row's step, or the word `summary`.

    Raises:
        OSError: A file can't be written.
        ValueError: The value can't be kept in a run.
    """
    first = key, f"{key}_{namespace}"
    if value.needs_artifact:
        from wandb._run.artifacts import keep_in_artifact

        keep_in_artifact(run, key, value)
    elif value._kept is not None and value._kept[0] == run.dir:
        known = value._kept[1]
        if isinstance(known, dict):
            return dict(known)
        first = known  # made again it takes the same place
    media = RunMedia(run, first[0], in_row=namespace != _SUMMARY)
    wire = _whole(media, lambda: value.to_wire(media, name=first[1]))
    if hasattr(value, "_content"):
        # A file that never changes lies in the run once, however often it is logged.
        value._kept = (run.dir, first if media.makes_later else wire)
    return wire


def _whole(media: RunMedia, keep: Callable[[], Wire]) -> Wire:
    try:
        return keep()
    except BaseException:
        media.drop()
        raise


def list_to_wire(run: "Run", key: str, values: Sequence[Any], namespace: int | str) -> Any:
    """Do as `to_wire` for a list of values, or return the list itself if it holds other things.

    Values of one class that has a form for many are kept as that one, others one by one.
    """
    from wandb.data_types.coerce import as_value

    made: list[WBValue] = []
    for value in values:
        found = as_value(value)
        if found is None:
            return values
        made.append(found)
    kind = type(made[0])
    as_one = getattr(kind, "list_to_wire", None)
    if as_one is None or not all(isinstance(value, kind) for value in made):
        return [to_wire(run, key, value, namespace) for value in made]
    kept = _first_few(key, made, kind)
    media = RunMedia(run, key, in_row=namespace != _SUMMARY)
    return _whole(media, lambda: as_one(kept, media, name=f"{key}_{namespace}"))


def _first_few(key: str, values: "list[WBValue]", kind: type) -> "list[WBValue]":
    most = getattr(kind, "MAX_ITEMS", None)
    if most is None or len(values) <= most:
        return values
    termwarn(
        f"run.log: of the {len(values)} values in the list of {key!r} the first {most} are kept, "
        f"which is the most for {kind.__name__}. Log the others under another key or step.",
        repeat=False,
    )
    return values[:most]


class Logged:
    """What the native writer asks for values of `run.log` that it can't encode itself."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    def __call__(self, key: str, value: Any, step: int) -> Any:
        """Turn a value into one that the writer knows, or that holds others to ask for.

        Args:
            key: What it is logged under; inside dicts the innermost key.
            value: A value of a class that the writer does not know, or a list or tuple that
                begins with one. A list that is returned as it is, is asked for item by item.
            step: The step of the row.

        Raises:
            TypeError: There is no form for this type.
            ValueError: The value can't be kept; the reason says why.
            OSError: A file of it can't be written.
            RowMayHaveCharts: The row is to be looked at for charts first.
        """
        from wandb.data_types.coerce import as_value

        look_first(value)
        if isinstance(value, (list, tuple)):
            return list_to_wire(self._run, key, value, step)
        made = as_value(value)
        if made is None:
            return history_value(key, value, step)
        return to_wire(self._run, key, made, step)


class Summarized:
    """What `run.summary` asks for values that are written to it."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    def __call__(self, key: str, value: Any) -> Any:
        """Turn a value into what is kept of it; `key` is its path, joined by dots.

        Raises:
            TypeError: There is no form for a value.
            ValueError: A value can't be kept; the reason says why.
            OSError: A file can't be written.
        """
        from wandb.data_types.coerce import as_value

        if isinstance(value, dict):
            return {name: self(f"{key}.{name}", inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)) and value and as_value(value[0]) is not None:
            kept = list_to_wire(self._run, key, value, _SUMMARY)
            return Whole(kept) if isinstance(kept, dict) else summary_value(kept)
        made = as_value(value)
        if made is None:
            return summary_value(value)
        return Whole(to_wire(self._run, key, made, _SUMMARY))


def keep_in_summary(run: "Run", key: str, media: "WBValue") -> None:
    """Write a value's file and make it the summary's value of a key.

    Raises:
        OSError: The file can't be written; the summary stays as it was.
    """
    kept = to_wire(run, key, media, _SUMMARY)
    run._telemetry.note("set_summary")
    # Whole, as one value: other consumers know a file by that.
    run._append(summary_record([(key, kept)]))
