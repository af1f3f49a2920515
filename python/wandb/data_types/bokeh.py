"""`Bokeh`: plots of the library of that name."""

import json
import os
from typing import Any, ClassVar

from wandb.data_types.base import Content, Media, MediaSource
from wandb.data_types.inputs import fetched, file_content, library

_EXTENSION = ".bokeh.json"


class Bokeh(Media):
    """A plot of Bokeh's.

    Args:
        data_or_path: A plot or another model, a document, or the file of one, whose name ends
            with `.bokeh.json`.

    Raises:
        Error: Bokeh is not installed.
        OSError: The file can't be read.
        TypeError: It is something else.
        ValueError: The file is no document of Bokeh's.
    """

    _log_type: ClassVar[str | None] = "bokeh-file"
    kind = "bokeh"

    def __init__(self, data_or_path: Any) -> None:
        super().__init__()
        if isinstance(data_or_path, (str, os.PathLike)):
            self._content = _document_file(os.fspath(data_or_path))
            self._document: Any = None
            return
        document = _document_of(data_or_path)
        self._content = Content(_EXTENSION, data=json.dumps(document).encode())
        self._document = document

    @property
    def b_obj(self) -> Any:
        """The document, as an object of Bokeh's own."""
        if self._document is None:
            self._document = _read_document(self._content.path or "")
        return _bokeh("bokeh.document").Document.from_json(self._document)

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Bokeh":
        """Make the plot again of what stands for it."""
        plot = cls.__new__(cls)
        Media.__init__(plot)
        path = fetched("Bokeh", wire, source)
        plot._content, plot._document = file_content("Bokeh", path, extension=_EXTENSION), None
        return plot


def _bokeh(module: str) -> Any:
    return library(module, purpose="wandb.data_types.Bokeh", install="bokeh")


def _document_file(path: str) -> Content:
    content = file_content("Bokeh", path, extension=_EXTENSION)
    if not path.endswith(_EXTENSION):
        raise ValueError(f"Bokeh: the name of a file ends with {_EXTENSION}; {path!r} does not")
    _read_document(path)
    return content


def _read_document(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except ValueError as err:
        raise ValueError(f"Bokeh: {path!r} holds no JSON: {err}") from err
    if not isinstance(document, dict) or "roots" not in document:
        raise ValueError(f"Bokeh: {path!r} holds no document of Bokeh's, which has `roots`")
    return document


def _document_of(plot: Any) -> dict[str, Any]:
    """Return the JSON of a document, or of one around a model that is left as it was."""
    documents = _bokeh("bokeh.document")
    if isinstance(plot, documents.Document):
        return _plain(plot)
    if not isinstance(plot, _bokeh("bokeh.model").Model):
        raise TypeError(
            f"Bokeh takes a plot, a document or the path of a .bokeh.json file, "
            f"not {type(plot).__name__}"
        )
    with _bokeh("bokeh.embed.util").OutputDocumentFor([plot], always_new=True) as document:
        plain = _plain(document)
    # It is the passing document's, with new ids each time; one plot should give one file.
    return {**plain, **_renamed({key: plain[key] for key in ("config",) if key in plain}, {})}


def _plain(document: Any) -> dict[str, Any]:
    """Return the JSON of a document, its arrays and other values as Bokeh writes them."""
    text = _bokeh("bokeh.core.json_encoder").serialize_json(document.to_json())
    plain: dict[str, Any] = json.loads(text)
    # The models of an older Bokeh are in no order.
    roots = plain.get("roots")
    if isinstance(roots, dict) and "references" in roots:
        roots["references"].sort(key=lambda model: model["id"])
    return plain


def _renamed(part: Any, names: dict[str, str]) -> Any:
    """Give the objects in a part of a document ids that count them."""
    if isinstance(part, list):
        return [_renamed(each, names) for each in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _renamed(value, names) for key, value in part.items()}
    if "id" in part:
        inner["id"] = names.setdefault(part["id"], f"config-{len(names)}")
    return inner
