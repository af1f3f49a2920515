"""Values of every kind of media, as lines of Python, and the script that logs them."""

# Each line makes a value; what is made of pixels or samples is compared decoded.
VALUES = {
    "audio/float64": "wandb.Audio(wave * 1.2, sample_rate=8000, caption='tone')",
    "audio/float32": "wandb.Audio(wave.astype(np.float32), sample_rate=8000)",
    "audio/tiny": "wandb.Audio((wave * 1e-4), sample_rate=8000)",
    "audio/int16": "wandb.Audio((wave * 30000).astype(np.int16), sample_rate=44100)",
    "audio/int32": "wandb.Audio((wave * 2e9).astype(np.int32), sample_rate=44100)",
    "audio/stereo": "wandb.Audio(np.stack([wave, -wave], axis=1), sample_rate=8000)",
    "audio/many channels": "wandb.Audio(np.stack([wave] * 6, axis=1), sample_rate=8000)",
    "audio/list": "wandb.Audio([0.0, 0.25, -0.25], sample_rate=3)",
    "audio/empty": "wandb.Audio(np.zeros(0), sample_rate=8000)",
    "audio/file": "wandb.Audio('song.mp3', caption='song')",
    "audio/path": "wandb.Audio(pathlib.Path('song.mp3'), sample_rate=7)",
    "audio/several": "[wandb.Audio(wave, sample_rate=8000, caption='a'), wandb.Audio('song.mp3')]",
    "audio/several without captions": "[wandb.Audio('song.mp3')]",
    "video/gif": "wandb.Video(frames, format='gif')",
    "video/fps": "wandb.Video(frames, fps=30, format='gif', caption='fast')",
    "video/batch": "wandb.Video(np.stack([frames] * 3), format='gif')",
    "video/still": "wandb.Video(np.repeat(frames[:1], 5, axis=0), format='gif')",
    "video/many colours": "wandb.Video(noise, format='gif')",
    "video/floats": "wandb.Video(frames.astype(float), format='gif')",
    "video/file": "wandb.Video('clip.mp4', caption='clip')",
    "video/stream": "wandb.Video(io.BytesIO(b'moving'), format='webm')",
    "video/several": "[wandb.Video('clip.mp4', caption='a'), wandb.Video('clip.mp4')]",
    "video/several without captions": "[wandb.Video(frames, format='gif')] * 2",
    "html/text": "wandb.Html('<p>a</p>')",
    "html/head": "wandb.Html('<html><head><title>t</title></head></html>')",
    "html/no head": "wandb.Html('  <html><body>é</body></html> ')",
    "html/as it is": "wandb.Html(' <p>a ', inject=False)",
    "html/file": "wandb.Html('page.html')",
    "html/file as it is": "wandb.Html(pathlib.Path('page.html'), inject=False)",
    "html/not a path": "wandb.Html('page.html', data_is_not_path=True)",
    "html/stream": "wandb.Html(io.StringIO('<p>s'))",
    "html/several": "[wandb.Html('a'), wandb.Html('b')]",
    "object/points": "wandb.Object3D(np.arange(6).reshape(2, 3), caption='cloud')",
    "object/categories": "wandb.Object3D(np.ones((2, 4)))",
    "object/colours": "wandb.Object3D(np.ones((2, 6), dtype=np.float32) / 3)",
    "object/scene": (
        "wandb.Object3D({'type': 'lidar/beta', 'points': np.ones((2, 3)),"
        " 'boxes': np.array([box]),"
        " 'vectors': np.array([{'start': [0, 0, 0], 'end': [1, 1, 1]}])})"
    ),
    "object/from_point_cloud": "wandb.Object3D.from_point_cloud([[1, 2, 3]], [box])",
    "object/from_numpy": "wandb.Object3D.from_numpy(np.zeros((1, 3)))",
    "object/file": "wandb.Object3D('thing.obj')",
    "object/binary file": "wandb.Object3D(pathlib.Path('thing.glb'))",
    "object/points file": "wandb.Object3D.from_file('thing.pts.json')",
    "object/stream": "wandb.Object3D(io.StringIO('v 0 0 0'), file_type='obj')",
    "object/open file": "wandb.Object3D(open('thing.obj'))",
    "object/several": "[wandb.Object3D(np.ones((2, 3))), wandb.Object3D('thing.obj')]",
    "molecule/file": "wandb.Molecule('molecule.pdb', caption='m')",
    "molecule/open file": "wandb.Molecule(open('molecule.pdb'))",
    "molecule/stream": "wandb.Molecule(io.StringIO('ATOM'), file_type='sdf')",
    "molecule/several": "[wandb.Molecule('molecule.pdb', caption='m')] * 2",
    "plotly/figure": "wandb.Plotly(go.Figure(go.Scatter(x=np.arange(40), y=[1, None])))",
    "plotly/dates": (
        "wandb.Plotly(go.Figure(go.Scatter(x=[datetime.date(2024, 1, 2)], y=[np.float32(1)])))"
    ),
    "plotly/bare": "go.Figure(go.Bar(x=['a', 'é'], y=(1, 2)))",
    "plotly/of matplotlib": "wandb.Plotly(figure)",
    "matplotlib/figure": "figure",
    "matplotlib/axes": "figure.axes[0]",
    "matplotlib/pyplot": "current_figure()",
    "bokeh/file": "wandb.data_types.Bokeh('plot.bokeh.json')",
    "trace/tree": "WBTraceTree(span, {'_kind': 'openai', 'at': datetime.date(2024, 1, 2)})",
    "trace/alone": "WBTraceTree(Span(name='a'))",
    "mixed": "[wandb.Html('a'), wandb.Molecule('molecule.pdb')]",
    "nested": "{'inner': wandb.Html('nested')}",
    "nested figure": "{'deep': {'er': figure}}",
    "plotly/several": "[wandb.Plotly(go.Figure()), wandb.Plotly(go.Figure(go.Bar(y=[1])))]",
    "no values": "[]",
    "again": "kept_page",
    "again/and again": "kept_page",
    "graph": "graph",
}

# What the released client refuses, by the declared case, and the type that ours keeps it as.
REFUSED = {
    "audio/float16": (
        "wandb.Audio(wave.astype(np.float16), sample_rate=8000)",
        "wandb.Audio of float16",
        "audio-file",
    ),
    "video/grey": (
        "wandb.Video(frames[:, :1], format='gif')",
        "wandb.Video of frames with one channel, as a gif",
        "video-file",
    ),
    "html/bytes": (
        "wandb.Html(io.BytesIO(b'<p>'))",
        "streams of bytes for wandb.Html, Object3D and Molecule",
        "html-file",
    ),
    "object/bytes": (
        "wandb.Object3D(io.BytesIO(b'glTF'), file_type='glb')",
        "streams of bytes for wandb.Html, Object3D and Molecule",
        "object3D-file",
    ),
    "object/lists": (
        "wandb.Object3D({'type': 'lidar/beta', 'points': [[1, 2, 3]]})",
        "lists in a scene for wandb.Object3D, and numpy scalars in its boxes",
        "object3D-file",
    ),
    "molecule/path": (
        "wandb.Molecule(pathlib.Path('folder/inner.pdb'))",
        "a pathlib.Path for wandb.Molecule",
        "molecule-file",
    ),
    "bokeh/plot": (
        "wandb.data_types.Bokeh(bokeh_figure())",
        "plots of Bokeh 3, and documents of any Bokeh",
        "bokeh-file",
    ),
    "bokeh/bare": (
        "bokeh_figure()",
        "bare plots of Bokeh's and pictures of Pillow's",
        "bokeh-file",
    ),
    "matplotlib/empty": (
        "plt.figure()",
        "a figure of matplotlib's that plotly can't convert, or without plotly",
        "image-file",
    ),
    "pillow/bare": (
        "PIL.Image.new('RGB', (2, 2))",
        "bare plots of Bokeh's and pictures of Pillow's",
        "image-file",
    ),
    "plotly/bare ones": (
        "[go.Figure(), go.Figure(go.Bar(y=[1]))]",
        "lists of bare figures, plots and pictures",
        ["plotly-file", "plotly-file"],
    ),
    "bokeh/document": (
        "bokeh_document()",
        "bare plots of Bokeh's and pictures of Pillow's",
        "bokeh-file",
    ),
}

# What both refuse; where the error is another, the declared case says why.
ASSERTIONS = "wrong shapes for wandb.box3d, wrong kinds or no dicts for Trace"
BARE_SAMPLES = "samples of wandb.Audio without axes, or a sample_rate that is not positive"
EMPTY_FRAMES = "empty or too many axes in the frames of wandb.Video, or a negative fps"
BAD = {
    "wandb.Audio([0.1])": None,
    "wandb.Audio([1, 2], sample_rate=8000)": None,
    "wandb.Audio(np.zeros((2, 2, 2)), sample_rate=8000)": None,
    "wandb.Audio([0.1], sample_rate=8000.0)": None,
    "wandb.Audio('no.wav')": None,
    "wandb.Audio('folder')": None,
    "wandb.Audio(np.float64(1), sample_rate=8000)": BARE_SAMPLES,
    "wandb.Audio([0.1], sample_rate=0)": BARE_SAMPLES,
    "wandb.Video('clip.avi')": None,
    "wandb.Video('no.mp4')": None,
    "wandb.Video(frames, format='avi')": None,
    "wandb.Video(frames[0], format='gif')": None,
    "wandb.Video(7, format='gif')": None,
    "wandb.Video(frames[:0], format='gif')": EMPTY_FRAMES,
    "wandb.Video(frames[None, None], format='gif')": None,
    "wandb.Video(frames, format='gif', fps=-1)": EMPTY_FRAMES,
    "wandb.Html(7)": None,
    "wandb.Html(pathlib.Path('no.html'))": None,
    "wandb.Object3D(np.zeros((2, 5)))": None,
    "wandb.Object3D([[1, 2, 3]])": None,
    "wandb.Object3D({'type': 'radar'})": None,
    "wandb.Object3D({'points': []})": None,
    "wandb.Object3D('thing.ply')": None,
    "wandb.Object3D('no.obj')": None,
    "wandb.Object3D(io.StringIO('v'))": None,
    "wandb.Object3D(io.StringIO('v'), file_type='ply')": None,
    "wandb.Object3D.from_numpy([[1, 2, 3]])": None,
    "wandb.Object3D.from_point_cloud([], [], point_cloud_type='radar')": None,
    "wandb.Molecule('m.txt')": None,
    "wandb.Molecule('no.pdb')": None,
    "wandb.Molecule(io.StringIO('ATOM'))": None,
    "wandb.Molecule(io.StringIO('ATOM'), file_type='xyz')": None,
    "wandb.Molecule(7)": None,
    "wandb.Molecule.from_smiles('CCO')": None,
    "wandb.Plotly(7)": None,
    "wandb.Plotly({'data': []})": None,
    "wandb.Plotly(pixels)": None,
    "wandb.data_types.Bokeh(7)": None,
    "wandb.data_types._SavedModel(7)": None,
    "wandb.data_types._SavedModel.init(7)": None,
    "wandb.box3d(center=[0], size=[1] * 3, orientation=[1, 0, 0, 0], color=0)": ASSERTIONS,
    "wandb.box3d(center=[0] * 3, size=[1] * 3, orientation=[0] * 4, color=0)": None,
    "Trace('a', kind='robot')": ASSERTIONS,
    "Trace('a', inputs=[1])": ASSERTIONS,
}

# Where ours gives something else, by the declared case: what the released client gives, and ours.
DIFFERENT = {
    "samples(wandb.Audio([np.nan, 0.5, np.inf], sample_rate=8000))": (
        "NaN in the samples of wandb.Audio",
        [-32768, 16384, 32767],
        [0, 16384, 32767],
    ),
    "data_of(wandb.Video(written(b'moving'), format='mp4')).decode()": (
        "wandb.Video of a BytesIO that was written or read",
        "",
        "moving",
    ),
    "np.round(wandb.box3d(center=[0] * 3, size=[2, 4, 6], orientation=[1, 0, 0, -1],"
    " color=0)['corners'][7], 9).tolist()": (
        "wandb.box3d with a negative part in the orientation",
        [-2.0, 1.0, 3.0],
        [2.0, -1.0, 3.0],
    ),
}

SCRIPT = """
import datetime, io, json, pathlib
import numpy as np
import bokeh.plotting, matplotlib, PIL.Image
from bokeh.core.json_encoder import serialize_json
import plotly.graph_objects as go
matplotlib.use("agg")
from matplotlib import pyplot as plt
import wandb
from wandb.sdk.data_types.trace_tree import (
    Result, Span, SpanKind, StatusCode, Trace, WBTraceTree,
)

def data_of(value):
    content = getattr(value, "_content", None)
    if content is not None and content.data is not None:
        return content.data
    return pathlib.Path(value._path if content is None else content.path).read_bytes()

def bokeh_document():
    document = bokeh.document.Document()
    document.add_root(bokeh_figure())
    return document

def samples(value):
    return np.frombuffer(data_of(value)[44:], "<i2").tolist()

def written(data):
    stream = io.BytesIO()
    stream.write(data)
    return stream

class Sink:
    in_artifact = True

    def keep(self, content, *, kind, name):
        if content.path is None:
            path = f"media/{kind}/{content.md5[:20]}{content.extension}"
        else:
            path = f"media/{kind}/{content.sha256[:20]}/{pathlib.Path(content.path).name}"
        return {"sha256": content.sha256, "path": path}

def in_artifact(value):
    if hasattr(value, "to_wire"):
        return value.to_wire(Sink(), name="key")
    return value.to_json(wandb.Artifact("name", "type"))

def current_figure():
    plt.figure()
    plt.plot([3, 2, 1])
    return plt

def bokeh_figure():
    plot = bokeh.plotting.figure(width=100, height=100)
    plot.line([1, 2], [3, 4])
    return plot

files = {
    "song.mp3": b"\\xff\\xfb no song", "clip.mp4": b"no clip", "thing.obj": b"v 0 0 0",
    "thing.glb": b"glTF\\x00\\xff", "thing.pts.json": b"[[0, 0, 0]]", "molecule.pdb": b"ATOM",
    "page.html": "<html><head></head>é</html>".encode(),
}
for name, data in files.items():
    pathlib.Path(name).write_bytes(data)
pathlib.Path("folder").mkdir()
pathlib.Path("folder/inner.pdb").write_text("ATOM")
document = bokeh.document.Document()
document.add_root(bokeh_figure())
pathlib.Path("plot.bokeh.json").write_text(serialize_json(document.to_json()))
wave = np.sin(np.arange(800) * 0.1)
random = np.random.default_rng(0)
noise = random.integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)
frames = np.zeros((3, 3, 8, 12), np.uint8)
for index in range(3):
    frames[index, index] = 250
box = wandb.box3d(
    center=[0, 1, 2], size=[1, 2, 3], orientation=[1, 0.5, 0.25, 2], color=(255, 0, 0),
    label="car", score=0.5,
)
figure, axes = plt.subplots()
axes.plot([1, 2, 3], [4, 5, 6], label="line")
axes.set_title("title")
pixels, axes = plt.subplots()
axes.imshow([[0, 1], [2, 3]])
span = Span(
    name="root", span_kind=SpanKind.LLM, status_code=StatusCode.SUCCESS,
    attributes={"n": np.arange(3), "odd": object(), "set": {1}},
    results=[Result({"q": "?"}, {"a": float("nan")})], child_spans=[Span(name="child")],
)
kept_page = wandb.Html("kept")
graph = wandb.Graph()
graph.add_edge(graph.add_node(id="a", name="x", size=(1, 2)), graph.add_node(id="b"))

shown = {}
for line in json.loads(pathlib.Path("different.json").read_text()):
    shown[line] = eval(line)
for key, line in json.loads(pathlib.Path("values.json").read_text()).items():
    try:
        shown[key] = in_artifact(eval(line))
    except Exception as err:
        shown[key] = f"{type(err).__name__}: {err}"
pathlib.Path("shown.json").write_text(json.dumps(shown))
told = {}
for line in json.loads(pathlib.Path("bad.json").read_text()):
    try:
        eval(line)
    except Exception as err:
        told[line] = type(err).__name__
with wandb.init(settings=wandb.Settings(console="off", x_disable_meta=True)) as run:
    for key, line in json.loads(pathlib.Path("values.json").read_text()).items():
        try:
            run.log({key: eval(line)})
        except Exception as err:
            told[key] = f"{type(err).__name__}: {err}"
            run.log({key: None})
    Trace("root", kind="llm", status_code="success", inputs={"q": "?"}, outputs={"a": 1},
        start_time_ms=1, end_time_ms=2, metadata={"m": [1]}, model_dict={"_kind": "x"},
    ).add_child(Trace("child", model_dict={"c": 1})).log("trace/logged")
    run.summary["summary/page"] = wandb.Html("in the summary")
    run.summary["summary/figure"] = go.Figure()
    run.summary["summary/several"] = [wandb.Html("a"), wandb.Html("b")]
pathlib.Path("told.json").write_text(json.dumps(told))
"""
