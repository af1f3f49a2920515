"""Make runs on disk, and deliver them without waits."""

import os
from dataclasses import replace

from service.fake_server import KEY
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT
from wandb._native import Writer
from wandb._service.logic.pace import OTHERS, OURS
from wandb._service.runstream import Policies, RunStream
from wandb._service.syncstate import SyncState
from wandb._wire.journal import (
    config_record,
    environment_record,
    header_record,
    run_record,
    telemetry_fields,
    telemetry_record,
)

AT_ONCE = Backoff(0.0, 0.0, 6)
POLICIES = Policies(
    upsert=UPSERT.with_backoff(AT_ONCE),
    stream=FILE_STREAM.with_backoff(AT_ONCE),
    graphql=GRAPHQL.with_backoff(AT_ONCE),
    transfer=TRANSFER.with_backoff(AT_ONCE),
)
OURS_AT_ONCE = replace(OURS, post_secs=0.0, summary_secs=0.0, upsert_secs=0.0)
OTHERS_AT_ONCE = replace(OTHERS, post_secs=0.0, summary_secs=0.0, upsert_secs=0.0, stop_secs=0.01)


def telemetry():
    return telemetry_fields(
        python_version="3.11.7", platform="linux-x86_64", features=["set_init_config", "finish"]
    )


class Run:
    """A run whose owner is this process."""

    def __init__(self, folder, run_id="abc", **fields):
        self.folder, self.id = str(folder), run_id
        os.makedirs(os.path.join(self.folder, "files"))
        os.makedirs(os.path.join(self.folder, "logs"))
        self.state = SyncState(self.folder, run_id, options=fields.pop("options", {}))
        self.state.save()
        self.writer = Writer(self.folder, run_id, started_at=1_700_000_000.0)
        known = {
            "run_id": run_id,
            "entity": None,
            "project": "digits",
            "config": {"lr": 0.1},
            "group": None,
            "job_type": None,
            "name": None,
            "notes": None,
            "tags": (),
            "host": "box",
            "sweep_id": None,
            "started_at": 1_700_000_000.0,
            "telemetry": telemetry(),
        }
        self._facts = {**known, **fields}
        self.writer.append(header_record())
        self.writer.append(run_record(**self._facts))
        self.writer.append(environment_record("w" * 32, {"os": "Linux", "program": "/train.py"}))
        self.writer.append(telemetry_record(telemetry()))

    def log(self, count, first=0):
        for number in range(first, first + count):
            self.writer.log({"loss": number / 2, "nested": {"a": number}})

    def rename(self, name):
        self.writer.append(run_record(**{**self._facts, "name": name}))

    def configure(self, **values):
        self.writer.append(config_record(values))

    def child(self, name="child"):
        return Writer(self.folder, self.id, name)

    def stream(self, client, *, ours=True, follow=False, policies=POLICIES, pace=None):
        """Go on from what the folder says."""
        state = SyncState.load(self.folder)
        pace = pace or (OURS_AT_ONCE if ours else OTHERS_AT_ONCE)
        return RunStream(state, client, follow=follow, policies=policies, pace=pace)

    async def deliver(self, server, **options):
        """Deliver what is there; return the stream, at its end."""
        async with Client(server.url, KEY) as client:
            stream = self.stream(client, ours=server.ours, **options)
            await stream.run()
        return stream
