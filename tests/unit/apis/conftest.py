"""Run folders made record by record, so that a test knows every byte of them."""

import json
import struct
import zlib
from pathlib import Path

import pytest

from wandb import _native

MAGIC = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
BLOCK_BYTES = 32768


def framed(record, position):
    payload = _native.encode_record(record)
    # Small records in a small file: none of these tests reaches the end of a block.
    assert position + 7 + len(payload) < BLOCK_BYTES
    checksum = zlib.crc32(b"\x01" + payload)
    return struct.pack("<IHB", checksum, len(payload), 1) + payload


def items(values):
    return [{"key": key, "value_json": json.dumps(value)} for key, value in values.items()]


def nested_items(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from nested_items(value, (*path, key))
        else:
            yield {"nested_key": [*path, key], "value_json": json.dumps(value)}


class FakeRun:
    """A journal that grows by one record at each call."""

    def __init__(self, root, run_id, *, started=1_750_000_000.5, named=None, **run):
        self.folder = Path(root, named or f"offline-run-20250615_150640-{run_id}")
        self.folder.mkdir(parents=True)
        self.path = self.folder / f"run-{run_id}.wandb"
        self.path.write_bytes(MAGIC)
        self.id = run_id
        whole, part = divmod(started, 1)
        self.started = started
        self._run = {
            "run_id": run_id,
            "start_time": {"seconds": int(whole), "nanos": int(part * 1e9)},
            **run,
        }
        self.append({"run": self._run})

    def append(self, record):
        with self.path.open("ab") as journal:
            journal.write(framed(record, journal.tell()))
        return self

    def rename(self, **changes):
        self._run |= changes
        return self.append({"run": {name: value for name, value in self._run.items() if value}})

    def log(self, step, **values):
        row = {"_timestamp": self.started + step, "_runtime": float(step), **values}
        stepped = {} if step is None else {"_step": step}
        history = {"item": list(nested_items(row | stepped)), "step": {"num": step}}
        self.append({"summary": {"update": list(nested_items(row | stepped))}})
        return self.append({"history": history})

    def log_stepless(self, **values):
        return self.append({"history": {"item": list(nested_items(values))}})

    def config(self, **values):
        return self.append({"config": {"update": items(values)}})

    def print(self, text, *, stderr=False, seconds=1_750_000_001):
        kind = "STDERR" if stderr else "STDOUT"
        moment = {"seconds": seconds, "nanos": 0}
        return self.append({"output_raw": {"output_type": kind, "timestamp": moment, "line": text}})

    def stats(self, seconds, **values):
        moment = {"seconds": seconds, "nanos": 0}
        return self.append({"stats": {"timestamp": moment, "item": items(values)}})

    def end(self, exit_code=0):
        return self.append({"exit": {"exit_code": exit_code, "runtime": 7}})


@pytest.fixture
def make_run(tmp_path):
    """Make a run in `tmp_path/wandb`: `make_run(id, project=…, config=…)`."""

    def make(run_id="r1", *, root=None, config=None, **run):
        if config:
            run["config"] = {"update": items(config)}
        return FakeRun(root or tmp_path / "wandb", run_id, **run)

    return make


@pytest.fixture
def open_run(tmp_path):
    """Read a run back by the public Api."""

    def read(path="r1"):
        from wandb.apis.public import Api

        return Api(tmp_path).run(path)

    return read
