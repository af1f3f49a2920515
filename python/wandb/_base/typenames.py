"""What kind of thing a value is, told by the name of its class: nothing is imported to find out."""

from __future__ import annotations

from typing import Any

from wandb._base.jsonable import type_name

__all__ = (
    "get_full_typename",
    "is_fastai_tensor_typename",
    "is_jax_tensor_typename",
    "is_matplotlib_typename",
    "is_numpy_array",
    "is_pandas_data_frame",
    "is_pandas_data_frame_typename",
    "is_plotly_figure_typename",
    "is_plotly_typename",
    "is_pytorch_tensor",
    "is_pytorch_tensor_typename",
    "is_tf_eager_tensor_typename",
    "is_tf_tensor",
    "is_tf_tensor_typename",
)


def get_full_typename(o: Any) -> str:
    """Name a value's class with its module: `torch.Tensor`; classes of the language too."""
    return f"{type(o).__module__}.{type(o).__name__}"


def is_matplotlib_typename(typename: str) -> bool:
    """Whether a full type name is matplotlib's."""
    return typename.startswith("matplotlib.")


def is_plotly_typename(typename: str) -> bool:
    """Whether a full type name is plotly's."""
    return typename.startswith("plotly.")


def is_plotly_figure_typename(typename: str) -> bool:
    """Whether a full type name is that of a plotly figure."""
    return is_plotly_typename(typename) and typename.endswith(".Figure")


def is_pytorch_tensor_typename(typename: str) -> bool:
    """Whether a full type name is that of a torch tensor."""
    return typename.startswith("torch.") and "Tensor" in typename


def is_tf_tensor_typename(typename: str) -> bool:
    """Whether a full type name is that of a TensorFlow tensor or variable."""
    return typename.startswith("tensorflow.") and ("Tensor" in typename or "Variable" in typename)


def is_tf_eager_tensor_typename(typename: str) -> bool:
    """Whether a full type name is that of a TensorFlow tensor that has its value."""
    return typename.startswith("tensorflow.") and "EagerTensor" in typename


def is_jax_tensor_typename(typename: str) -> bool:
    """Whether a full type name is that of a JAX array."""
    return typename.startswith("jaxlib.") and "Array" in typename


def is_fastai_tensor_typename(typename: str) -> bool:
    """Whether a full type name is that of a fastai tensor."""
    return typename.startswith("fastai.") and "Tensor" in typename


def is_pandas_data_frame_typename(typename: str) -> bool:
    """Whether a full type name is that of a pandas data frame."""
    return typename.startswith("pandas.") and "DataFrame" in typename


def _has_ancestor(obj: Any, *names: str) -> bool:
    return any(type_name(kind) in names for kind in type(obj).__mro__)


def is_numpy_array(obj: Any) -> bool:
    """Whether a value is a numpy array."""
    return _has_ancestor(obj, "numpy.ndarray")


def is_pandas_data_frame(obj: Any) -> bool:
    """Whether a value is a pandas data frame, or one that takes its place."""
    return is_pandas_data_frame_typename(get_full_typename(obj)) or _has_ancestor(
        obj, "pandas.DataFrame"
    )


def is_pytorch_tensor(obj: Any) -> bool:
    """Whether a value is a torch tensor."""
    return _has_ancestor(obj, "torch.Tensor")


def is_tf_tensor(obj: Any) -> bool:
    """Whether a value is a TensorFlow tensor."""
    return _has_ancestor(obj, "tensorflow.Tensor", "tensorflow.EagerTensor")
