"""Accelerators that are not there, on what their tools and drivers printed or told elsewhere."""

# ruff: noqa: N802, N815 - names of drivers

import json
import os
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from wandb._service.stats import amd, apple, graphcore, nvidia, tpu, trainium
from wandb._service.stats.grpc_call import call
from wandb._service.stats.options import StatsOptions

RECORDED = Path(__file__).parent / "recorded"
OPTIONS = StatsOptions(pid=os.getpid())


def recorded(name):
    return (RECORDED / name).read_bytes()


# --- NVIDIA -----------------------------------------------------------------------------------


class NvmlError(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value


class FakeNvml:
    """Two GPUs; the second has no fan and is used by a process."""

    NVMLError = NvmlError
    NVML_ERROR_NOT_SUPPORTED = 3
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_GRAPHICS, NVML_CLOCK_SM, NVML_CLOCK_MEM = 0, 1, 2
    NVML_MEMORY_ERROR_TYPE_CORRECTED, NVML_MEMORY_ERROR_TYPE_UNCORRECTED = 0, 1
    NVML_VOLATILE_ECC, NVML_MEMORY_LOCATION_DEVICE_MEMORY = 0, 2
    nvmlMemory_v2 = 2

    def __init__(self, pid):
        self.pid, self.fan_calls = pid, 0

    def __getattr__(self, name):
        raise AssertionError(f"no such call: {name}")

    def nvmlDeviceGetCount(self):
        return 2

    def nvmlDeviceGetHandleByIndex(self, at):
        return at

    def nvmlDeviceGetUtilizationRates(self, handle):
        return SimpleNamespace(gpu=50 + handle, memory=30)

    def nvmlDeviceGetMemoryInfo(self, handle, version=None):
        return SimpleNamespace(total=80 << 30, used=20 << 30)

    def nvmlDeviceGetTemperature(self, handle, sensor):
        return 61

    def nvmlDeviceGetPowerUsage(self, handle):
        return 123_456

    def nvmlDeviceGetEnforcedPowerLimit(self, handle):
        return 400_000

    def nvmlDeviceGetClockInfo(self, handle, kind):
        return 1000 + kind

    def nvmlDeviceGetMemoryErrorCounter(self, handle, kind, counter, place):
        return 100 * kind + 10 * counter + place

    def nvmlDeviceGetFanSpeed_v2(self, handle, fan):
        if handle == 1:
            self.fan_calls += 1
            raise NvmlError(self.NVML_ERROR_NOT_SUPPORTED)
        return 33

    def nvmlDeviceGetEncoderUtilization(self, handle):
        return [12, 100]

    def nvmlDeviceGetComputeRunningProcesses(self, handle):
        return [SimpleNamespace(pid=self.pid)] if handle == 1 else []

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle):
        raise NvmlError(999)

    def nvmlDeviceGetName(self, handle):
        return b"NVIDIA A100"

    def nvmlDeviceGetUUID(self, handle):
        return f"GPU-{handle}"

    def nvmlDeviceGetNumGpuCores(self, handle):
        return 6912

    def nvmlDeviceGetArchitecture(self, handle):
        return 7

    def nvmlSystemGetCudaDriverVersion_v2(self):
        return 12040


def test_nvidia_gpus():
    nvml = FakeNvml(os.getpid())
    gpus = nvidia.Nvidia(nvml, OPTIONS)
    metrics = gpus.read()

    assert {name: value for name, value in metrics.items() if name.startswith("gpu.0.")} == {
        "gpu.0.correctedMemoryErrors": 2,
        "gpu.0.encoderUtilization": 12,
        "gpu.0.enforcedPowerLimitWatts": 400,
        "gpu.0.fanSpeed": 33,
        "gpu.0.gpu": 50,
        "gpu.0.graphicsClock": 1000,
        "gpu.0.memory": 30,
        "gpu.0.memoryAllocated": 25,
        "gpu.0.memoryAllocatedBytes": 20 << 30,
        "gpu.0.memoryClock": 1002,
        "gpu.0.powerPercent": pytest.approx(30.864),
        "gpu.0.powerWatts": 123.456,
        "gpu.0.smClock": 1001,
        "gpu.0.temp": 61,
        "gpu.0.uncorrectedMemoryErrors": 102,
    }
    assert {name: value for name, value in metrics.items() if ".process." in name} == {
        f"gpu.process.1.{name}": metrics[f"gpu.1.{name}"]
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


def test_nvidia_gpu_of_a_child_counts_as_the_runs_and_a_strangers_does_not():
    child = os.getpid()
    assert any(".process." in name for name in _read_of_parent(child, os.getppid()))
    assert not any(".process." in name for name in _read_of_parent(1, os.getpid()))


def _read_of_parent(user, pid):
    return nvidia.Nvidia(FakeNvml(user), StatsOptions(pid=pid)).read()


def test_nvidia_gpu_is_not_asked_again_for_what_it_has_not():
    nvml = FakeNvml(1)
    gpus = nvidia.Nvidia(nvml, OPTIONS)
    assert "gpu.1.fanSpeed" not in gpus.read() | gpus.read()
    assert nvml.fan_calls == 1


def test_only_the_chosen_gpus_are_sampled_and_all_are_described():
    gpus = nvidia.Nvidia(FakeNvml(1), StatsOptions(pid=1, gpu_device_ids=[1]))

    assert {name.split(".")[1] for name in gpus.read() if ".process." not in name} == {"1"}
    device = {
        "name": "NVIDIA A100",
        "memory_total": 80 << 30,
        "cuda_cores": 6912,
        "architecture": "Ampere",
    }
    assert gpus.facts() == {
        "gpu_type": "NVIDIA A100",
        "gpu_count": 2,
        "gpu_nvidia": [{**device, "uuid": "GPU-0"}, {**device, "uuid": "GPU-1"}],
        "cuda_version": "12.4",
    }


# --- AMD --------------------------------------------------------------------------------------


def test_amd_gpus_of_rocm_5():
    cards = json.loads(recorded("rocm-smi-5.json"))

    assert amd.metrics_of(cards, OPTIONS) == {
        "gpu.0.gpu": 11,
        "gpu.0.memoryAllocated": 13,
        "gpu.0.memoryOverDrive": 2,
        "gpu.0.powerPercent": pytest.approx(15.892857142857142),
        "gpu.0.powerWatts": 89,
        "gpu.0.temp": 46,
    }
    facts = amd.facts_of(cards)
    assert (facts["gpu_type"], facts["gpu_count"]) == ("AMD INSTINCT MI250 (MCM) OAM AC MBA", 1)
    assert facts["gpu_amd"] == [
        {
            "id": "0",
            "unique_id": "0x719d230578348e8c",
            "vbios_version": "113-D65209-073",
            "performance_level": "auto",
            "gpu_overdrive": "1",
            "gpu_memory_overdrive": "2",
            "max_power": "560.0",
            "series": "AMD INSTINCT MI250 (MCM) OAM AC MBA",
            "model": "0x0b0c",
            "vendor": "Advanced Micro Devices, Inc. [AMD/ATI]",
            "sku": "D65209",
            "sclk_range": "500Mhz - 1700Mhz",
            "mclk_range": "400Mhz - 1600Mhz",
        }
    ]


def test_amd_gpus_of_rocm_6():
    metrics = amd.metrics_of(json.loads(recorded("rocm-smi-6.json")), OPTIONS)

    assert {name: value for name, value in metrics.items() if name.startswith("gpu.0.")} == {
        "gpu.0.gpu": 21,
        "gpu.0.memoryAllocated": 17,
        "gpu.0.memoryReadWriteActivity": 5,
        "gpu.0.powerPercent": pytest.approx(18.666666666666668),
        "gpu.0.powerWatts": 140,
        "gpu.0.temp": 39,
    }
    assert metrics["gpu.1.powerPercent"] == pytest.approx(18.8)


def test_amd_tool_is_asked_as_documented(tmp_path):
    tool = tmp_path / "rocm-smi"
    answer = RECORDED / "rocm-smi-6.json"
    tool.write_text(f'#!/bin/sh\n[ "$*" = "-a --json" ] && cat {answer}\n')
    tool.chmod(0o755)
    gpus = amd.Amd(str(tool), StatsOptions(pid=1, gpu_device_ids=[1]))

    assert gpus.read()["gpu.1.gpu"] == 22
    assert gpus.facts()["gpu_count"] == 2


# --- Apple, Graphcore -------------------------------------------------------------------------


def test_apple_gpu():
    metrics = apple.metrics_of(recorded("ioreg.plist"), recorded("macmon.json"), 16 << 30)

    assert metrics == {
        "gpu.0.gpu": 37,
        "gpu.0.memoryAllocated": 12.5,
        "gpu.0.temp": 36.9,
        "gpu.0.powerWatts": 3.3,
        "gpu.0.powerPercent": pytest.approx(20),
    }
    told = {
        "name": "Apple M1",
        "ecpu_cores": "4",
        "pcpu_cores": "4",
        "ram_total_bytes": str(16 << 30),
    }
    assert apple.facts_of(told, recorded("ioreg.plist"))["apple"] == {
        "name": "Apple M1",
        "ecpu_cores": 4,
        "pcpu_cores": 4,
        "gpu_cores": 8,
        "memory_gb": 16,
        "ram_total_bytes": 16 << 30,
    }


def test_apple_gpu_without_macmon_tells_what_the_system_tells():
    metrics = apple.metrics_of(recorded("ioreg.plist"), b"", 16 << 30)
    assert metrics == {"gpu.0.gpu": 37, "gpu.0.memoryAllocated": 12.5}


class FakeIpus:
    def __init__(self, devices):
        self.devices, self.live = devices, None

    def setUpdateMode(self, live):
        self.live = live

    def getDevices(self):
        return self.devices


def test_graphcore_ipus_of_the_process():
    device = {
        "id": "3",
        "user process id": "77",
        "average board temp": "42.5C",
        "clock": "1300MHz",
        "ipu power": "105.9W",
        "ipu utilisation (session)": "98.2%",
        "speed": "16GT/s",
        "serial": "0042A",
    }
    stranger = {"id": "4", "user process id": "78", "clock": "1300MHz"}
    info = FakeIpus([device, stranger])
    ipus = graphcore.Graphcore(info, 77)
    first, second = ipus.read(), ipus.read()

    changing = {
        "ipu.3.average board temp (C)": 42.5,
        "ipu.3.clock (MHz)": 1300,
        "ipu.3.ipu power (W)": 105.9,
        "ipu.3.ipu utilisation (session) (%)": 98.2,
    }
    once = {"ipu.3.id": 3, "ipu.3.user process id": 77, "ipu.3.speed (GT/s)": 16}
    assert info.live
    assert first == changing | once
    assert second == changing


# --- Trainium, TPU ----------------------------------------------------------------------------


def test_trainium_cores_of_the_process():
    report = json.loads(recorded("neuron-monitor.json"))
    metrics = trainium.metrics_of(report, StatsOptions(pid=4242))

    assert metrics["trn.0.neuroncore_utilization"] == 12.5
    assert metrics["trn.1.neuroncore_memory_usage.constants"] == 196609
    assert metrics["trn.host_total_memory_usage"] == 610705408
    assert metrics["trn.neuron_device_total_memory_usage"] == 102298328
    assert metrics["trn.host_memory_usage.application_memory"] == 609656832
    assert len(metrics) == 18


def test_trainium_core_of_the_rank():
    report = json.loads(recorded("neuron-monitor.json"))
    metrics = trainium.metrics_of(report, StatsOptions(pid=4242, local_rank=1))

    assert not any(name.startswith("trn.0.") for name in metrics)
    assert metrics["trn.1.neuroncore_utilization"] == 113.5


def test_trainium_monitor_runs_until_it_is_closed(tmp_path):
    monitor = tmp_path / "neuron-monitor"
    answer = RECORDED / "neuron-monitor.json"
    monitor.write_text(
        f'#!/bin/sh\ncat {answer}\necho\ncp "$2" {tmp_path}/copy\n'
        f"mv {tmp_path}/copy {tmp_path}/config\nexec sleep 600\n"
    )
    monitor.chmod(0o755)
    cores = trainium.Trainium(str(monitor), b'[{"nc_count": 2}]', StatsOptions(pid=4242))
    try:
        while not (tmp_path / "config").exists() or not cores.read():
            time.sleep(0.01)
        config = json.loads((tmp_path / "config").read_text())
    finally:
        cores.close()

    assert config["period"] == "15s"
    assert cores.facts() == {
        "trainium": {
            "name": "Trainium",
            "vendor": "AWS",
            "neuron_device_count": 1,
            "neuroncore_per_device_count": 2,
        }
    }
    with pytest.raises(RuntimeError, match="ended"):
        cores.read()


def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def measured(device, *, whole=None, real=None):
    attribute = field(1, b"device-id") + field(2, bytes([3 << 3, device]))
    value = b"\x10" + varint(whole) if real is None else b"\x09" + struct.pack("<d", real)
    return field(3, field(1, attribute) + field(3, value))


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def answer_of(*measurements):
    metric = b"".join(measurements)
    return b"\x0a" + varint(len(metric)) + metric


def test_tpu_chips():
    answers = {
        b"total": answer_of(measured(0, whole=16 << 30), measured(1, whole=16 << 30)),
        b"usage": answer_of(measured(0, whole=4 << 30), measured(1, whole=8 << 30)),
        b"duty": answer_of(measured(0, real=87.5)),
    }
    chips = tpu.Tpu(
        tpu.Chip("v3", 16, 2), 1, lambda request: next(answers[k] for k in answers if k in request)
    )

    assert chips.read() == {
        "tpu.0.memoryUsage": 25,
        "tpu.0.memoryUsageBytes": 4 << 30,
        "tpu.0.dutyCycle": 87.5,
        "tpu.1.memoryUsage": 50,
        "tpu.1.memoryUsageBytes": 8 << 30,
        "tpu.1.dutyCycle": 87.5,
    }
    assert chips.facts()["tpu"]["name"] == "v3"


@pytest.mark.parametrize("answer", [b"\xff", b"\x0a\x7f", b"\x0b\x01", b"\x0a\x02\x1a\x09"])
def test_tpu_answer_that_is_none_is_an_error(answer):
    with pytest.raises(ValueError, match="message"):
        tpu.gauges(answer)


def test_tpus_are_found_on_the_bus(tmp_path):
    for slot, kind in (("0", "0x0063"), ("1", "0x0063"), ("2", "0x1234")):
        (tmp_path / slot).mkdir()
        (tmp_path / slot / "vendor").write_text("0x1ae0\n")
        (tmp_path / slot / "device").write_text(f"{kind}\n")
        (tmp_path / slot / "subsystem_device").write_text("0x0000\n")
    assert [chip.name for chip in tpu.found_chips(str(tmp_path))] == ["v5e", "v5e"]


def http2(kind, flags, stream, payload):
    head = len(payload).to_bytes(3, "big") + bytes((kind, flags))
    return head + stream.to_bytes(4, "big") + payload


def served_once(answer):
    """Serve one connection with fixed bytes; return where, and what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked = bytearray()

    def serve():
        connection, _ = listener.accept()
        with connection, listener, suppress(ConnectionError):
            connection.sendall(answer)
            while piece := connection.recv(65536):
                asked.extend(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener.getsockname(), asked, thread


def test_grpc_call_brings_the_answer():
    answer = (
        http2(4, 0, 0, b"")
        + http2(6, 0, 0, b"12345678")
        + http2(1, 4, 1, b"\x88")
        + http2(0, 0, 1, struct.pack(">BI", 0, 5) + b"he")
        + http2(0, 0, 1, b"llo")
        + http2(1, 5, 1, b"\x88")
    )
    address, asked, thread = served_once(answer)
    assert call(address, "/a.B/C", b"request") == b"hello"
    thread.join()
    assert asked.startswith(b"PRI * HTTP/2.0")
    assert b"/a.B/C" in asked
    assert b"request" in asked
    assert http2(6, 1, 0, b"12345678") in asked


@pytest.mark.parametrize(
    "answer", [b"", http2(7, 0, 0, b"12345678"), http2(1, 5, 1, b"\x88"), b"HTTP/1.1 400 Bad"]
)
def test_grpc_call_that_is_refused_is_an_error(answer):
    address, _, thread = served_once(answer)
    with pytest.raises((ValueError, OSError)):
        call(address, "/a.B/C", b"request")
    thread.join()
