"""System metrics beside the released client's: the same names, records and hardware."""

import importlib.util
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from oracle.decode import read_records
from oracle.harness import run_script

FAKE_NVML = Path(__file__).resolve().parent / "fakes" / "nvml.c"
pytestmark = [pytest.mark.released, pytest.mark.timeout(120)]

# Goes on until each kind of metric that is wanted was sampled twice.
SAMPLED = """
import json, os, sys, time
os.environ["FAKE_NVML_PID"] = str(os.getpid())
wanted, settings = json.loads(sys.argv[1])
import wandb
run = wandb.init(settings=wandb.Settings(
    console="off", silent=True, x_stats_sampling_interval=0.1, x_stats_buffer_size=50, **settings
))
def sampled(kind):
    kept = run._system_metrics
    return any(name.startswith(kind) and len(kept[name]) > 1 for name in kept)
until = time.monotonic() + 40
while not all(map(sampled, wanted)) and time.monotonic() < until:
    time.sleep(0.1)
if not wanted:
    time.sleep(1.5)  # many samples long
kept = run._system_metrics
print(json.dumps({name: type(kept[name][0][0]).__name__ for name in kept}))
run.finish()
"""


class Sampled:
    def __init__(self, finished):
        assert finished.exit_code == 0, finished.stderr
        self.kept = json.loads(finished.stdout.splitlines()[-1])
        (journal,) = finished.folder.rglob("run-*.wandb")
        records = read_records(journal)
        self.stats = [one["stats"] for one in records if "stats" in one]
        self.items = [item for one in self.stats for item in one["item"]]
        self.values = {item["key"]: json.loads(item["value_json"]) for item in self.items}
        self.hardware = {}
        for record in records:
            self.hardware |= record.get("environment", {})


@pytest.fixture
def sample(tmp_path):
    def run(client, *wanted, environment=None, **settings):
        folder = tmp_path / client.name
        folder.mkdir()
        return Sampled(
            run_script(
                client,
                folder,
                SAMPLED,
                arguments=[json.dumps([wanted, settings])],
                environment={"WANDB_X_DISABLE_STATS": "false", **(environment or {})},
                timeout_secs=60,
            )
        )

    return run


def test_names_and_records_are_the_released_clients(ours, released, sample):
    mine, theirs = sample(ours, "cpu", "network"), sample(released, "cpu", "network")

    assert mine.values.keys() == theirs.values.keys()
    assert mine.kept == dict.fromkeys(mine.values, "datetime")
    assert set(theirs.kept.values()) == {"datetime"}
    assert {frozenset(one) for one in mine.stats} == {frozenset(one) for one in theirs.stats}
    assert {frozenset(item) for item in mine.items} == {frozenset(item) for item in theirs.items}
    assert set(mine.stats[0]["timestamp"]) == set(theirs.stats[0]["timestamp"])
    for name in ("disk./.usageGB", "disk./.usagePercent", "memory_percent"):
        assert mine.values[name] == pytest.approx(theirs.values[name], rel=0.5)


def test_hardware_is_described_alike(ours, released, sample):
    chosen = {"x_stats_gpu_count": 3, "x_stats_gpu_type": "mine", "x_stats_cpu_count": 7}
    slurm = {"SLURM_JOB_ID": "5", "SLURM_NODELIST": "n1"}
    mine = sample(ours, "cpu", environment=slurm, **chosen).hardware
    theirs = sample(released, "cpu", environment=slurm, **chosen).hardware

    fields = ("cpu_count", "cpu_count_logical", "gpu_count", "gpu_type", "memory", "slurm")
    assert {name: mine.get(name) for name in fields} == {name: theirs.get(name) for name in fields}
    assert mine["disk"]["/"]["total"] == theirs["disk"]["/"]["total"]


@pytest.mark.parametrize("setting", ["x_disable_stats", "x_disable_machine_info"])
def test_nothing_is_sampled_where_the_user_wants_nothing(client, sample, setting):
    found = sample(client, **{setting: True})
    assert not found.stats
    assert found.kept == {}


def test_process_tree_has_the_same_names(ours, released, sample):
    settings = {"x_stats_track_process_tree": True, "x_stats_disk_paths": ["/", "/tmp"]}
    mine, theirs = sample(ours, "cpu", **settings), sample(released, "cpu", **settings)
    assert mine.values.keys() == theirs.values.keys()


# --- NVIDIA -----------------------------------------------------------------------------------


def needed(what, there):
    if there:
        return
    missing = f"{what} is missing"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def nvml(tmp_path_factory):
    """A driver's library for GPUs that are not there; both clients load it."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    needed("a C compiler (apt-get install gcc)", compiler)
    needed("pynvml (pip install nvidia-ml-py)", importlib.util.find_spec("pynvml"))
    folder = tmp_path_factory.mktemp("nvml")
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, FAKE_NVML], check=True)
    return {"LD_LIBRARY_PATH": str(folder)}


def test_nvidia_gpus_are_sampled_as_the_released_client_does(ours, released, sample, nvml):
    mine = sample(ours, "cpu", "gpu.1.gpu", environment=nvml)
    theirs = sample(released, "cpu", "gpu.1.gpu", environment=nvml)
    shown, known = gpu_values(mine), gpu_values(theirs)

    assert {name: shown.get(name) for name in known} == pytest.approx(known)
    more = {name.rpartition(".")[2] for name in shown.keys() - known if ".process." not in name}
    assert more == {"graphicsClock", "encoderUtilization"}
    assert {name for name in shown if ".process." in name} == {
        f"gpu.process.1.{name}"
        for name in (
            "enforcedPowerLimitWatts",
            "gpu",
            "memory",
            "memoryAllocated",
            "memoryAllocatedBytes",
            "powerPercent",
            "powerWatts",
            "temp",
        )
    }


def gpu_values(sampled):
    return {name: value for name, value in sampled.values.items() if name.startswith("gpu.")}


# --- endpoints --------------------------------------------------------------------------------

EXPOSED = b"""# TYPE g_a gauge
g_a{gpu="0",host="x"} 1.5
g_a{gpu="1",host="y"} 2.5
# TYPE c_c_total counter
c_c_total 8
# TYPE h histogram
h_bucket{le="1"} 1
h_sum 3
h_count 2
plain 9
"""
ANSWERED = json.dumps(
    {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [
                {
                    "metric": {"__name__": name, "gpu": str(at), **more},
                    "value": [1.7, str(at + 0.5)],
                }
                for at, (name, more) in enumerate(
                    [
                        ("DCGM_FI_DEV_GPU_TEMP", {"node": "n1", "Hostname": "h"}),
                        ("DCGM_FI_DEV_POWER_USAGE", {}),
                        ("DCGM_FI_PROF_SM_ACTIVE", {}),
                        ("DCGM_FI_DEV_FB_USED", {"node": "n2"}),
                    ]
                )
            ],
        },
    }
).encode()


@pytest.fixture
def exposed():
    """A server of metrics; tells with which headers it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_query = self.path.startswith("/api/v1/query")
            body = ANSWERED if is_query else EXPOSED
            server.asked.append(dict(self.headers))
            self.send_response(200)
            kind = "application/json" if is_query else "text/plain; version=0.0.4"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "filters",
    [None, {"EP.g_a": {"gpu": "1"}}, ["g_a", "EP.c_.*"]],
)
def test_openmetrics_endpoints(client, sample, exposed, filters):
    more = {} if filters is None else {"x_stats_open_metrics_filters": filters}
    found = sample(
        client,
        "openmetrics",
        x_stats_open_metrics_endpoints={"EP": f"{exposed.url}/metrics"},
        x_stats_open_metrics_http_headers={"X-Key": "k"},
        **more,
    )
    values = {name: value for name, value in found.values.items() if "openmetrics" in name}

    kept = {2.5} if isinstance(filters, dict) else {1.5, 2.5, 8}
    assert set(values.values()) == kept
    assert {name.rpartition(".")[0] for name in values} == {
        "openmetrics.EP.g_a" if value != 8 else "openmetrics.EP.c_c_total" for value in kept
    }
    assert any(headers.get("X-Key") == "k" for headers in exposed.asked)


def test_dcgm_exporter_by_a_query(client, sample, exposed):
    query = f'{exposed.url}/api/v1/query?query=DCGM_FI_DEV_GPU_TEMP{{node="l1337", cluster="g"}}'
    found = sample(client, "gpu", x_stats_dcgm_exporter=query)

    assert {name: value for name, value in found.values.items() if name.startswith("gpu.")} == {
        "gpu.0.temp/l:n1": 0.5,
        "gpu.1.powerWatts": 1.5,
        "gpu.2.smActive": 2.5,
        "gpu.3.memoryUsed/l:n2": 3.5,
    }
