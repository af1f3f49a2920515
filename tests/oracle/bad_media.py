"""Bad values of every kind of media, tables and charts, as lines of Python; and the script."""
# ruff: noqa: E501  # a line of a program is one line

BARE_SAMPLES = "samples of wandb.Audio without axes, or a sample_rate that is not positive"
BOKEH = "wrong values and files for wandb.data_types.Bokeh"
BOX_SHAPES = "wrong shapes for wandb.box3d, wrong kinds or no dicts for Trace"
CHANNELS = "channels in the frames of wandb.Video that are no colours"
DOMAIN = "a domain of a box that there is not"
FORMS = "wrong values for wandb.Image that the original fails on by chance"
FRAMES = "empty or too many axes in the frames of wandb.Video, or a negative fps"
MASK_NUMBERS = "numbers of a mask that are no classes"
NAN = "NaN in the pixels of wandb.Image"
NO_NUMBERS = "frames of wandb.Video, or pixels of wandb.Image, that are complex numbers or objects"
PLOTS = "arguments of wandb.plot that the original fails on by chance"
SCENES = "parts of a scene for wandb.Object3D that are no lists, or a type that has no hash"
STREAMS = "streams of bytes for wandb.Html, Object3D and Molecule"
TABLE_ARGUMENTS = "an array of one axis for wandb.Table, or a list of dtypes of another length"

# fmt: off
# What is refused, by the type of value, and words that the refusal has.
REFUSED = {
    "wandb.Audio([0.1])": ("wandb.Audio", "sample_rate"),
    "wandb.Audio(np.zeros((2,2,2)), sample_rate=8000)": ("wandb.Audio", "(2, 2, 2)"),
    "wandb.Audio(np.zeros((4, 0)), sample_rate=8000)": ("wandb.Audio", "(4, 0)"),
    "wandb.Audio(np.zeros(4, dtype=complex), sample_rate=8000)": ("wandb.Audio", "complex128"),
    "wandb.Audio(np.array(['a']), sample_rate=8000)": ("wandb.Audio", "str"),
    "wandb.Audio(np.array([None, 1]), sample_rate=8000)": ("wandb.Audio", "object"),
    "wandb.Audio([[0.1], [0.2, 0.3]], sample_rate=8000)": ("wandb.Audio", "(2,)"),
    "wandb.Audio([0.1, 'a'], sample_rate=8000)": ("wandb.Audio", "str"),
    "wandb.Audio(np.zeros(4, dtype=np.uint8), sample_rate=8000)": ("wandb.Audio", "uint8"),
    "wandb.Audio(np.zeros(4, dtype=bool), sample_rate=8000)": ("wandb.Audio", "bool"),
    "wandb.Audio([0.1], sample_rate='8000')": ("wandb.Audio", "'8000'"),
    "wandb.Audio([0.1], sample_rate=-1)": ("wandb.Audio", "-1"),
    "wandb.Audio([0.1], sample_rate=float('nan'))": ("wandb.Audio", "nan"),
    "wandb.Audio(None)": ("wandb.Audio", "sample_rate"),
    "wandb.Audio(None, sample_rate=8000)": ("wandb.Audio", "object"),
    "wandb.Audio(7, sample_rate=8000)": ("wandb.Audio", "int"),
    "wandb.Audio('no.wav')": ("wandb.Audio", "'no.wav'"),
    "wandb.Audio(b'RIFF', sample_rate=8000)": ("wandb.Audio", "bytes"),
    "wandb.Audio('folder')": ("wandb.Audio", "'folder'"),
    "wandb.Audio('x' * 5000 + '.wav')": ("wandb.Audio", "File name too long"),
    "wandb.Audio('a\\0b.wav')": ("wandb.Audio", "'a\\x00b.wav'"),
    "wandb.Audio({'a': 1}, sample_rate=8000)": ("wandb.Audio", "object"),
    "wandb.Video(np.zeros((3, 8, 8), np.uint8), format='gif')": ("wandb.Video", "(3, 8, 8)"),
    "wandb.Video(np.zeros((2, 8, 8, 3), np.uint8), format='gif')": ("wandb.Video", "(2, 8, 8, 3)"),
    "wandb.Video(np.zeros((2, 5, 8, 8), np.uint8), format='gif')": ("wandb.Video", "(2, 5, 8, 8)"),
    "wandb.Video(np.zeros((2, 3, 0, 8), np.uint8), format='gif')": ("wandb.Video", "(2, 3, 0, 8)"),
    "wandb.Video(np.full((2, 3, 8, 8), 'a'), format='gif')": ("wandb.Video", "str32"),
    "wandb.Video(np.zeros((2, 3, 8, 8), complex), format='gif')": ("wandb.Video", "complex128"),
    "wandb.Video(np.zeros((2, 3, 8, 8), object), format='gif')": ("wandb.Video", "object"),
    "wandb.Video([[1, 2], [3]], format='gif')": ("wandb.Video", "list"),
    "wandb.Video(None, format='gif')": ("wandb.Video", "NoneType"),
    "wandb.Video('no.mp4')": ("wandb.Video", "'no.mp4'"),
    "wandb.Video('folder')": ("wandb.Video", "'folder'"),
    "wandb.Video('clip.avi')": ("wandb.Video", "'clip.avi'"),
    "wandb.Video('x' * 5000 + '.mp4')": ("wandb.Video", "File name too long"),
    "wandb.Video('a\\0b.mp4')": ("wandb.Video", "'a\\x00b.mp4'"),
    "wandb.Video(b'moving', format='mp4')": ("wandb.Video", "bytes"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format='avi')": ("wandb.Video", "'avi'"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format=7)": ("wandb.Video", "7"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format='gif', fps='a')": ("wandb.Video", "'a'"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format='gif', fps=-1)": ("wandb.Video", "-1"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format='gif', fps=float('nan'))": ("wandb.Video", "nan"),
    "wandb.Image(np.zeros((4, 6, 2)))": ("an array", "(4, 6, 2)"),
    "wandb.Image(np.zeros((4, 6, 5)))": ("an array", "(4, 6, 5)"),
    "wandb.Image(np.zeros((2, 4, 6, 3)))": ("an array", "(2, 4, 6, 3)"),
    "wandb.Image(np.zeros((0, 4, 3)))": ("an image", "(0, 4, 3)"),
    "wandb.Image(np.zeros(()))": ("shape ()",),
    "wandb.Image(np.zeros(5))": ("an array", "(5,)"),
    "wandb.Image(np.full((4, 6), np.nan))": ("NaN", "nan_to_num"),
    "wandb.Image(np.zeros((4, 6), complex))": ("pixels are", "complex128"),
    "wandb.Image(np.full((4, 6), 'a'))": ("pixels", "<U1"),
    "wandb.Image(np.full((4, 6), None))": ("pixels are", "object"),
    "wandb.Image(np.array(['2020'], dtype='datetime64'))": ("pixels", "datetime64"),
    "wandb.Image([[1, 2], [3]])": ("wandb.Image", "list"),
    "wandb.Image(None)": ("wandb.Image", "NoneType"),
    "wandb.Image(7)": ("wandb.Image", "int"),
    "wandb.Image(b'bytes')": ("wandb.Image", "bytes"),
    "wandb.Image({'a': 1})": ("wandb.Image", "dict"),
    "wandb.Image('missing.png')": ("No such", "'missing.png'"),
    "wandb.Image('folder')": ("Is a", "'folder'"),
    "wandb.Image('text.png')": ("cannot identify", "'text.png'"),
    "wandb.Image('cut.png')": ("'cut.png'", "truncated"),
    "wandb.Image('bomb.png')": ("'bomb.png'", "3600000000 pixels"),
    "wandb.Image('x' * 5000 + '.png')": ("xxx", "File name too long"),
    "wandb.Image('a\\0b.png')": ("wandb.Image", "'a\\x00b.png'"),
    "wandb.Image('')": ("No such file", "''"),
    "wandb.Image('evil.svg')": ("cannot identify", "'evil.svg'"),
    "wandb.Image(noise, mode='L')": ("mode 'L'", "(5, 7, 3)"),
    "wandb.Image(noise, mode='what')": ("mode 'what'", "(5, 7, 3)"),
    "wandb.Image(noise, mode=7)": ("mode 7", "(5, 7, 3)"),
    "wandb.Image(noise, file_type='svg')": ("file_type", "'svg'"),
    "wandb.Image(noise, file_type=7)": ("file_type", "7"),
    "wandb.Image(noise, boxes=[box])": ("`boxes`", "list"),
    "wandb.Image(noise, boxes={'b': [box]})": ("`boxes`", "'b'"),
    "wandb.Image(noise, boxes={'b': None})": ("`boxes`", "'b'"),
    "wandb.Image(noise, boxes={'b': {}})": ("`box_data`", "{}"),
    "wandb.Image(noise, boxes={'b': {'box_data': box}})": ("boxes are a dict with a list as `box_data`", "{'box_data'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [7]}})": ("a box is a dict with a `position`", "7"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{}]}})": ("`position`", "None"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'position': {'minX': 1}}]}})": ("a box's `position`", "'minX'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'position': {'minX': 'a', 'maxX': 1, 'minY': 0, 'maxY': 1}}]}})": ("a box's `position`", "'minX'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'position': {'middle': [1], 'width': 1, 'height': 1}}]}})": ("a box's `position`", "'middle'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'position': {'middle': 5, 'width': 1, 'height': 1}}]}})": ("a box's `position`", "'middle'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'class_id': 'cat'}]}})": ("a box's `class_id`", "'cat'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'class_id': 1.5}]}})": ("`class_id`", "1.5"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'scores': {'a': 'b'}}]}})": ("a box", "'a'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'scores': [1]}]}})": ("a box's `scores`", "[1]"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'box_caption': 1}]}})": ("a box's `box_caption`", "1"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'domain': 'pixels'}]}})": ("`domain`", "'pixels'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'extra': object()}]}})": ("boxes", "object"),
    "wandb.Image(noise, boxes={'b': {'box_data': [box], 'class_labels': {'1': 'a'}}})": ("class_labels must", "{'1'"),
    "wandb.Image(noise, boxes={'b': {'box_data': [box], 'class_labels': {1: 2}}})": ("class_labels must", "{1"),
    "wandb.Image(noise, boxes={'b': {'box_data': [box], 'class_labels': [1]}})": ("class_labels must", "[1]"),
    "wandb.Image(noise, masks=[mask])": ("`masks`", "list"),
    "wandb.Image(noise, masks={'m': mask})": ("`masks`", "'m'"),
    "wandb.Image(noise, masks={'m': None})": ("`masks`", "'m'"),
    "wandb.Image(noise, masks={'m': {}})": ("a mask is a dict with `mask_data`",),
    "wandb.Image(noise, masks={'m': {'mask_data': noise}})": ("mask_data must", "(5, 7, 3)"),
    "wandb.Image(noise, masks={'m': {'mask_data': mask + 300}})": ("mask_data must", "300 to 302"),
    "wandb.Image(noise, masks={'m': {'mask_data': mask - 5}})": ("mask_data must", "-5 to -3"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.full((5, 7), nan)}})": ("mask_data", "nan"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.full((5, 7), 'a')}})": ("mask_data", "<U1"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.full((5, 7), None)}})": ("mask_data", "object"),
    "wandb.Image(noise, masks={'m': {'mask_data': [[1], [1, 2]]}})": ("mask_data must", "(2,)"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.zeros((0, 7))}})": ("mask_data must", "(0, 7)"),
    "wandb.Image(noise, masks={'m': {'mask_data': mask, 'class_labels': {1: 2}}})": ("class_labels must", "{1"),
    "wandb.Image(noise, masks={'m': {'mask_data': mask, 'class_labels': [1]}})": ("class_labels must", "[1]"),
    "wandb.Image(noise, masks={'m': {'path': 'missing.png'}})": ("wandb.Image", "'missing.png'"),
    "wandb.Image(noise, masks={'m': {'path': 'folder'}})": ("wandb.Image", "'folder'"),
    "wandb.Classes([{'id': 1}])": ("`name`", "{'id': 1}"),
    "wandb.Classes([{'name': 'a'}])": ("`id`", "{'name': 'a'}"),
    "wandb.Classes([7])": ("`id`", "7"),
    "wandb.Classes(7)": ("`id`", "7"),
    "wandb.Classes(None)": ("`id`", "None"),
    "wandb.Classes('ab')": ("`id`", "'a'"),
    "wandb.Image(noise, classes=7)": ("`id`", "7"),
    "wandb.Image(noise, classes={1: 'a'})": ("`id`", "1"),
    "wandb.Html(7)": ("wandb.Html", "int"),
    "wandb.Html(None)": ("wandb.Html", "NoneType"),
    "wandb.Html(b'<p>')": ("wandb.Html", "bytes"),
    "wandb.Html(pathlib.Path('no.html'))": ("wandb.Html", "'no.html'"),
    "wandb.Html(pathlib.Path('folder'))": ("wandb.Html", "'folder'"),
    "wandb.Html('latin.html')": ("wandb.Html", "UTF-8", "'latin.html'"),
    "wandb.Html('\\ud800')": ("surrogates",),
    "wandb.Html(open('thing.glb', 'rb'))": ("wandb.Html", "UTF-8"),
    "wandb.Html(Numbers())": ("wandb.Html", "Numbers", "int"),
    "wandb.Object3D(np.zeros((2, 5)))": ("wandb.Object3D", "(2, 5)"),
    "wandb.Object3D(np.zeros(3))": ("wandb.Object3D", "(3,)"),
    "wandb.Object3D(np.zeros((2, 3, 3)))": ("wandb.Object3D", "(2, 3, 3)"),
    "wandb.Object3D(np.zeros((2, 3), complex))": ("wandb.Object3D", "complex"),
    "wandb.Object3D([[1, 2, 3]])": ("wandb.Object3D", "list"),
    "wandb.Object3D(None)": ("wandb.Object3D", "NoneType"),
    "wandb.Object3D(7)": ("wandb.Object3D", "int"),
    "wandb.Object3D({'type': 'radar'})": ("wandb.Object3D", "'radar'"),
    "wandb.Object3D({'points': []})": ("wandb.Object3D", "None"),
    "wandb.Object3D({'type': 'lidar/beta', 'points': object()})": ("wandb.Object3D", "object"),
    "wandb.Object3D({'type': 'lidar/beta', 'points': 'abc', 'boxes': 7})": ("wandb.Object3D", "str"),
    "wandb.Object3D({'type': []})": ("wandb.Object3D", "[]"),
    "wandb.Object3D('thing.ply')": ("wandb.Object3D", "'thing.ply'"),
    "wandb.Object3D('no.obj')": ("wandb.Object3D", "'no.obj'"),
    "wandb.Object3D('x' * 5000 + '.obj')": ("wandb.Object3D", "File name too long"),
    "wandb.Object3D('a\\0b.obj')": ("wandb.Object3D", "'a\\x00b.obj'"),
    "wandb.Object3D(io.StringIO('v'))": ("wandb.Object3D", "None"),
    "wandb.Object3D(io.StringIO('v'), file_type='ply')": ("wandb.Object3D", "'ply'"),
    "wandb.Object3D(io.StringIO('v'), file_type=[])": ("wandb.Object3D", "[]"),
    "wandb.Object3D.from_numpy([[1, 2, 3]])": ("wandb.Object3D", "list"),
    "wandb.Object3D.from_point_cloud([], [], point_cloud_type='radar')": ("wandb.Object3D", "'radar'"),
    "wandb.box3d(center=[0], size=[1] * 3, orientation=[1, 0, 0, 0], color=0)": ("wandb.box3d", "[0]"),
    "wandb.box3d(center=['a'] * 3, size=[1] * 3, orientation=[1, 0, 0, 0], color=0)": ("wandb.box3d", "['a', 'a', 'a']"),
    "wandb.box3d(center=[0] * 3, size=[1] * 3, orientation=[0] * 4, color=0)": ("wandb.box3d", "(1, 0, 0, 0)"),
    "wandb.Molecule('m.txt')": ("wandb.Molecule", "'txt'"),
    "wandb.Molecule('no.pdb')": ("wandb.Molecule", "'no.pdb'"),
    "wandb.Molecule('folder')": ("wandb.Molecule", "folder"),
    "wandb.Molecule('x' * 5000 + '.pdb')": ("wandb.Molecule", "File name too long"),
    "wandb.Molecule('a\\0b.pdb')": ("wandb.Molecule", "'a\\x00b.pdb'"),
    "wandb.Molecule(io.StringIO('ATOM'))": ("wandb.Molecule", "file_type"),
    "wandb.Molecule(io.StringIO('ATOM'), file_type='xyz')": ("wandb.Molecule", "'xyz'"),
    "wandb.Molecule(io.StringIO('ATOM'), file_type=7)": ("wandb.Molecule", "file_type", "7"),
    "wandb.Molecule(7)": ("wandb.Molecule", "int"),
    "wandb.Molecule(None)": ("wandb.Molecule", "NoneType"),
    "wandb.Molecule.from_smiles('CCO')": ("wandb.Molecule", "'rdkit'"),
    "wandb.Plotly(7)": ("wandb.Plotly", "int"),
    "wandb.Plotly(None)": ("wandb.Plotly", "NoneType"),
    "wandb.Plotly({'data': []})": ("wandb.Plotly", "dict"),
    "wandb.Plotly('figure.json')": ("wandb.Plotly", "str"),
    "wandb.Plotly(pixels)": ("wandb.Plotly", "wandb.Image"),
    "wandb.Plotly(go.Figure(layout={'meta': {'o': object()}}))": ("wandb.Plotly", "object"),
    "wandb.data_types.Bokeh(7)": ("Bokeh takes", "int"),
    "wandb.data_types.Bokeh(None)": ("Bokeh takes", "NoneType"),
    "wandb.data_types.Bokeh('no.bokeh.json')": ("wandb.Bokeh", "'no.bokeh.json'"),
    "wandb.data_types.Bokeh('thing.obj')": ("'thing.obj'",),
    "wandb.data_types.Bokeh('broken.bokeh.json')": ("'broken.bokeh.json'",),
    "wandb.data_types.Bokeh('list.bokeh.json')": ("'list.bokeh.json'",),
    "wandb.Histogram([1.0, nan])": ("range", "nan", "finite"),
    "wandb.Histogram([1.0, inf])": ("range", "inf", "finite"),
    "wandb.Histogram([1, 2], num_bins=0)": ("`bins`",),
    "wandb.Histogram([1, 2], num_bins=-3)": ("`bins`",),
    "wandb.Histogram([1, 2], num_bins=513)": ("a histogram", "513"),
    "wandb.Histogram([1, 2], num_bins=2.5)": ("`bins`",),
    "wandb.Histogram([1, 2], num_bins='x')": ("`bins`", "'x'"),
    "wandb.Histogram([1, 2], num_bins=None)": ("`bins`",),
    "wandb.Histogram(np_histogram=([1, 2], [0, 1]))": ("2 counts", "3 edges", "`np_histogram`"),
    "wandb.Histogram(np_histogram=([1, 2],))": ("`np_histogram`", "1 parts"),
    "wandb.Histogram(np_histogram=([1] * 513, range(514)))": ("a histogram", "513"),
    "wandb.Histogram(np_histogram=7)": ("`np_histogram`", "7"),
    "wandb.Table(columns='ab', data=[[1, 2]])": ("columns must", "'ab'"),
    "wandb.Table(columns=('a', 'b'), data=[[1, 2]])": ("columns must", "('a', 'b')"),
    "wandb.Table(columns=[1.5], data=[[1]])": ("names of", "of float"),
    "wandb.Table(columns=[None], data=[[1]])": ("names of", "NoneType"),
    "wandb.Table(columns=['a', 'b'], data=[[1, 2], [3]])": ("2 columns", "row 1", "[3]"),
    "wandb.Table(columns=['a', 'b'], data=[[1, 2], 3])": ("data", "row", "int"),
    "wandb.Table(columns=['a', 'b'], data=[[1, 2], None])": ("data", "row", "NoneType"),
    "wandb.Table(columns=['a'], data=[[1], ['x']])": ("row 1", "'a'", "'x'"),
    "wandb.Table(columns=['a'], data=[[1], [[2]]])": ("row 1", "'a'", "[2]"),
    "wandb.Table(columns=['a'], data=[[1], [None]], optional=False)": ("row 1", "'a'", "optional=True"),
    "wandb.Table(columns=['a'], data='text')": ("data must", "'text'"),
    "wandb.Table(columns=['a'], data=7)": ("data must", "7"),
    "wandb.Table(columns=['a'], data={'a': [1]})": ("data must", "{'a'"),
    "wandb.Table(columns=['a'], data=np.zeros(3))": ("an array", "(3,)"),
    "wandb.Table(columns=['a'], data=np.zeros((2, 2)))": ("This table", "(2, 2)"),
    "wandb.Table(dataframe=[[1]])": ("dataframe must", "[[1]]"),
    "wandb.Table(columns=['a'], data=[[1]], dtype=[int, str])": ("dtype", "2 items", "1 columns"),
    "wandb.Table(columns=['a'], data=[['x']], dtype=int)": ("Data row", "'x'"),
    "wandb.Table(columns=['a'], data=[[1]], optional=[True, False])": ("optional", "2 items", "1 columns"),
    "wandb.Table(columns=['a'], data=[[1]], log_mode='other')": ("log_mode must", "'other'"),
    "wandb.Table(columns=['a'], data=[[1]], log_mode=7)": ("log_mode must", "7"),
    "wandb.Table(columns=['a'], data=[[1]]).add_data(1, 2)": ("This table", "(1, 2)"),
    "wandb.Table(columns=['a'], data=[[1]]).add_data('x')": ("column 'a'", "'x'"),
    "wandb.Table(columns=['a'], data=[[1]]).add_data()": ("1 columns", "0 cells"),
    "wandb.Table(columns=['a'], data=[[1]]).add_column('b', [1, 2])": ("'b'",),
    "wandb.Table(columns=['a'], data=[[1]]).add_column('a', [1])": ("a new", "'a'"),
    "wandb.Table(columns=['a'], data=[[1]]).add_column(7, [1])": ("a new", "7"),
    "wandb.Table(columns=['a'], data=[[1]]).add_column('b', 'text')": ("a column", "'text'"),
    "wandb.Table(columns=['a'], data=[[1]]).add_column('b', [1], optional='yes')": ("optional must", "'yes'"),
    "wandb.Table(columns=['a'], data=[[1], [2]]).add_column('b', [1, 'x'])": ("Data row", "'x'"),
    "wandb.Table(columns=['a'], data=[[1]]).get_column('b')": ("the table", "'b'"),
    "wandb.Table(columns=['a'], data=[[1]]).get_column('a', convert_to='list')": ("convert_to must", "'list'"),
    "wandb.Table(columns=['a'], data=[[1]]).cast('b', int)": ("the table", "'b'"),
    "wandb.Table(columns=['a'], data=[[1]]).cast('a', str)": ("column 'a'", "String"),
    "wandb.Table(columns=['a'], data=[[1]]).cast('a', object())": ("column 'a'",),
    "wandb.Table(columns=['a'], data=[[1]]).set_pk('b')": ("the table", "'b'"),
    "wandb.Table(columns=['a'], data=[[1]]).set_pk('a')": ("column 'a'", "1"),
    "wandb.Table(columns=['a'], data=[[1]]).set_fk('b', wandb.Table(), 'Input')": ("the table", "'b'"),
    "wandb.Table(columns=['a'], data=[['x']]).set_fk('a', 7, 'Input')": ("`table`", "7"),
    "wandb.Table(columns=['a'], data=[[1]]).add_computed_columns(lambda n, row: 7)": ("dict", "7", "row 0"),
    "wandb.Table(columns=['a'], data=[[1]]).add_computed_columns(lambda n, row: {'a': 1})": ("a new", "'a'"),
    "wandb.Table(columns=['a'], data=[[1], [2]]).add_computed_columns(lambda n, row: {f'c{n}': 1})": ("'c0'",),
    "wandb.Table(columns=['a'], data=[[1]]).index_ref(5)": ("there is", "no row 5"),
    "wandb.JoinedTable('no', 'no', 'a')": ("table1 must", "'no'"),
    "wandb.JoinedTable(7, 'a.table.json', 'a')": ("table1 must", "7"),
    "wandb.JoinedTable(wandb.Table(), wandb.Table(), 7)": ("join_key must", "7"),
    "wandb.JoinedTable(wandb.Table(), wandb.Table(), ['a'])": ("join_key must", "['a']"),
    "wandb.JoinedTable(wandb.Table(), wandb.Table(), ['a', 'b', 'c'])": ("join_key must", "['a', 'b', 'c']"),
    "wandb.plot.line([[1, 2]], 'a', 'b')": ("`data_table`", "list"),
    "wandb.plot.line(None, 'a', 'b')": ("`data_table`", "NoneType"),
    "wandb.plot.scatter([[1, 2]], 'a', 'b')": ("`data_table`", "list"),
    "wandb.plot.bar([[1, 2]], 'a', 'b')": ("`data_table`", "list"),
    "wandb.plot.histogram([1, 2], 'a')": ("`data_table`", "list"),
    "wandb.plot.line_series([[1], [2], [3]], [[1], [2]])": ("`xs`", "3 lists", "2 lines"),
    "wandb.plot.line_series([1], [[1], [2]], keys=['p'])": ("`keys`", "1 names", "2 lines"),
    "wandb.plot.line_series(7, [[1]])": ("`xs`", "7"),
    "wandb.plot.line_series([1], 7)": ("`ys`", "7"),
    "wandb.plot.line_series([1, 'a'], [[1, 2]])": ("'step'", "'a'"),
    "wandb.plot.confusion_matrix([[1, 0]], [0], [0])": ("`probs`", "`preds`"),
    "wandb.plot.confusion_matrix()": ("`probs`", "`preds`"),
    "wandb.plot.confusion_matrix(y_true=[0], preds=[0, 1])": ("2 predictions", "1 true"),
    "wandb.plot.confusion_matrix(y_true=None, preds=[0, 1])": ("`y_true`",),
    "wandb.plot.confusion_matrix(y_true=[0, 0], preds=[0, 1], class_names=['n'])": ("2 predicted", "1 names", "`class_names`"),
    "wandb.plot.confusion_matrix(y_true=[0, 'a'], preds=[0, 1])": ("classes", "one type"),
    "wandb.plot.confusion_matrix(y_true=[0, 5], preds=[0, 1], class_names=['a', 'b'])": ("class 5", "`class_names`"),
    "wandb.plot.confusion_matrix(probs=[1, 0], y_true=[0, 1])": ("`probs`", "(2,)"),
    "wandb.plot.confusion_matrix(probs='ab', y_true=[0, 1])": ("`probs`", "()"),
    "wandb.plot_table('me/mine', None, {})": ("`data_table`", "NoneType"),
    "wandb.visualize('some', {})": ("`value`", "dict"),
}

# Where the released client raises another error, or none: the declared case, and our error.
OTHER_ERRORS = {
    "wandb.Audio(np.zeros((4, 0)), sample_rate=8000)": (BARE_SAMPLES, "ValueError"),
    "wandb.Audio([0.1], sample_rate=-1)": (BARE_SAMPLES, "ValueError"),
    "wandb.Audio(None, sample_rate=8000)": (BARE_SAMPLES, "ValueError"),
    "wandb.Audio(7, sample_rate=8000)": (BARE_SAMPLES, "ValueError"),
    "wandb.Audio(b'RIFF', sample_rate=8000)": (BARE_SAMPLES, "ValueError"),
    "wandb.Audio({'a': 1}, sample_rate=8000)": (BARE_SAMPLES, "ValueError"),
    "wandb.Video(np.zeros((2, 8, 8, 3), np.uint8), format='gif')": (CHANNELS, "ValueError"),
    "wandb.Video(np.zeros((2, 5, 8, 8), np.uint8), format='gif')": (CHANNELS, "ValueError"),
    "wandb.Video(np.zeros((2, 3, 8, 8), complex), format='gif')": (NO_NUMBERS, "ValueError"),
    "wandb.Video(np.zeros((2, 3, 8, 8), object), format='gif')": (NO_NUMBERS, "ValueError"),
    "wandb.Video(np.zeros((2, 3, 8, 8), np.uint8), format='gif', fps=-1)": (FRAMES, "ValueError"),
    "wandb.Image(np.zeros(()))": (FORMS, "ValueError"),
    "wandb.Image(np.full((4, 6), np.nan))": (NAN, "ValueError"),
    "wandb.Image(np.zeros((4, 6), complex))": (NO_NUMBERS, "TypeError"),
    "wandb.Image(np.full((4, 6), 'a'))": (FORMS, "TypeError"),
    "wandb.Image(np.array(['2020'], dtype='datetime64'))": (FORMS, "TypeError"),
    "wandb.Image([[1, 2], [3]])": (FORMS, "TypeError"),
    "wandb.Image(None)": (FORMS, "TypeError"),
    "wandb.Image(7)": (FORMS, "TypeError"),
    "wandb.Image(b'bytes')": (FORMS, "TypeError"),
    "wandb.Image({'a': 1})": (FORMS, "TypeError"),
    "wandb.Image(noise, mode=7)": (FORMS, "ValueError"),
    "wandb.Image(noise, boxes={'b': [box]})": (FORMS, "TypeError"),
    "wandb.Image(noise, boxes={'b': None})": (FORMS, "TypeError"),
    "wandb.Image(noise, boxes={'b': {}})": (FORMS, "TypeError"),
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'domain': 'pixels'}]}})": (DOMAIN, "ValueError"),
    "wandb.Image(noise, boxes={'b': {'box_data': [box], 'class_labels': [1]}})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': mask})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': None})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': {}})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.full((5, 7), nan)}})": (MASK_NUMBERS, "TypeError"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.full((5, 7), 'a')}})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': {'mask_data': np.zeros((0, 7))}})": (FORMS, "TypeError"),
    "wandb.Image(noise, masks={'m': {'mask_data': mask, 'class_labels': [1]}})": (FORMS, "TypeError"),
    "wandb.Classes([{'id': 1}])": (FORMS, "ValueError"),
    "wandb.Classes([{'name': 'a'}])": (FORMS, "ValueError"),
    "wandb.Classes([7])": (FORMS, "ValueError"),
    "wandb.Classes('ab')": (FORMS, "ValueError"),
    "wandb.Image(noise, classes={1: 'a'})": (FORMS, "ValueError"),
    "wandb.Html(open('thing.glb', 'rb'))": (STREAMS, "UnicodeDecodeError"),
    "wandb.Object3D({'type': 'lidar/beta', 'points': object()})": (SCENES, "ValueError"),
    "wandb.Object3D({'type': 'lidar/beta', 'points': 'abc', 'boxes': 7})": (SCENES, "ValueError"),
    "wandb.Object3D(io.StringIO('v'), file_type=[])": (SCENES, "ValueError"),
    "wandb.box3d(center=[0], size=[1] * 3, orientation=[1, 0, 0, 0], color=0)": (BOX_SHAPES, "ValueError"),
    "wandb.data_types.Bokeh(7)": (BOKEH, "TypeError"),
    "wandb.data_types.Bokeh(None)": (BOKEH, "TypeError"),
    "wandb.data_types.Bokeh('no.bokeh.json')": (BOKEH, "FileNotFoundError"),
    "wandb.data_types.Bokeh('thing.obj')": (BOKEH, "ValueError"),
    "wandb.data_types.Bokeh('broken.bokeh.json')": (BOKEH, "ValueError"),
    "wandb.data_types.Bokeh('list.bokeh.json')": (BOKEH, "ValueError"),
    "wandb.Table(columns=['a'], data=np.zeros(3))": (TABLE_ARGUMENTS, "ValueError"),
    "wandb.Table(columns=['a'], data=[[1]], dtype=[int, str])": (TABLE_ARGUMENTS, "ValueError"),
    "wandb.Table(columns=['a'], data=[[1]], optional=[True, False])": (TABLE_ARGUMENTS, "ValueError"),
    "wandb.plot.confusion_matrix()": (PLOTS, "ValueError"),
    "wandb.plot.confusion_matrix(y_true=None, preds=[0, 1])": (PLOTS, "ValueError"),
    "wandb.plot.confusion_matrix(y_true=[0, 5], preds=[0, 1], class_names=['a', 'b'])": (PLOTS, "ValueError"),
    "wandb.plot.confusion_matrix(probs=[1, 0], y_true=[0, 1])": (PLOTS, "ValueError"),
    "wandb.plot.confusion_matrix(probs='ab', y_true=[0, 1])": (PLOTS, "ValueError"),
}
# fmt: on

# What is odd, and kept by both.
KEPT = [
    "wandb.Audio([0.1], sample_rate=8000, caption=7)",
    "wandb.Video(np.full((2, 3, 8, 8), nan), format='gif')",
    "wandb.Video(np.full((2, 3, 8, 8), 300), format='gif')",
    "wandb.Image(np.full((4, 6), inf))",
    "wandb.Image(np.full((4, 6), 1e300))",
    "wandb.Image(noise, caption=7)",
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'class_id': 99}], 'class_labels': {1: 'cat'}}})",
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'scores': {'a': nan}}]}})",
    "wandb.Image(noise, boxes={'b': {'box_data': [{**box, 'position': {'minX': nan, 'maxX': 1, 'minY': 0, 'maxY': 1}}]}})",
    "wandb.Image(noise, masks={'m': {'mask_data': np.zeros((50, 70))}})",
    "wandb.Image(noise, masks={'m': {'mask_data': mask, 'class_labels': {7: 'road'}}})",
    "wandb.Image(noise, masks={'m': {'path': 'text.png'}})",
    "wandb.Html('no.html')",
    "wandb.Html('x' * 5000 + '.html')",
    "wandb.Html('a\\0b')",
    "wandb.Object3D(np.zeros((0, 3)))",
    "wandb.Object3D(np.full((2, 3), nan))",
    "wandb.Plotly(go.Figure(go.Scatter(x=[nan, inf], y=[1, 2])))",
    "wandb.Histogram([True, False])",
    "wandb.Table(columns=['a', 'a'], data=[[1, 2]])",
    "wandb.Table(columns=['a'], data=[[nan], [inf]])",
    "wandb.Table(columns=['a'], data=[[1], ['x']], allow_mixed_types=True)",
    "wandb.Table(columns=['x' * 5000], data=[['\\u202e\\0']])",
    "wandb.Table()",
    "wandb.plot.line(table, 'no', 'b')",
    "wandb.plot.histogram(table, 'no')",
    "wandb.plot.line_series([1, 2, 3], [[1, 2]])",
    "wandb.plot.confusion_matrix(probs=[[nan, 1]], y_true=[0])",
    "wandb.plot_table('me/mine', table, None)",
]

SCRIPT = """
import io, json, os, pathlib, math, sys, warnings, zlib, struct
import numpy as np
import matplotlib, PIL.Image
matplotlib.use("agg")
from matplotlib import pyplot as plt
import plotly.graph_objects as go
import wandb, wandb.data_types
nan, inf = math.nan, math.inf
random = np.random.default_rng(0)
noise = random.integers(0, 256, (5, 7, 3), dtype=np.uint8)
mask = random.integers(0, 3, (5, 7))
os.mkdir("folder")
pathlib.Path("text.png").write_text("no picture")
PIL.Image.fromarray(random.integers(0,256,(64,64,3),dtype=np.uint8)).save("whole.png")
data = pathlib.Path("whole.png").read_bytes()
pathlib.Path("cut.png").write_bytes(data[:len(data)//2])
def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
pathlib.Path("bomb.png").write_bytes(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 1, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\\0" * 1000)) + chunk(b"IEND", b""))
pathlib.Path("evil.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
pathlib.Path("latin.html").write_bytes(b"<p>\\xe9\\xff")
pathlib.Path("thing.obj").write_text("v 0 0 0")
pathlib.Path("thing.ply").write_text("ply")
pathlib.Path("clip.avi").write_text("ply")
pathlib.Path("m.txt").write_text("ply")
pathlib.Path("thing.glb").write_bytes(b"glTF\\x00\\xff")
pathlib.Path("broken.bokeh.json").write_text("{")
pathlib.Path("list.bokeh.json").write_text("[]")
class Numbers:
    def read(self): return 7
    def seek(self, n): pass
closed = io.StringIO("a"); closed.close()
box = {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1, "scores": {"a": 0.5}, "box_caption": "cat"}
pixels, axes = plt.subplots()
axes.imshow([[0, 1], [2, 3]])
table = wandb.Table(columns=["a", "b"], data=[[1, 2]])

asked = json.loads(pathlib.Path("asked.json").read_text())
told = {}
with wandb.init(settings=wandb.Settings(console="off", x_disable_meta=True)) as run:
    for at, line in enumerate(asked["lines"]):
        try:
            value = eval(line)
            # Some odd values end the released client's service.
            if asked["logged"]:
                run.log({"before": at, "value": value, "after": at})
        except Exception as err:
            told[line] = {"error": type(err).__name__, "message": str(err)}
        else:
            told[line] = {}
        run.log({"next": at})
pathlib.Path("told.json").write_text(json.dumps(told))
"""
