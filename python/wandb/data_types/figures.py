"""Figures of matplotlib, as other media take them: found, looked into, converted."""

from typing import Any

from wandb.data_types.inputs import library

__all__ = ("figure_of", "has_images", "is_matplotlib", "to_plotly")


def is_matplotlib(value: Any) -> bool:
    """Tell whether a value is matplotlib's: a figure, what is in one, or `pyplot` itself."""
    return _full_name(value).startswith("matplotlib.")


def is_plotly(value: Any) -> bool:
    """Tell whether a value is a figure of plotly's."""
    return any(
        kind.__module__.startswith("plotly.") and kind.__name__ == "BaseFigure"
        for kind in type(value).__mro__
    )


def figure_of(value: Any) -> Any:
    """Return the figure that a thing of matplotlib's is, or belongs to.

    Args:
        value: A figure, axes or another artist, or `matplotlib.pyplot`, whose current figure
            is meant.

    Raises:
        ValueError: It belongs to no figure.
    """
    pyplot = "matplotlib.pyplot"
    if _full_name(value) == pyplot:
        return value.gcf()
    figure = library("matplotlib.figure", purpose="A figure of matplotlib's", install="matplotlib")
    found = value
    while not isinstance(found, figure.Figure):
        above = getattr(found, "figure", None)
        if above is None or above is found or callable(above):
            raise ValueError(
                f"{type(value).__name__} belongs to no figure; log the figure, or matplotlib.pyplot"
            )
        found = above
    return found


def has_images(figure: Any) -> bool:
    """Tell whether axes of a figure show pixels, which plotly can't draw."""
    return any(axes.images for axes in figure.axes)


def to_plotly(figure: Any) -> Any:
    """Convert a figure of matplotlib's to one of plotly's.

    Raises:
        Error: plotly is not installed.
        Exception: plotly's converter does not know something in the figure.
    """
    tools = library(
        "plotly.tools",
        purpose="A figure of matplotlib's that can be moved and zoomed",
        install="plotly, or log wandb.Image(figure)",
    )
    spines = library("matplotlib.spines", purpose="A figure of matplotlib's", install="matplotlib")
    # plotly's converter asks for what matplotlib no longer has.
    if not hasattr(spines.Spine, "is_frame_like"):
        spines.Spine.is_frame_like = _is_frame_like
    return tools.mpl_to_plotly(figure)


def _is_frame_like(spine: Any) -> bool:
    """Tell whether a spine is an edge of its axes' frame."""
    place = ("outward", 0.0) if spine._position is None else spine.get_position()
    # Other places are named `center` and `zero`, or lie elsewhere.
    return not isinstance(place, str) and tuple(place) == ("outward", 0.0)


def _full_name(value: Any) -> str:
    kind = type(value)
    if kind.__module__ == "builtins" and kind.__name__ == "module":
        return str(value.__name__)
    return f"{kind.__module__}.{kind.__name__}"
