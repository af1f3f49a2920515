"""`wandb.Image` by itself: what it takes, what stands for it, what it refuses."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as PILImage

import wandb
from wandb.data_types import BoundingBoxes2D, Classes, ImageMask
from wandb.data_types.registry import value_of

NOISE = np.random.default_rng(5)
PIXELS = NOISE.integers(0, 256, (4, 6, 3), dtype=np.uint8)
BOX = {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1}


class Folder:
    """A sink that is a folder, and the source that reads it."""

    in_artifact = False

    def __init__(self, path):
        self.path = path
        self.labels = {}

    def keep(self, content, *, kind, name):
        path = f"media/{kind}/{name}_{content.sha256[:20]}{content.extension}"
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        content.write_to(self.path / path)
        return {"sha256": content.sha256, "size": content.size, "path": path}

    def label(self, kind, name, labels):
        self.labels[kind, name] = dict(labels)

    def fetch(self, path):
        return str(self.path / path)

    def pixels(self, wire):
        with PILImage.open(self.path / wire["path"]) as picture:
            return np.asarray(picture)


class Draft(Folder):
    """A sink that is an artifact's draft."""

    in_artifact = True

    def __init__(self, path):
        super().__init__(path)
        self.references = {}

    def keep(self, content, *, kind, name):
        found = super().keep(content, kind=kind, name=name)
        return {key: value for key, value in found.items() if key != "size"}

    def add(self, value, name):
        path = f"{name}.{value._log_type}.json"
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(json.dumps(value.to_wire(self, name=name)))
        return SimpleNamespace(path=path, digest="digest")

    def add_reference(self, url, name):
        self.references[name] = url


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "run")


@pytest.fixture
def draft(tmp_path):
    return Draft(tmp_path / "artifact")


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "picture.png"
    PILImage.fromarray(PIXELS).save(path)
    return path


def test_an_array_is_kept_as_png(folder):
    wire = wandb.Image(PIXELS, caption="noise", grouping=3).to_wire(folder, name="k_0")

    assert wire.pop("sha256").startswith(Path(wire["path"]).stem.removeprefix("k_0_"))
    assert wire.pop("size") == (folder.path / wire["path"]).stat().st_size
    assert np.array_equal(folder.pixels(wire), PIXELS)
    assert wire.pop("path").startswith("media/images/k_0_")
    assert wire == {
        "_type": "image-file",
        "caption": "noise",
        "format": "png",
        "grouping": 3,
        "height": 4,
        "width": 6,
    }


@pytest.mark.parametrize("file_type", ["jpg", "jpeg", "bmp"])
def test_other_types_of_files_are_made_when_asked_for(folder, file_type):
    image = wandb.Image(PIXELS, file_type=file_type)

    wire = image.to_wire(folder, name="k_0")

    with PILImage.open(folder.path / wire["path"]) as picture:
        assert picture.format == ("BMP" if file_type == "bmp" else "JPEG")
        assert image.image.tobytes() == picture.tobytes()
    assert wire["format"] == file_type
    assert wire["path"].endswith(f".{file_type}")


def test_an_unknown_type_of_file_is_named():
    with pytest.raises(ValueError, match=r"png, jpg, jpeg, bmp.*'tiff'"):
        wandb.Image(PIXELS, file_type="tiff")


def test_a_mode_that_the_file_cannot_hold_is_told_at_once():
    with pytest.raises(OSError, match="cannot write mode"):
        wandb.Image(PIXELS, mode="HSV")
    with pytest.raises(OSError, match="cannot write mode"):
        wandb.Image(PILImage.new("RGBA", (2, 2)), file_type="jpg")


@pytest.mark.parametrize(
    ("mode", "pixel"),
    [
        ("1", 255),
        ("L", 9),
        ("LA", (9, 8)),
        ("P", 1),
        ("RGB", (9, 8, 7)),
        ("RGBA", (9, 8, 7, 6)),
        ("I;16", 900),
    ],
)
def test_a_picture_is_kept_in_its_mode(folder, mode, pixel):
    picture = PILImage.new(mode, (5, 3))
    picture.putpixel((1, 1), pixel)

    wire = wandb.Image(picture).to_wire(folder, name="k_0")

    with PILImage.open(folder.path / wire["path"]) as kept:
        assert list(kept.getdata()) == list(picture.getdata())


def test_a_file_is_kept_as_it_is(folder, png):
    wire = wandb.Image(png).to_wire(folder, name="k_0")

    assert (folder.path / wire["path"]).read_bytes() == png.read_bytes()
    assert (wire["format"], wire["width"], wire["height"]) == ("png", 6, 4)
    assert wandb.Image(str(png)) == wandb.Image(png) == wandb.Image(PIXELS)


def test_a_file_that_is_missing_or_no_image_is_told_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        wandb.Image("missing.png")
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(OSError, match=r"text\.png"):
        wandb.Image(tmp_path / "text.png")


def test_a_figure_is_drawn(folder):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    (line,) = axes.plot([1, 2])
    expected = io.BytesIO()
    figure.savefig(expected, format="png")

    for drawn in (figure, axes, line, pyplot):
        wire = wandb.Image(drawn).to_wire(folder, name="k_0")
        assert np.array_equal(folder.pixels(wire), np.asarray(PILImage.open(expected)))
    pyplot.close(figure)
    with pytest.raises(ValueError, match="belongs to no figure"):
        wandb.Image(json)


def test_another_image_gives_its_pixels_and_words_but_not_what_lies_over_it():
    first = wandb.Image(PIXELS, caption="one", grouping=2, boxes={"b": {"box_data": [BOX]}})

    copy, renamed = wandb.Image(first), wandb.Image(first, caption="two")

    assert (copy._caption, copy._grouping, copy._boxes) == ("one", 2, None)
    assert copy == first
    assert renamed._caption == "two"
    assert renamed != first


def test_images_are_equal_by_what_they_show():
    assert wandb.Image(PIXELS) == wandb.Image(PILImage.fromarray(PIXELS))
    assert wandb.Image(PIXELS) != wandb.Image(PIXELS[::-1])
    assert wandb.Image(PIXELS) != wandb.Image(PIXELS, caption="other")
    assert wandb.Image(PIXELS) != wandb.Image(PIXELS, classes=[{"id": 1, "name": "a"}])
    assert wandb.Image(PIXELS) != PIXELS.tolist()
    assert wandb.Image(PIXELS).to_data_array() == [
        [tuple(at) for at in row] for row in PIXELS.tolist()
    ]


@pytest.mark.parametrize(
    ("url", "form"),
    [("gs://b/a/x.png", "png"), ("s3://b/x.jpg", "jpg"), ("https://h/x.gif?size=1", "gif")],
)
def test_an_address_can_be_put_into_artifacts_only(folder, draft, url, form):
    image = wandb.Image(url, caption="far")

    wire = image.to_wire(draft, name="k")

    assert draft.references == {wire["path"]: url}
    assert (wire["_type"], wire["format"], wire["caption"]) == ("image-file", form, "far")
    assert image.image is None
    assert image.to_data_array() == []
    assert image == wandb.Image(url) != wandb.Image("s3://other")
    with pytest.raises(ValueError, match="artifacts only"):
        image.to_wire(folder, name="k_0")


# --- boxes, masks and classes ---------------------------------------------------------------------


def test_boxes_and_masks_are_files_and_their_classes_go_apart(folder):
    mask = NOISE.integers(0, 3, (4, 6))
    image = wandb.Image(
        PIXELS,
        boxes={"truth": {"box_data": [BOX], "class_labels": {1: "cat"}}},
        masks={"guess": {"mask_data": mask}},
    )

    wire = image.to_wire(folder, name="k_0")

    assert wire["boxes"]["truth"]["_type"] == "boxes2D"
    assert wire["boxes"]["truth"]["path"].startswith("media/metadata/boxes2D/k_0_")
    assert wire["boxes"]["truth"]["path"].endswith(".boxes2D.json")
    kept = json.loads((folder.path / wire["boxes"]["truth"]["path"]).read_text())
    assert kept == {"box_data": [BOX], "class_labels": {"1": "cat"}}
    assert wire["masks"]["guess"]["_type"] == "mask"
    assert wire["masks"]["guess"]["path"].startswith("media/images/mask/k_0_")
    assert wire["masks"]["guess"]["path"].endswith(".mask.png")
    assert np.array_equal(folder.pixels(wire["masks"]["guess"]), mask)
    assert folder.labels == {
        ("bounding_box/class_labels", "truth"): {1: "cat"},
        ("mask/class_labels", "guess"): {0: "class_0", 1: "class_1", 2: "class_2"},
    }
    assert "classes" not in wire


def test_an_artifact_has_boxes_in_the_json_and_classes_in_a_file(draft):
    image = wandb.Image(
        PIXELS,
        boxes={"truth": {"box_data": [BOX]}},
        masks={"guess": {"mask_data": np.zeros((4, 6))}},
        classes=[{"id": 1, "name": "cat"}],
    )

    wire = image.to_wire(draft, name="k")

    assert wire["boxes"] == {"truth": [BOX]}
    assert set(wire["masks"]["guess"]) == {"_type", "path", "sha256"}
    assert set(wire["classes"]) == {"type", "path", "digest"}
    again = value_of(wire, draft)
    assert again == image
    assert again._boxes["truth"]._val == [BOX]
    assert again._masks["guess"]._key == "guess"
    assert again._classes == Classes([{"id": 1, "name": "cat"}, {"id": 0, "name": "class_0"}])


def test_a_run_is_read_back(folder):
    image = wandb.Image(
        PIXELS, caption="c", boxes={"truth": {"box_data": [BOX], "class_labels": {1: "cat"}}}
    )

    again = value_of(image.to_wire(folder, name="k_0"), folder)

    assert again == image
    assert again._boxes["truth"]._class_labels == {1: "cat"}


def test_an_artifact_wants_the_classes_of_masks_from_files(draft, png):
    with pytest.raises(ValueError, match="classes"):
        wandb.Image(PIXELS, masks={"m": {"path": str(png)}}).to_wire(draft, name="k")


def test_what_happens_to_boxes_and_masks_later_changes_nothing(folder):
    boxes, mask = {"box_data": [dict(BOX)]}, np.zeros((4, 6), np.uint8)
    image = wandb.Image(PIXELS, boxes={"b": boxes}, masks={"m": {"mask_data": mask}})
    boxes["box_data"][0]["class_id"] = 9
    mask[:] = 5

    wire = image.to_wire(folder, name="k_0")

    kept = json.loads((folder.path / wire["boxes"]["b"]["path"]).read_text())
    assert kept["box_data"] == [BOX]
    assert not folder.pixels(wire["masks"]["m"]).any()


POSITION = {"middle": [1, 2], "width": 3, "height": 4}


@pytest.mark.parametrize(
    ("box", "error", "told"),
    [
        ({}, TypeError, "position"),
        ({"position": {"minX": 1}}, TypeError, "position"),
        ({"position": {**POSITION, "width": "3"}}, TypeError, "position"),
        ({"position": {**POSITION, "middle": [1]}}, TypeError, "position"),
        ({"position": POSITION, "scores": [1]}, TypeError, "scores"),
        ({"position": POSITION, "scores": {1: 1}}, TypeError, "scores"),
        ({"position": POSITION, "scores": {"a": "high"}}, TypeError, "'a'"),
        ({"position": POSITION, "class_id": "cat"}, TypeError, "class_id"),
        ({"position": POSITION, "box_caption": 5}, TypeError, "box_caption"),
        ({"position": POSITION, "domain": "pixels"}, ValueError, "domain"),
    ],
)
def test_a_wrong_box_is_named(box, error, told):
    with pytest.raises(error, match=told):
        BoundingBoxes2D({"box_data": [box], "class_labels": {}}, "b")


@pytest.mark.parametrize("labels", [["cat"], {1: 5}, {"1": "cat"}, "cat", None])
def test_wrong_labels_are_named(labels):
    with pytest.raises(TypeError, match="class_labels"):
        BoundingBoxes2D({"box_data": [], "class_labels": labels}, "b")
    with pytest.raises(TypeError, match="class_labels"):
        ImageMask({"mask_data": np.zeros((2, 2)), "class_labels": labels}, "m")


@pytest.mark.parametrize(
    "mask",
    [
        np.zeros(5),
        np.zeros((2, 2, 1)),
        np.full((2, 2), 256),
        np.full((2, 2), -1),
        np.full((2, 2), np.nan),
        np.array([["a"]]),
    ],
)
def test_a_wrong_mask_is_named(mask):
    with pytest.raises(TypeError, match="mask_data"):
        ImageMask({"mask_data": mask}, "m")


def test_a_mask_without_data_or_with_a_missing_file_is_named():
    with pytest.raises(TypeError, match="mask_data"):
        ImageMask({}, "m")
    with pytest.raises(FileNotFoundError):
        ImageMask({"path": "missing.png"}, "m")


@pytest.mark.parametrize("classes", [[{"id": 1}], [{"name": "a"}], ["cat"]])
def test_wrong_classes_are_named(classes):
    with pytest.raises(ValueError, match="`id` and `name`"):
        wandb.Image(PIXELS, classes=classes)


def test_overlays_of_a_wrong_form_are_named():
    with pytest.raises(ValueError, match="`boxes`"):
        wandb.Image(PIXELS, boxes=[BOX])
    with pytest.raises(TypeError, match="'m'"):
        wandb.Image(PIXELS, masks={"m": np.zeros((4, 6))})


# --- lists ----------------------------------------------------------------------------------------


def test_a_list_is_one_value(folder):
    images = [wandb.Image(PIXELS, caption="a"), wandb.Image(PIXELS[::-1])]

    wire = wandb.Image.list_to_wire(images, folder, name="k_0")

    assert np.array_equal(folder.pixels({"path": wire["filenames"][1]}), PIXELS[::-1])
    assert len(wire.pop("filenames")) == 2
    assert wire == {
        "_type": "images/separated",
        "captions": ["a", None],
        "count": 2,
        "format": "png",
        "height": 4,
        "width": 6,
    }


def test_a_list_has_the_boxes_and_masks_of_each(folder):
    boxed = wandb.Image(PIXELS, boxes={"b": {"box_data": [BOX]}})

    wire = wandb.Image.list_to_wire([wandb.Image(PIXELS), boxed], folder, name="k_0")

    assert wire["all_boxes"][0] is None
    assert wire["all_boxes"][1]["b"]["_type"] == "boxes2D"
    assert "all_masks" not in wire
    assert "captions" not in wire


def test_images_of_different_sizes_in_a_list_are_told(folder, capsys):
    images = [wandb.Image(PIXELS), wandb.Image(PIXELS[:2])]

    wire = wandb.Image.list_to_wire(images, folder, name="k_0")

    assert (wire["width"], wire["height"]) == (6, 4)
    assert "differ in size" in capsys.readouterr().err
