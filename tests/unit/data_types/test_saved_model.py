"""`_SavedModel`: models of other libraries in artifacts."""

import pickle

import pytest

from wandb.data_types import _SavedModel

linear = pytest.importorskip("sklearn.linear_model")
pytest.importorskip("cloudpickle")


@pytest.fixture
def model():
    return linear.LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])


def predicted(value):
    return value.model_obj().predict([[2.0]]).round(6).tolist()


def test_a_model_is_kept_in_an_artifact(model, artifact_sink, again):
    value = _SavedModel.init(model)

    wire = value.to_wire(artifact_sink, name="m")

    assert wire["_type"] == wire["type"] == "sklearn-model-file"
    assert wire["path"].endswith(".pkl")
    assert predicted(value) == predicted(again(value)) == [5.0]


def test_the_file_of_a_model(model, tmp_path, again):
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(model))

    assert predicted(_SavedModel.init(path)) == predicted(again(_SavedModel.init(str(path))))


def test_a_run_takes_no_models(model, run_sink):
    with pytest.raises(TypeError, match="artifact"):
        _SavedModel.init(model).to_wire(run_sink, name="m")


@pytest.mark.parametrize("wrong", [7, "model.xyz"])
def test_other_things_are_named(wrong):
    with pytest.raises(ValueError, match=type(wrong).__name__):
        _SavedModel.init(wrong)


def test_the_common_class_is_not_made():
    with pytest.raises(TypeError, match="init"):
        _SavedModel(7)


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"gone\.pkl"):
        _SavedModel.init("gone.pkl")
