"""Real small files, of the kinds that the documents' examples take for there."""

import base64
import json
import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path

from PIL import Image

CORNERS = [(x, y, z) for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)]
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
TRIANGLES = [corner for a, b, c, d in SIDES for corner in (a, b, c, a, c, d)]
PICTURE_SIZE = (96, 64)
SOUND_SECS = 0.75
# Names as they stand in a molecule's file, with places in Ångström.
WATER = [("O", 0.0, 0.0, 0.117), ("H", 0.0, 0.757, -0.471), ("H", 0.0, -0.757, -0.471)]


def lay_picture(path: Path) -> None:
    """Write a picture with a different colour in each corner."""
    width, height = PICTURE_SIZE
    picture = Image.new("RGB", PICTURE_SIZE)
    picture.putdata(
        [(x * 255 // width, y * 255 // height, 120) for y in range(height) for x in range(width)]
    )
    picture.save(path)


def lay_document(path: Path) -> None:
    """Write a whole HTML document."""
    path.write_text("<!doctype html><html><body><h1>A document of mine</h1></body></html>")


def lay_obj(path: Path) -> None:
    """Write a cube as text."""
    corners = [f"v {x} {y} {z}" for x, y, z in CORNERS]
    sides = ["f " + " ".join(str(corner + 1) for corner in side) for side in SIDES]
    path.write_text("\n".join([*corners, *sides]) + "\n")


def cube_bytes() -> bytes:
    """Return a cube's corners, then its triangles, as glTF wants them."""
    corners = b"".join(struct.pack("<3f", *corner) for corner in CORNERS)
    return corners + struct.pack(f"<{len(TRIANGLES)}H", *TRIANGLES)


def cube_scene(buffer: dict[str, object]) -> bytes:
    """Return the glTF that shows a cube out of a buffer."""
    corners_bytes = 12 * len(CORNERS)
    scene = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [
            {"pbrMetallicRoughness": {"baseColorFactor": [0.9, 0.3, 0.1, 1], "metallicFactor": 0}}
        ],
        "buffers": [{"byteLength": len(cube_bytes()), **buffer}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": corners_bytes, "target": 34962},
            {
                "buffer": 0,
                "byteOffset": corners_bytes,
                "byteLength": 2 * len(TRIANGLES),
                "target": 34963,
            },
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(CORNERS),
                "type": "VEC3",
                "min": [-1, -1, -1],
                "max": [1, 1, 1],
            },
            {"bufferView": 1, "componentType": 5123, "count": len(TRIANGLES), "type": "SCALAR"},
        ],
    }
    return json.dumps(scene).encode()


def lay_gltf(path: Path) -> None:
    """Write a cube whose buffer lies in the file itself, as exporters embed it."""
    coded = base64.b64encode(cube_bytes()).decode()
    path.write_bytes(cube_scene({"uri": f"data:application/octet-stream;base64,{coded}"}))


def lay_glb(path: Path) -> None:
    """Write a cube in glTF's binary form."""
    scene, cube = cube_scene({}), cube_bytes()
    chunks = [
        (b"JSON", scene + b" " * (-len(scene) % 4)),
        (b"BIN\0", cube + b"\0" * (-len(cube) % 4)),
    ]
    body = b"".join(struct.pack("<I", len(chunk)) + kind + chunk for kind, chunk in chunks)
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)


def lay_sound(path: Path) -> None:
    """Write a tone of one channel."""
    rate = 8000
    loudness = (8000 * math.sin(n / 3) for n in range(int(rate * SOUND_SECS)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", int(sample)) for sample in loudness))


def lay_molecule(path: Path) -> None:
    """Write the atoms of water."""
    atoms = [
        f"HETATM{number:5d}  {name:<3} HOH A   1    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00"
        f"          {name:>2}"
        for number, (name, x, y, z) in enumerate(WATER, 1)
    ]
    path.write_text("\n".join([*atoms, "END"]) + "\n")


LAID: dict[str, Callable[[Path], None]] = {
    "cafe.png": lay_picture,
    "index.html": lay_document,
    "sample.obj": lay_obj,
    "sample.gltf": lay_gltf,
    "sample.glb": lay_glb,
    "tone.wav": lay_sound,
    "water.pdb": lay_molecule,
}
