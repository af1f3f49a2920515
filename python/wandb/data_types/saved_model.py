"""Trained models as values of artifacts: one adapter for each library that makes them."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Generic, TypeVar, cast

from wandb._base.jsonable import type_name
from wandb.data_types.base import Content, MediaSink, MediaSource, WBValue
from wandb.data_types.inputs import fetched, file_content, library

Model = TypeVar("Model")

_PURPOSE = "Keeping a model as a value"


class _SavedModel(WBValue, Generic[Model]):
    """A trained model, kept as its library keeps it.

    This class is what the adapters have in common: `_SavedModel.init` finds the right one.

    Args:
        obj_or_path: The model, or the file of one.
        **kwargs: There are none.

    Raises:
        TypeError: The class is this one, or the object is no model of the adapter's library.
    """

    _path_extension: ClassVar[str]
    _made_of: ClassVar[str]
    """The class of its models, by top package and name."""

    _content: Content
    _model: Model | None

    def __init__(self, obj_or_path: Model | str | os.PathLike[str], **kwargs: Any) -> None:
        if type(self) is _SavedModel:
            raise TypeError("call _SavedModel.init(model), which finds the library's adapter")
        if kwargs:
            raise TypeError(f"unknown arguments: {', '.join(kwargs)}")
        self._model = None
        if _is_path(obj_or_path):
            self._content = file_content(type(self).__name__, cast(str, obj_or_path))
            return
        if not self._is_model(obj_or_path):
            raise TypeError(f"{type(obj_or_path).__name__} is no {self._made_of}")
        self._content = self._serialized(cast(Model, obj_or_path))

    @staticmethod
    def init(obj_or_path: Any, **kwargs: Any) -> "_SavedModel[Any]":
        """Make a value of a model, or of the file of one.

        Raises:
            ValueError: No library that is known has such models.
            OSError: There is no such file.
        """
        adapter = next((kind for kind in _ADAPTERS if kind._takes(obj_or_path)), None)
        if adapter is None:
            known = ", ".join(kind._made_of for kind in _ADAPTERS)
            raise ValueError(
                f"{type(obj_or_path).__name__} is no model of a known library, nor its file; "
                f"known are {known}"
            )
        return adapter(obj_or_path, **kwargs)

    def model_obj(self) -> Model:
        """Return the model; one from a file is loaded now, which runs code that it holds.

        Raises:
            Error: Its library is not installed.
        """
        if self._model is None:
            with TemporaryDirectory(prefix="wandb-model-") as folder:
                path = self._content.path
                if path is None:
                    path = os.path.join(folder, f"model{self._content.extension}")
                    self._content.write_to(path)
                self._model = self._deserialize(path)
        return self._model

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the model's file in an artifact, and return what stands for it in JSON.

        Raises:
            TypeError: The sink is a run's.
        """
        if not sink.in_artifact:
            raise TypeError("a model goes into an artifact, not into a run's row: artifact.add")
        found = sink.keep(self._content, kind="saved_models", name=name)
        return {"_type": self._log_type, "type": self._log_type, "path": found["path"]}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "_SavedModel[Any]":
        """Make the value again of what stands for it; the model is loaded when asked for."""
        return cls(fetched(cls.__name__, wire, source))

    @classmethod
    def _takes(cls, obj_or_path: Any) -> bool:
        if _is_path(obj_or_path):
            extension = os.path.splitext(os.fspath(obj_or_path))[1]
            return bool(extension == f".{cls._path_extension}")
        return cls._is_model(obj_or_path)

    @classmethod
    def _is_model(cls, thing: Any) -> bool:
        return cls._made_of in map(type_name, type(thing).__mro__)

    def _serialized(self, model: Model) -> Content:
        extension = f".{self._path_extension}"
        with TemporaryDirectory(prefix="wandb-model-") as folder:
            path = Path(folder, f"model{extension}")
            self._serialize(model, str(path))
            return Content(extension, data=path.read_bytes())

    @staticmethod
    def _deserialize(path: str) -> Any:
        raise NotImplementedError

    @staticmethod
    def _serialize(model: Any, path: str) -> None:
        raise NotImplementedError


class _PytorchSavedModel(_SavedModel[Any]):
    """A model of PyTorch's."""

    _log_type = "pytorch-model-file"
    _path_extension = "pt"
    _made_of = "torch.Module"

    @staticmethod
    def _deserialize(path: str) -> Any:
        torch = library("torch", purpose=_PURPOSE, install="torch")
        return torch.load(path, weights_only=False)

    @staticmethod
    def _serialize(model: Any, path: str) -> None:
        torch = library("torch", purpose=_PURPOSE, install="torch")
        torch.save(model, path, pickle_module=_cloudpickle())


class _SklearnSavedModel(_SavedModel[Any]):
    """An estimator of scikit-learn's."""

    _log_type = "sklearn-model-file"
    _path_extension = "pkl"
    _made_of = "sklearn.BaseEstimator"

    @staticmethod
    def _deserialize(path: str) -> Any:
        with open(path, "rb") as file:
            return _cloudpickle().load(file)

    @staticmethod
    def _serialize(model: Any, path: str) -> None:
        with open(path, "wb") as file:
            _cloudpickle().dump(model, file)


class _TensorflowKerasSavedModel(_SavedModel[Any]):
    """A model of Keras's."""

    _log_type = "tfkeras-model-file"
    _path_extension = "keras"
    _made_of = "keras.Model"

    @staticmethod
    def _deserialize(path: str) -> Any:
        return library("keras", purpose=_PURPOSE, install="keras").models.load_model(path)

    @staticmethod
    def _serialize(model: Any, path: str) -> None:
        model.save(path)


_ADAPTERS: tuple[type[_SavedModel[Any]], ...] = (
    _PytorchSavedModel,
    _SklearnSavedModel,
    _TensorflowKerasSavedModel,
)


def _cloudpickle() -> Any:
    return library("cloudpickle", purpose=_PURPOSE, install="cloudpickle")


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))
