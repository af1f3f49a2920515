"""`Object3D` and `box3d`: arrays, scenes, files and streams."""

import io
import json

import numpy as np
import pytest

from wandb.data_types import Object3D, box3d


def scene_of(kept, value, **options):
    return json.loads(kept(Object3D(value, **options))[1])


@pytest.mark.parametrize("columns", [3, 4, 6])
def test_arrays_of_points(kept, columns):
    points = np.arange(2 * columns).reshape(2, columns)

    wire, data = kept(Object3D(points))

    assert json.loads(data) == points.tolist()
    assert wire["_type"] == "object3D-file"
    assert wire["path"].startswith("media/object3D/key_0_")
    assert wire["path"].endswith(".pts.json")


def test_a_scene_has_all_its_parts(kept):
    box = box3d(center=[0, 0, 0], size=[2, 2, 2], orientation=[1, 0, 0, 0], color=(255, 0, 0))
    scene = {
        "type": "lidar/beta",
        "points": np.array([[1, 2, 3]]),
        "boxes": np.array([{**box, "score": np.float32(0.5), "label": "car"}]),
    }

    shown = scene_of(kept, scene)

    assert shown["points"] == [[1, 2, 3]]
    assert shown["vectors"] == []
    (found,) = shown["boxes"]
    assert found["corners"][0] == [-1, -1, -1]
    assert (found["label"], found["score"], found["color"]) == ("car", 0.5, [255, 0, 0])


def test_lists_do_for_arrays_in_a_scene(kept):
    assert scene_of(kept, {"type": "lidar/beta", "points": [(1, 2, 3)]})["points"] == [[1, 2, 3]]


def test_ways_to_make_one(kept, tmp_path):
    path = tmp_path / "a.obj"
    path.write_text("v 0 0 0")
    cloud = Object3D.from_point_cloud([[0, 0, 0]], [], [{"start": [0, 0, 0], "end": [1, 1, 1]}])

    assert kept(Object3D.from_file(str(path)))[0]["path"].endswith(".obj")
    assert kept(Object3D.from_file(io.StringIO("v"), "obj"))[1] == b"v"
    assert json.loads(kept(Object3D.from_numpy(np.zeros((1, 3))))[1]) == [[0.0, 0.0, 0.0]]
    assert json.loads(kept(cloud)[1])["vectors"] == [{"start": [0, 0, 0], "end": [1, 1, 1]}]


@pytest.mark.parametrize("kind", sorted(Object3D.SUPPORTED_TYPES))
def test_every_type_of_file_is_kept_as_it_is(kept, tmp_path, kind):
    path = tmp_path / f"thing.{kind}"
    path.write_bytes(b"\x00solid")

    wire, data = kept(Object3D(path, caption="c"))

    assert data == b"\x00solid"
    assert wire["path"].endswith(f".{kind}")
    assert wire["caption"] == "c"
    assert kept(Object3D(io.BytesIO(b"\x00"), file_type=kind))[1] == b"\x00"


def test_a_list_is_one_value(run_sink):
    things = [Object3D(np.zeros((1, 3))), Object3D(np.ones((1, 3)))]

    wire = Object3D.list_to_wire(things, run_sink, name="a/b_0")

    assert (wire["_type"], wire["count"]) == ("object3D", 2)
    assert [f"media/object3D/{name}" for name in wire["filenames"]] == list(run_sink.files)
    assert [thing["path"] for thing in wire["objects"]] == list(run_sink.files)


def test_read_back(again):
    thing = Object3D(np.zeros((1, 3)), caption="c")

    assert again(thing) == thing
    assert again(thing)._caption == "c"


@pytest.mark.parametrize(
    ("value", "options", "words"),
    [
        (np.zeros((2, 5)), {}, r"\(2, 5\)"),
        (np.zeros(3), {}, r"\(3,\)"),
        ({"type": "radar"}, {}, "'radar'"),
        ({"points": []}, {}, "None"),
        (io.StringIO("v"), {}, "file_type"),
        (io.StringIO("v"), {"file_type": "ply"}, "'ply'"),
        ("thing.ply", {}, "thing.ply"),
        ("thingobj", {}, "thingobj"),
        ([[1, 2, 3]], {}, "list"),
        (None, {}, "NoneType"),
    ],
)
def test_bad_input_is_named(value, options, words):
    with pytest.raises(ValueError, match=words):
        Object3D(value, **options)


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"missing\.obj"):
        Object3D("missing.obj")


# --- boxes --------------------------------------------------------------------------------


def corners(**options):
    made = box3d(
        **{
            "center": (0, 0, 0),
            "size": (2, 4, 6),
            "orientation": (1, 0, 0, 0),
            "color": (1, 1, 1),
            **options,
        }
    )
    return np.array(made["corners"])


def test_corners_of_a_box_that_is_not_turned():
    assert corners(center=(1, 1, 1))[0].tolist() == [0, -1, -2]
    assert corners(center=(1, 1, 1))[7].tolist() == [2, 3, 4]


@pytest.mark.parametrize("length", [1e-200, 1, 1e200])
def test_a_quarter_turn_about_z_whatever_the_length(length):
    turned = corners(orientation=np.array([1, 0, 0, 1]) * length)

    # The box's own x is the y of space, its own y goes down the x of space.
    assert np.allclose(turned[7], [-2, 1, 3])


def test_a_turn_back_is_not_the_turn():
    turned = corners(orientation=(1, 0, 0, -1))

    assert np.allclose(turned[7], [2, -1, 3])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"orientation": (0, 0, 0, 0)}, "zero quaternion"),
        ({"orientation": (1, 0, 0)}, "orientation is 4 numbers"),
        ({"center": (1, 0)}, "center is 3 numbers"),
        ({"size": 2}, "size is 3 numbers"),
    ],
)
def test_bad_boxes_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        corners(**options)
