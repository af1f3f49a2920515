"""Images, with boxes and masks, under the released client and ours: the same JSON and pixels."""

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from oracle.compare import declared, same
from oracle.harness import our_client, released_client, run_script

MEDIA = "0.21.3-media"

BOXES = "{'box_data': [box, pixel_box], 'class_labels': {1: 'cat', 2: 'dog'}}"
# Each line makes a value; pictures are compared decoded, other files byte by byte.
VALUES = {
    "bytes": "wandb.Image(noise)",
    "grey": "wandb.Image(noise[..., 0])",
    "one channel": "wandb.Image(noise[..., :1])",
    "alpha": "wandb.Image(np.dstack([noise, noise[..., 0]]))",
    "one row": "wandb.Image(noise[:1])",
    "batch of one": "wandb.Image(noise[None])",
    "not in a row": "wandb.Image(noise[::2, ::-1])",
    "wide numbers": "wandb.Image(noise.astype(np.int64))",
    "zeros and ones": "wandb.Image((noise > 99).astype(np.uint8))",
    "booleans": "wandb.Image(noise > 99)",
    "fractions": "wandb.Image(noise / 255)",
    "small fractions": "wandb.Image((noise / 255).astype(np.float32))",
    "half fractions": "wandb.Image((noise / 255).astype(np.float16))",
    "signed fractions": "wandb.Image(noise / 127.5 - 1)",
    "beyond": "wandb.Image(noise.astype(float) * 3 - 200)",
    "infinite": "wandb.Image(np.where(noise > 99, np.inf, 7.5))",
    "constant": "wandb.Image(np.full((5, 7), 0.5))",
    "not normalized": "wandb.Image(noise.astype(float) / 60, normalize=False)",
    "words": "wandb.Image(noise, caption='a\\u00e9', grouping=4)",
    "no group": "wandb.Image(noise, grouping=0)",
    "jpg": "wandb.Image(noise, file_type='jpg')",
    "jpeg": "wandb.Image(noise[..., 0], file_type='jpeg')",
    "bmp": "wandb.Image(noise, file_type='bmp')",
    "mode": "wandb.Image(noise, mode='YCbCr', file_type='jpg')",
    "palette": "wandb.Image(noise[..., 0], mode='P', file_type='bmp')",
    "picture": "wandb.Image(PIL.Image.fromarray(noise))",
    "picture jpg": "wandb.Image(PIL.Image.fromarray(noise), file_type='jpg')",
    "picture grey alpha": "wandb.Image(PIL.Image.fromarray(noise).convert('LA'))",
    "picture black and white": "wandb.Image(PIL.Image.fromarray(noise).convert('1'))",
    "picture palette": "wandb.Image(PIL.Image.fromarray(noise).convert('P'))",
    "picture with a clear colour": "wandb.Image(clear)",
    "picture file": "wandb.Image(PIL.Image.open('noise.jpg'))",
    "file": "wandb.Image('noise.jpg', caption='file')",
    "path": "wandb.Image(pathlib.Path('folder/NOISE.PNG'))",
    "another": "wandb.Image(wandb.Image(noise, caption='first', grouping=2))",
    "figure": "wandb.Image(figure)",
    "axes": "wandb.Image(figure.axes[0])",
    "pyplot": "wandb.Image(plt)",
    "plot with an image": "image_figure",
    "boxes": f"wandb.Image(noise, boxes={{'truth': {BOXES}, 'guess': {{'box_data': [box]}}}})",
    "no boxes": "wandb.Image(noise, boxes={'none': {'box_data': []}})",
    "boxes of numpy": "wandb.Image(noise, boxes={'truth': {'box_data': [numpy_box]}})",
    "boxes of ours": f"wandb.Image(noise, boxes={{'a': BoundingBoxes2D({BOXES}, 'b')}})",
    "masks": (
        "wandb.Image(noise, masks={'truth': {'mask_data': mask, 'class_labels': {0: 'road'}},"
        " 'guess': {'mask_data': mask.astype(float)}})"
    ),
    "masks of ours": "wandb.Image(noise, masks={'a': ImageMask({'mask_data': mask}, 'b')})",
    "mask file": "wandb.Image(noise, masks={'file': {'path': 'mask.png'}})",
    "classes": (
        f"wandb.Image(noise, boxes={{'truth': {BOXES}}}, masks={{'m': {{'mask_data': mask}}}},"
        " classes=wandb.Classes([{'id': 1, 'name': 'other'}, {'id': 9, 'name': 'nine'}]))"
    ),
    "list": "[wandb.Image(noise, caption='a'), wandb.Image(noise[::-1], caption='b')]",
    "tuple": "(wandb.Image(noise), wandb.Image('noise.jpg'))",
    "list of one": "[wandb.Image(noise, grouping=3)]",
    "list with a caption behind": "[wandb.Image(noise), wandb.Image(noise, caption='b')]",
    "list with a caption before": "[wandb.Image(noise, caption='a'), wandb.Image(noise)]",
    "list of sizes": "[wandb.Image(noise), wandb.Image(noise[:3])]",
    "list with boxes": f"[wandb.Image(noise), wandb.Image(noise, boxes={{'truth': {BOXES}}})]",
    "list with masks": "[wandb.Image(noise, masks={'m': {'mask_data': mask}})] * 2",
    "list too long": "[wandb.Image(noise[:2, :2])] * 110",
    "mixed list": "[wandb.Image(noise), wandb.Html('a')]",
    "empty list": "[]",
    "nested": "{'inner': wandb.Image(noise), 'deeper': {'innermost': [wandb.Image(noise)]}}",
    "logged": "again",
    "logged again": "again",
    "logged again in a list": "[again, wandb.Image(again, caption='a copy')]",
    "a/folder/../key": "wandb.Image(noise)",
    "/from the top": "wandb.Image(noise)",
    'a key: with *?"<>| marks': "wandb.Image(noise)",
}

# Lines that both refuse; where ours does so in another way, the declared case.
FORMS = "wrong values for wandb.Image that the original fails on by chance"
BAD = {
    "wandb.Image(np.zeros((4, 6, 2)))": None,
    "wandb.Image(np.zeros((4, 6, 5)))": None,
    "wandb.Image(np.zeros((2, 4, 6, 3)))": None,
    "wandb.Image(np.zeros((0, 4, 3)))": None,
    "wandb.Image(np.zeros(()))": FORMS,
    "wandb.Image([[1, 2]])": FORMS,
    "wandb.Image(None)": FORMS,
    "wandb.Image(7)": FORMS,
    "wandb.Image(b'bytes')": FORMS,
    "wandb.Image(np.array([['a']]))": FORMS,
    "wandb.Image(noise, file_type='tiff')": None,
    "wandb.Image(noise, mode='L')": None,
    "wandb.Image(noise, mode='RGBA')": None,
    "wandb.Image(noise, mode='CMYK')": None,
    "wandb.Image(noise, mode='HSV')": None,
    "wandb.Image(PIL.Image.new('RGBA', (2, 2)), file_type='jpg')": None,
    "wandb.Image('missing.png')": None,
    "wandb.Image('folder')": None,
    "wandb.Image('text.png')": None,
    "wandb.Image(noise, boxes=[box])": None,
    "wandb.Image(noise, boxes={'b': [box]})": FORMS,
    "wandb.Image(noise, boxes={'b': {}})": FORMS,
    "wandb.Image(noise, boxes={'b': {'box_data': box}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [{}]}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'class_id': 'cat'}]}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'scores': 1}]}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'scores': {'a': 'b'}}]}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'box_caption': 1}]}})": None,
    "wandb.Image(noise, boxes={'b': {'box_data': [box], 'class_labels': {'1': 'a'}}})": None,
    "wandb.Image(noise, masks=[mask])": None,
    "wandb.Image(noise, masks={'m': mask})": FORMS,
    "wandb.Image(noise, masks={'m': {}})": FORMS,
    "wandb.Image(noise, masks={'m': {'mask_data': noise}})": None,
    "wandb.Image(noise, masks={'m': {'mask_data': mask + 300}})": None,
    "wandb.Image(noise, masks={'m': {'mask_data': mask, 'class_labels': {1: 2}}})": None,
    "wandb.Image(noise, masks={'m': {'path': 'missing.png'}})": None,
    "wandb.Image(noise, classes=[{'id': 1}])": FORMS,
    "wandb.Classes([{'name': 'a'}])": FORMS,
}

# What ours refuses and the released client does not, or the other way round, by the declared case.
STRICTER = {
    "wandb.Image(np.full((4, 6), np.nan))": "NaN in the pixels of wandb.Image",
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'domain': 'pixels'}]}})": (
        "a domain of a box that there is not"
    ),
    "wandb.Image(noise, masks={'m': {'mask_data': mask - 0.5}})": (
        "numbers of a mask that are no classes"
    ),
}

# What reads differently on purpose: line, the released client's answer, ours, the declared case.
DIFFERENT = {
    "wandb.Image(wandb.Image(noise, caption='a'), caption='b')._caption": (
        "a",
        "b",
        "a caption for a copy of wandb.Image",
    ),
}

# What both say of an image.
QUESTIONS = (
    "wandb.Image(noise) == wandb.Image(PIL.Image.fromarray(noise))",
    "wandb.Image(noise) == wandb.Image(noise, caption='a')",
    "wandb.Image(noise) != wandb.Image(noise[::-1])",
    "wandb.Image(noise) == 5",
    "wandb.Image(noise).to_data_array()",
    "wandb.Image(noise[..., 0]).to_data_array()",
    "wandb.Image(noise, file_type='jpg').to_data_array()",
    "wandb.Image(noise).image.size",
    "[wandb.Image(one).format for one in (noise, 'noise.jpg', 'folder/NOISE.PNG')]",
    "wandb.Image('gs://b/x.png').format, wandb.Image('s3://b/x.jpg').image",
    "wandb.Image('https://h/x.gif?a=b').format",
    "wandb.Image('http://h/x') == wandb.Image('http://h/x')",
    "wandb.Image.MAX_ITEMS, wandb.Image.MAX_DIMENSION",
    "wandb.Classes([{'id': 1, 'name': 'a'}]) == wandb.Classes([{'id': 1, 'name': 'a'}])",
    "wandb.Image(noise, boxes={'b': {'box_data': [box]}})._classes._class_set",
)

SCRIPT = """
import json, os, pathlib
import matplotlib
import numpy as np
import PIL.Image
matplotlib.use("agg")
from matplotlib import pyplot as plt
import wandb
from wandb.data_types import BoundingBoxes2D, ImageMask

random = np.random.default_rng(0)
noise = random.integers(0, 256, (5, 7, 3), dtype=np.uint8)
mask = random.integers(0, 3, (5, 7))
PIL.Image.fromarray(noise).save("noise.jpg")
os.mkdir("folder")
PIL.Image.fromarray(noise).save("folder/NOISE.PNG")
PIL.Image.fromarray(mask.astype(np.uint8)).save("mask.png")
pathlib.Path("text.png").write_text("no picture")
clear = PIL.Image.fromarray(noise)
clear.info["transparency"] = (1, 2, 3)
box = {
    "position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1,
    "scores": {"a": 0.5}, "box_caption": "cat",
}
around = {"middle": [1, 2], "width": 3, "height": 4}
pixel_box = {"position": around, "domain": "pixel", "class_id": 2}
numbers = {"middle": np.array([1, 2]), "width": np.float32(3), "height": 4}
numpy_box = {"position": numbers, "class_id": 2}
again = wandb.Image(noise, boxes={"b": {"box_data": [box]}})
image_figure, axes = plt.subplots()
axes.imshow([[0, 1], [2, 3]])
figure, axes = plt.subplots()
axes.plot([1, 2, 3])

asked = json.loads(pathlib.Path("asked.json").read_text())
answers = {}
for line in asked["lines"]:
    try:
        answers[line] = repr(eval(line))
    except Exception as err:
        answers[line] = {"error": type(err).__name__}
    if line in asked["quiet"] and isinstance(answers[line], str):
        answers[line] = "kept"
pathlib.Path("answers.json").write_text(json.dumps(answers))
told = {}
with wandb.init(settings=wandb.Settings(console="off", x_disable_meta=True)) as run:
    for key, line in asked["values"].items():
        try:
            run.log({key: eval(line)})
        except Exception as err:
            told[key] = f"{type(err).__name__}: {err}"
    run.summary["in the summary"] = wandb.Image(noise, boxes={"b": {"box_data": [box]}})
    run.summary["list in the summary"] = [wandb.Image(noise)]
    run.summary.update({"outer": {"inner": wandb.Image(noise)}})
pathlib.Path("told.json").write_text(json.dumps(told))
"""


@dataclass(frozen=True)
class Logged:
    """What a client made of the values."""

    rows: dict[str, Any]
    summary: dict[str, Any]
    labels: dict[str, Any]
    files: dict[str, bytes]
    told: dict[str, str]
    answers: dict[str, Any]


def logged(client, folder):
    lines = [*BAD, *STRICTER, *DIFFERENT, *QUESTIONS]
    asked = {"values": VALUES, "lines": lines, "quiet": [*BAD, *STRICTER]}
    (folder / "asked.json").write_text(json.dumps(asked))
    done = run_script(client, folder, SCRIPT, timeout_secs=120)
    assert done.exit_code == 0, done.stderr
    files = Path(done.log.journal).parent / "files"
    own = done.log.config.get("_wandb", {})
    return Logged(
        rows={key: row[key] for row in done.log.rows for key in row if key in VALUES},
        summary=done.log.summary,
        labels={kind: own.get(kind) for kind in ("mask/class_labels", "bounding_box/class_labels")},
        files={
            path.relative_to(files).as_posix(): path.read_bytes()
            for path in files.glob("media/**/*")
            if path.is_file()
        },
        told=json.loads((folder / "told.json").read_text()),
        answers=json.loads((folder / "answers.json").read_text()),
    )


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    # Under the other's interpreter, so that both have the same libraries.
    ours = replace(our_client(), interpreter=released_client(MEDIA).interpreter)
    return logged(ours, tmp_path_factory.mktemp("mine"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return logged(released_client(MEDIA), tmp_path_factory.mktemp("theirs"))


def without_digest(path):
    """Return what a file's name says beside the digest of its content."""
    stem, _, rest = path.rpartition("_")
    return f"{stem}_…{rest[rest.index('.') :]}"


def taken_apart(wire, files):
    """Return JSON without names, sizes and digests of files, and the files in order."""
    if isinstance(wire, list):
        parts = [taken_apart(each, files) for each in wire]
        return [part for part, _ in parts], [file for _, found in parts for file in found]
    if not isinstance(wire, dict):
        return wire, []
    left, found = {}, []
    for key in sorted(wire):
        value = wire[key]
        if key in ("sha256", "size") and "path" in wire:
            continue
        names = [value] if key == "path" else value if key == "filenames" else None
        if names is not None:
            left[key] = [without_digest(name) for name in names]
            found += [files[name] for name in names]
        else:
            left[key], inner = taken_apart(value, files)
            found += inner
    return left, found


def decoded(data):
    """Return what a picture shows; other bytes as they are."""
    try:
        with PILImage.open(io.BytesIO(data)) as picture:
            mode = "RGB" if picture.mode == "P" else picture.mode
            return picture.format, picture.size, mode, picture.convert(mode).tobytes()
    except OSError:
        return data


def assert_same(my_wire, their_wire, mine, theirs):
    my_json, my_files = taken_apart(my_wire, mine.files)
    their_json, their_files = taken_apart(their_wire, theirs.files)
    assert same(my_json, their_json)
    assert list(map(decoded, my_files)) == list(map(decoded, their_files))


@pytest.mark.released
@pytest.mark.parametrize("key", VALUES)
def test_an_image_is_kept_as_the_released_client_keeps_it(mine, theirs, key):
    assert key not in theirs.told, theirs.told[key]

    assert_same(mine.rows[key], theirs.rows[key], mine, theirs)


@pytest.mark.released
def test_the_summary_and_the_names_of_classes_are_the_released_clients(mine, theirs):
    for key in ("in the summary", "list in the summary", "outer"):
        assert_same(mine.summary[key], theirs.summary[key], mine, theirs)
    assert same(mine.labels, theirs.labels)


@pytest.mark.released
@pytest.mark.parametrize("line", BAD)
def test_both_refuse_the_same(mine, theirs, line):
    case = BAD[line]

    assert "error" in mine.answers[line]
    assert "error" in theirs.answers[line]
    if case is None:
        assert mine.answers[line] == theirs.answers[line]
    else:
        assert declared(case)
        assert mine.answers[line]["error"] in ("TypeError", "ValueError")


@pytest.mark.released
@pytest.mark.parametrize("line", STRICTER)
def test_what_means_nothing_is_refused(mine, theirs, line):
    assert declared(STRICTER[line])
    assert theirs.answers[line] == "kept"
    assert mine.answers[line]["error"] in ("TypeError", "ValueError")


@pytest.mark.released
@pytest.mark.parametrize("line", DIFFERENT)
def test_what_differs_on_purpose(mine, theirs, line):
    original, ours, case = DIFFERENT[line]

    assert declared(case)
    assert (mine.answers[line], theirs.answers[line]) == (repr(ours), repr(original))


@pytest.mark.released
@pytest.mark.parametrize("line", QUESTIONS)
def test_both_say_the_same_of_an_image(mine, theirs, line):
    assert "error" not in theirs.answers[line]
    assert mine.answers[line] == theirs.answers[line]


@pytest.mark.released
def test_every_pixel_of_large_images_is_kept(tmp_path):
    script = (
        "import numpy as np, wandb\n"
        "pixels = np.random.default_rng(1).integers(0, 256, (300, 1000, 3), dtype=np.uint8)\n"
        "np.save('pixels.npy', pixels)\n"
        "with wandb.init() as run: run.log({'image': wandb.Image(pixels)})\n"
    )
    ours = replace(our_client(), interpreter=released_client(MEDIA).interpreter)
    done = run_script(ours, tmp_path, script)
    (row,) = done.log.rows

    with PILImage.open(Path(done.log.journal).parent / "files" / row["image"]["path"]) as picture:
        assert np.array_equal(np.asarray(picture), np.load(tmp_path / "pixels.npy"))


@pytest.mark.released
def test_transparency_is_left_out_where_a_file_has_none(tmp_path):
    case = declared("transparency for wandb.Image where the file has none")
    script = (
        "import numpy as np, wandb\n"
        "pixels = np.zeros((16, 16, 4), np.uint8)\n"
        "pixels[..., 0] = pixels[..., 3] = 200\n"
        "with wandb.init() as run: run.log({'image': wandb.Image(pixels, file_type='jpg')})\n"
    )
    shown = []
    for client in (
        replace(our_client(), interpreter=released_client(MEDIA).interpreter),
        released_client(MEDIA),
    ):
        folder = tmp_path / client.name
        folder.mkdir()
        done = run_script(client, folder, script)
        (row,) = done.log.rows
        with PILImage.open(
            Path(done.log.journal).parent / "files" / row["image"]["path"]
        ) as picture:
            shown.append(np.abs(np.asarray(picture).astype(int) - (200, 0, 0)).max())

    assert shown[0] < 10 < shown[1], case
