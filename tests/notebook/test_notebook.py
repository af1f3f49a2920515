"""What runs do in a notebook, by a real kernel."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import nbformat
import pytest

from notebook.conftest import START
from oracle.decode import read_run, run_folders

pytestmark = [
    pytest.mark.timeout(120),
    # Its own business: how the kernel's client closes its sockets and tells of encryption.
    pytest.mark.filterwarnings("ignore"),
]


def logs_of(ran):
    return [read_run(folder) for folder in run_folders(ran.folder)]


def test_a_run_shows_itself_as_html(notebook):
    ran = notebook(START, "run.log({'loss': 1.0})", "run.log({'loss': 0.5})\nrun.finish()")

    assert not ran.errors
    (opened,) = ran.html(0)
    (closed,) = ran.html(2)
    assert re.match(r"Run \w{8}, kept offline in ./wandb/offline-run", opened)
    assert "<h3>Run history</h3>" in closed
    assert "█▁" in closed
    assert "<h3>Run summary</h3>" in closed
    assert "0.5" in closed
    assert [ran.text(cell, "stderr") for cell in range(3)] == ["", "", ""]


@pytest.mark.parametrize("setting", ["silent", "quiet"])
def test_a_quiet_run_shows_nothing(notebook, setting):
    ran = notebook(START.replace("'x_", f"'{setting}': True, 'x_"), "run.finish()")

    assert (ran.html(0), ran.html(1)) == ([], [])


def test_a_new_run_ends_the_one_before_and_config_may_change(notebook):
    ran = notebook(
        START,
        "run.config.lr = 1\nrun.config.lr = 2",
        "first = run\n" + START,
        "print(first._is_finished, run is not first, wandb.run is run)",
    )

    assert not ran.errors
    assert ran.text(3) == "True True True\n"
    first, second = logs_of(ran)
    assert first.config["lr"] == 2
    assert first.exit_code == 0
    assert second.exit_code == 0  # the kernel's end is the end of its run


def test_the_run_is_the_last_value_of_a_cell_and_can_be_displayed(notebook):
    ran = notebook(START, "run", "print(run.display(height=99))", "run.to_html()")

    assert not ran.errors
    assert ran.html(1)[0].startswith("<p>Run ")
    assert ran.html(2) == ran.html(1)
    assert ran.text(2) == "True\n"


def test_line_magic_shows_the_run_and_cell_magic_runs_the_cell(notebook):
    ran = notebook(
        "import wandb",
        "%wandb",
        "%%wandb -h 99\nprint('ran')\n" + START.replace("import wandb\n", ""),
        "%wandb",
        "%%wandb\nprint('again')",
        "%wandb --nonsense",
        "%wandb 'a",
        "%wandb nobody/nothing/none",
        "%%wandb -h tall\nprint('not run')",
    )

    assert ran.html(1) == []
    assert ran.text(2) == "ran\n"
    assert [shown.startswith("<p>Run ") for shown in ran.html(2)] == [True]
    assert ran.html(3) == ran.html(2) == ran.html(4)
    assert ran.text(4) == "again\n"
    assert [ran.error(cell) for cell in (5, 6, 8)] == ["UsageError"] * 3
    assert "There is nothing to show at" in ran.html(7)[0]
    assert ran.text(8) == ""


def test_time_between_cells_is_no_runtime(notebook):
    ran = notebook(
        START,
        "hooks = run._cells\nhooks._after_cell()\nhooks._paused_at -= 1000\nhooks._before_cell()",
        "run.log({'a': 1})\nrun.finish()",
    )

    assert not ran.errors
    (log,) = logs_of(ran)
    # The clock was told that a thousand seconds were idle, so the run has not begun yet.
    assert log.rows[0]["_runtime"] == 0
    assert log.of_kind("exit")[0].get("runtime", 0) == 0


def test_events_of_cells_stop_the_clock_and_start_it(notebook):
    ran = notebook(
        START,
        "print(run._cells._paused_at)",
        "hooks = lambda: sum(get_ipython().events.callbacks.values(), [])\n"
        "count = lambda: sum('CellHooks' in repr(hook) for hook in hooks())\n"
        "before = count(); run.finish(); print(before, count())",
    )

    assert not ran.errors
    assert ran.text(1) == "None\n"
    assert ran.text(2) == "2 0\n"


SAVING = START.replace("init(", "init(save_code=True, ")


def test_history_of_the_session_is_kept_where_code_is(notebook):
    ran = notebook(
        "x = 1",
        SAVING,
        "print('said')\nx + 1",
        "from IPython.display import HTML, Image, display\n"
        "display(HTML('<b>shown</b>')); display({'image/png': b'bytes'}, raw=True)",
        "publish = get_ipython().display_pub.publish\nrun.finish()\n"
        "print(get_ipython().display_pub.publish == publish)",
    )

    assert not ran.errors
    (file,) = ran.folder.glob("wandb/*run-*/files/code/*")
    kept = nbformat.read(file, as_version=4)
    nbformat.validate(kept)
    assert file.name == "_session_history.ipynb"
    assert [cell.source for cell in kept.cells] == [cell.source for cell in ran.cells]
    assert [cell.execution_count for cell in kept.cells] == [1, 2, 3, 4, 5]
    assert kept.cells[2].outputs[0]["text"] == "2"
    shown = [output["data"] for output in kept.cells[3].outputs]
    assert shown[0]["text/html"] == "<b>shown</b>"
    assert shown[1]["image/png"] == "Ynl0ZXM="
    assert kept.metadata.language_info["name"] == "python"
    assert ran.text(4) == "False\n"  # what listened to displays is gone
    (log,) = logs_of(ran)
    assert log.of_kind("files")[-1] == {"files": [{"path": "code/_session_history.ipynb"}]}
    assert log.config["_wandb"]["session_history"] == "code/_session_history.ipynb"


def test_without_code_saving_no_history_is_kept(notebook):
    ran = notebook(START, "1 + 1", "run.finish()")

    assert list(ran.folder.glob("wandb/*/files/code")) == []


def test_a_history_that_can_not_be_kept_does_not_keep_the_run_from_ending(notebook):
    ran = notebook(SAVING, "open(run.dir + '/code', 'w').close()", "run.finish()")

    assert not ran.errors
    assert "history of this notebook's session is not kept" in ran.text(2, "stderr")
    assert logs_of(ran)[0].exit_code == 0


FACTS = """
import wandb
settings = wandb.setup().settings
names = ("x_jupyter_path", "x_jupyter_name", "x_jupyter_root", "program", "notebook_name")
import json
print(json.dumps([getattr(settings, name) for name in names]))
print(settings._jupyter, settings._ipython, settings._notebook, settings._args)
"""


def facts(ran, cell=0):
    return json.loads(ran.text(cell).splitlines()[0])


def test_the_notebook_is_named_by_its_variable(notebook, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mine.ipynb").write_text("{}")
    ran = notebook(FACTS, START, WANDB_NOTEBOOK_NAME="mine.ipynb")

    root = str(tmp_path / "work")
    assert facts(ran) == ["mine.ipynb", "mine.ipynb", root, "mine.ipynb", "mine.ipynb"]
    assert ran.text(0).splitlines()[1] == "True False True []"
    (log,) = logs_of(ran)
    assert any(one.get("program") == f"{root}/mine.ipynb" for one in log.of_kind("environment"))
    assert log.of_kind("telemetry")[0]["env"] == {"jupyter": True}


def test_a_notebook_that_is_not_there_is_told(notebook):
    ran = notebook(FACTS, START, WANDB_NOTEBOOK_NAME="none.ipynb")

    assert facts(ran)[:3] == [None, None, None]
    assert "There is no notebook 'none.ipynb'" in ran.text(1, "stderr")


@pytest.mark.parametrize("server_file", ["jpserver-1.json", "nbserver-1.json"])
def test_the_notebook_is_named_by_the_server_of_its_kernel(notebook, tmp_path, server_file):
    asked = []

    class Sessions(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            (kernel,) = (tmp_path / "runtime").glob("kernel-*.json")
            mine = {"id": kernel.stem.removeprefix("kernel-")}
            told = [
                {"kernel": {"id": "another"}, "notebook": {"path": "other.ipynb", "name": "o"}},
                {"kernel": mine, "notebook": {"path": "deep/mine.ipynb", "name": "mine.ipynb"}},
            ]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Sessions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    address = f"http://127.0.0.1:{server.server_port}/base/"
    said = {"url": address, "token": "a b", "root_dir": "/served", "password": False}
    (runtime / server_file).write_text(json.dumps(said))
    (runtime / "jpserver-0.json").write_text("no json")
    try:
        ran = notebook(FACTS)
    finally:
        server.shutdown()
        server.server_close()

    assert facts(ran)[:4] == ["deep/mine.ipynb", "mine.ipynb", "/served", "deep/mine.ipynb"]
    assert asked == ["/base/api/sessions?token=a%20b"]


def test_the_notebook_is_named_by_the_editor(notebook):
    ran = notebook("__vsc_ipynb_file__ = '/code/mine.ipynb'", FACTS)

    assert facts(ran, 1)[:3] == ["/code/mine.ipynb", "mine.ipynb", "/code"]


def test_a_missing_key_is_an_error_where_nobody_can_be_asked(notebook):
    ran = notebook("import wandb\nwandb.login(host='https://example.invalid')", WANDB_MODE="online")

    assert ran.error(0) == "UsageError"


def test_libraries_find_the_shell_by_the_originals_path(notebook):
    ran = notebook("from wandb.sdk.lib import ipython\nprint(ipython.in_jupyter())")

    assert ran.text(0) == "True\n"
