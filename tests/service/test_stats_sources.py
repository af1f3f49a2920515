"""The machine and endpoints as sources of system metrics."""

import json
import os
import subprocess
import sys
import threading
from base64 import b64encode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from wandb._http import fetch as fetching
from wandb._service.stats import dcgm_exporter, machine, openmetrics
from wandb._service.stats.options import StatsOptions, stats_options
from wandb._settings.settings import Settings

OPTIONS = StatsOptions(pid=os.getpid())


# --- the machine ------------------------------------------------------------------------------


def test_machine_tells_what_is_documented():
    metrics = machine.probe(OPTIONS).read()

    disks = {name for name in metrics if name.startswith("disk.") and name[5] != "/"}
    assert metrics.keys() - disks == {
        "cpu",
        "disk./.usageGB",
        "disk./.usagePercent",
        "memory_percent",
        "network.recv",
        "network.sent",
        "proc.cpu.threads",
        "proc.memory.availableMB",
        "proc.memory.percent",
        "proc.memory.rssMB",
    }
    assert all(name.endswith((".in", ".out")) for name in disks)
    assert 0 < metrics["memory_percent"] < 100
    assert metrics["proc.cpu.threads"] >= 1


def test_counters_begin_with_the_first_look(monkeypatch):
    counted = iter([(1000, 0), (1000, 0), (3000, 500)])
    monkeypatch.setattr(
        machine.psutil,
        "net_io_counters",
        lambda: SimpleNamespace(
            **dict(zip(("bytes_sent", "bytes_recv"), next(counted), strict=True))
        ),
    )
    here = machine.probe(OPTIONS)
    first, second = here.read(), here.read()

    assert (first["network.sent"], first["network.recv"]) == (0, 0)
    assert (second["network.sent"], second["network.recv"]) == (2000, 500)


def test_partitions_and_devices_in_memory_are_no_disks(monkeypatch):
    names = ("sda", "sda1", "nvme0n1", "nvme0n1p2", "loop0", "zram0", "dm-0", "sdb")
    counters = {name: SimpleNamespace(read_bytes=0, write_bytes=0) for name in names}
    monkeypatch.setattr(machine.psutil, "disk_io_counters", lambda perdisk: counters)

    disks = {name.split(".")[1] for name in machine.probe(OPTIONS).read() if name.endswith(".in")}
    assert disks == {"sda", "nvme0n1", "dm-0", "sdb"}


def test_path_that_is_not_there_and_process_that_ended_are_left_out():
    gone = StatsOptions(pid=2**22 + 1, disk_paths=["/", "/no/such/path"])
    metrics = machine.probe(gone).read()

    assert "disk./.usageGB" in metrics
    assert "memory_percent" in metrics
    assert not any("/no/such" in name or name.startswith("proc.cpu") for name in metrics)
    assert "cpu" not in metrics


def test_process_tree_adds_up_what_descends_from_a_process():
    count = 3
    tree = StatsOptions(pid=os.getpid(), process_tree=True)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(count)
    ]
    try:
        for child in children:
            child.stdout.readline()
        alone, all_of_it = machine.probe(OPTIONS).read(), machine.probe(tree).read()
    finally:
        for child in children:
            child.stdin.close()
            child.wait()
            child.stdout.close()

    assert all_of_it["proc.cpu.threads"] >= alone["proc.cpu.threads"] + count
    assert all_of_it["proc.memory.rssMB"] > alone["proc.memory.rssMB"] + count


# --- endpoints --------------------------------------------------------------------------------

EXPOSED = """# HELP g_a A gauge
# TYPE g_a gauge
g_a{gpu="0",host="x"} 1.5
g_a{gpu="1",host="y } z"} 2.5 1700000000
# TYPE c_b counter
c_b_total 7 # {trace_id="x"} 0.67
# TYPE c_c_total counter
c_c_total 8
# TYPE h histogram
h_bucket{le="1"} 1
h_sum 3
# TYPE s summary
s{quantile="0.5"} 4
plain 9
# TYPE g_inf gauge
g_inf +Inf
broken{ 1
"""


def read_exposed(**options):
    chosen = StatsOptions(pid=1, **options)
    return openmetrics.OpenMetrics("EP", "http://x", chosen, lambda *_: EXPOSED.encode()).read()


def test_openmetrics_counters_and_gauges():
    assert read_exposed() == {
        "openmetrics.EP.g_a.0": 1.5,
        "openmetrics.EP.g_a.1": 2.5,
        "openmetrics.EP.c_b_total.0": 7,
        "openmetrics.EP.c_c_total.0": 8,
        "openmetrics.EP.g_inf.0": float("inf"),
    }


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"EP.g_a": {"gpu": "1"}}, {"openmetrics.EP.g_a.0": 2.5}),
        ({"EP.g_a": {"no_label": ".*"}}, {}),
        ({"other.*": {}, "EP.c_c": {}}, {"openmetrics.EP.c_c_total.0": 8}),
        (["c_b", "EP.c_c.*"], {"openmetrics.EP.c_b_total.0": 7, "openmetrics.EP.c_c_total.0": 8}),
        ([], {}),
    ],
)
def test_openmetrics_filters(filters, kept):
    assert read_exposed(filters=filters) == kept


def test_series_keep_their_numbers_when_others_go():
    pages = iter([EXPOSED, EXPOSED.replace('g_a{gpu="0",host="x"} 1.5\n', "")])
    source = openmetrics.OpenMetrics(
        "EP", "http://x", StatsOptions(pid=1), lambda *_: next(pages).encode()
    )
    source.read()
    assert source.read()["openmetrics.EP.g_a.1"] == 2.5


def read_page(page, **options):
    chosen = StatsOptions(pid=1, **options)
    return openmetrics.OpenMetrics("EP", "http://x", chosen, lambda *_: page.encode()).read()


# Reading these takes for ever where the time grows with the cube of a line's length.
@pytest.mark.parametrize(
    "line",
    [
        f"g{' ' * 2_000_000}1 2 3 4",
        f"g{{{' ' * 2_000_000}}} 1",
        f"g{{{'a' * 2_000_000}}} 1",
        f"g{' ' * 8000}1 2 3 4",
    ],
)
def test_openmetrics_line_of_any_kind_is_passed_over(line):
    assert read_page(f"# TYPE g gauge\n{line}\ng 5\n") == {"openmetrics.EP.g.0": 5}


@pytest.mark.parametrize("count", [1, 3])
def test_openmetrics_spaces_before_and_between_labels(count):
    gap = " " * count
    page = f'# TYPE g gauge\ng{gap}{{{gap}a{gap}={gap}"1"{gap},{gap}b="2"{gap}}}{gap}7\n'
    assert list(openmetrics.samples_in(page)) == [
        openmetrics.Sample("g", (("a", "1"), ("b", "2")), 7)
    ]


def test_openmetrics_series_have_a_bound_that_is_said_once(caplog):
    rounds = [
        "# TYPE g gauge\n" + "".join(f'g{{id="{n}"}} {n}\n' for n in range(first, first + 1500))
        for first in (0, 750, 9000)
    ]
    pages = iter(rounds)
    source = openmetrics.OpenMetrics(
        "EP", "http://x", StatsOptions(pid=1), lambda *_: next(pages).encode()
    )

    first, second, third = (source.read() for _ in rounds)

    assert len(first) == 1000
    assert second == {f"openmetrics.EP.g.{n}": n for n in range(750, 1000)}
    assert third == {}
    assert [record.getMessage().count("more than 1000") for record in caplog.records] == [1]


# --- what is fetched --------------------------------------------------------------------------


@pytest.fixture
def site():
    """A site that tells what it was asked, or, below `/drip`, a byte at a time."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers))
            self.send_response(404 if self.path.startswith("/none") else 200)
            self.end_headers()
            with suppress(OSError):
                for _ in range(10_000 if self.path == "/drip" else 1):
                    self.wfile.write(b"x")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_user_of_an_endpoint_is_sent_as_such(site):
    host, asked = site

    assert fetching.fetch(f"http://user:s%40cret@{host}/metrics?a=b c") == b"x"
    fetching.fetch(f"http://user:secret@{host}/", {"authorization": " Bearer t\n"})

    (path, first), (_, second) = asked
    assert path == "/metrics?a=b%20c"
    assert first["Authorization"] == "Basic " + b64encode(b"user:s@cret").decode()
    assert second.get_all("Authorization") == ["Bearer t"]


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("http://user:secret@HOST/none?token=secret", {}),
        ("http://user:secret@HOST:x/", {}),
        ("http://user:secret@[HOST/", {}),
        ("http://user:se#secret@HOST/", {}),
        ("http://user:1/secret@HOST/", {}),
        ("user:secret@HOST", {}),
        ("http://HOST/", {"Authorization": "a\nsecret"}),
        ("http://HOST/", {"Authorization": "secret\u2713"}),
    ],
)
def test_no_error_tells_what_is_secret(site, address, headers):
    with pytest.raises((OSError, ValueError)) as told:
        fetching.fetch(address.replace("HOST", site[0]), headers)

    assert "secret" not in repr(told.value)
    assert told.value.__context__ is None or told.value.__suppress_context__


def test_error_tells_where_and_what(site):
    with pytest.raises(OSError, match=rf"http://{site[0]}/none can't be had: .* status is 404"):
        fetching.fetch(f"http://u:p@{site[0]}/none?x=y")


def test_answer_that_comes_too_slowly_or_is_too_long_is_given_up(site, monkeypatch):
    monkeypatch.setattr(fetching, "_MOST_SECS", -1.0)
    with pytest.raises(OSError, match="TimeoutError"):
        fetching.fetch(f"http://{site[0]}/drip")

    monkeypatch.setattr(fetching, "_MOST_SECS", 60.0)
    monkeypatch.setattr(fetching, "_MOST_BYTES", 100)
    with pytest.raises(OSError, match="more than 100 bytes"):
        fetching.fetch(f"http://{site[0]}/drip")


def test_dcgm_exporter_by_prometheus():
    def found(name, value, **labels):
        return {"metric": {"__name__": name, **labels}, "value": [1.7, value]}

    answer = {
        "data": {
            "result": [
                found("DCGM_FI_DEV_GPU_TEMP", "42", gpu="0", node="n1"),
                found("DCGM_FI_DEV_POWER_USAGE", "62.5", gpu="1"),
                found("DCGM_FI_DEV_POWER_USAGE", "62.5"),
                found("OTHER", "1", gpu="1"),
            ]
        }
    }
    source = dcgm_exporter.DcgmExporter("x", OPTIONS, lambda _: json.dumps(answer).encode())
    assert source.read() == {"gpu.0.temp/l:n1": 42, "gpu.1.powerWatts": 62.5}


def test_options_say_what_the_settings_say(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "2")
    settings = Settings(
        x_stats_sampling_interval=0.5,
        x_stats_disk_paths=("/", "/tmp"),
        x_stats_gpu_device_ids=[1],
        x_stats_gpu_count=3,
        x_stats_open_metrics_filters=["a"],
    )
    options = stats_options(settings)

    assert (options.first_secs, options.interval_secs, options.local_rank) == (0.5, 0.5, 2)
    assert options.overrides == {"gpu_count": 3}
    assert StatsOptions.of({"pid": 3, "of a later version": 1}).pid == 3
