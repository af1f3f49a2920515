"""`Plotly`: charts that can be moved and zoomed."""

from typing import Any, ClassVar

from wandb._base.terminal import termwarn
from wandb.data_types.base import Content, Media, MediaSource, WBValue
from wandb.data_types.figures import figure_of, has_images, is_matplotlib, is_plotly, to_plotly
from wandb.data_types.inputs import fetched, file_content
from wandb.data_types.plain import json_file
from wandb.errors import Error

_EXTENSION = ".plotly.json"


class Plotly(Media):
    """A chart of plotly's.

    Args:
        val: A figure of plotly's, or one of matplotlib's that plotly can convert.

    Raises:
        Error: plotly is needed to convert a figure, and is not installed.
        TypeError: The figure holds something that has no form in JSON.
        ValueError: It is no figure, or one of matplotlib's that shows pixels.

    Examples:
        >>> run.log({"chart": wandb.Plotly(plotly.express.scatter(x=[1, 2], y=[3, 4]))})
    """

    _log_type: ClassVar[str | None] = "plotly-file"
    kind = "plotly"

    def __init__(self, val: Any) -> None:
        super().__init__()
        self._content = _figure_file(val if is_plotly(val) else _converted(val))

    @classmethod
    def make_plot_media(cls, val: Any) -> WBValue:
        """Make of a bare figure what can show it: a chart, or an image where plotly can't.

        Args:
            val: A figure of plotly's or matplotlib's, or a part of one.
        """
        if is_plotly(val) or not is_matplotlib(val):
            return cls(val)
        figure = figure_of(val)
        if has_images(figure):
            return _picture(figure)
        try:
            return cls(to_plotly(figure))
        except Exception as err:  # noqa: BLE001  # another library's converter, with any reason
            reason = err if isinstance(err, Error) else f"plotly can't convert it ({err})"
            termwarn(f"A figure of matplotlib's is kept as an image: {reason}", repeat=False)
            return _picture(figure)

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Plotly":
        """Make the chart again of what stands for it."""
        chart = cls.__new__(cls)
        Media.__init__(chart)
        path = fetched("Plotly", wire, source)
        chart._content = file_content("Plotly", path, extension=_EXTENSION)
        return chart


def _converted(val: Any) -> Any:
    if not is_matplotlib(val):
        raise ValueError(
            f"wandb.Plotly takes a figure of plotly's or matplotlib's, not {type(val).__name__}"
        )
    figure = figure_of(val)
    if has_images(figure):
        raise ValueError(
            "wandb.Plotly: plotly can't draw the pixels in this figure of matplotlib's; "
            "log wandb.Image(figure)"
        )
    return to_plotly(figure)


def _picture(figure: Any) -> WBValue:
    from importlib import import_module

    # Loaded here, so that charts need nothing of pictures.
    image: WBValue = import_module("wandb.data_types.image").Image(figure)
    return image


def _figure_file(figure: Any) -> Content:
    try:
        return json_file(_EXTENSION, figure.to_plotly_json())
    except TypeError as err:
        raise TypeError(f"wandb.Plotly: the figure holds what has no form in JSON: {err}") from err
