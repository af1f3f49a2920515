"""Artifacts on their way: saved once, in order, whatever dies, and in nobody's way."""

from pathlib import Path

import anyio
import pytest

from service.artifact_server import ArtifactServer, b64_md5
from service.fake_server import KEY, fake_server, status
from service.runs import OURS_AT_ONCE, POLICIES, Run
from wandb._http.client import Client
from wandb._service import artifact_uploader
from wandb._service.artifact_ledger import ArtifactLedger, kept_outcome
from wandb._service.artifact_uploader import key_of
from wandb._service.runstream import RunStream
from wandb._service.syncstate import SyncState
from wandb._wire.artifacts import artifact_record
from wandb._wire.manifest import manifest_digest

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


class Made:
    """An artifact in the making: files on disk, and the record."""

    def __init__(self, folder, name="digits", client_id="c1", **fields):
        self._folder, self._name, self.client_id = folder, name, client_id
        self._fields = fields
        self.contents = {}

    def file(self, path, content):
        place = self._folder / f"staged-{self.client_id}-{len(self.contents)}"
        place.write_bytes(content)
        digest = b64_md5(content)
        self.contents[path] = {
            "digest": digest,
            "size": len(content),
            "local_path": str(place),
        }
        return self

    def change(self, path, content):
        Path(self.contents[path]["local_path"]).write_bytes(content)

    def lose(self, path):
        Path(self.contents[path]["local_path"]).unlink()

    def is_there(self, path):
        return Path(self.contents[path]["local_path"]).exists()

    def reference(self, path, ref, digest):
        self.contents[path] = {"digest": digest, "size": 0, "ref": ref}
        return self

    def record(self, **fields):
        digest = manifest_digest({path: one["digest"] for path, one in self.contents.items()})
        known = {
            "run_id": "abc",
            "entity": None,
            "project": "digits",
            "kind": "dataset",
            "name": self._name,
            "digest": digest,
            "contents": self.contents,
            "client_id": self.client_id,
            "sequence_client_id": "s" * 128,
            "aliases": ["latest"],
        }
        return artifact_record(**{**known, **self._fields, **fields})


def logged(run, tmp_path, name="digits", client_id="c1", content=b"one", **fields):
    made = Made(tmp_path, name, client_id).file("a.txt", content)
    record = made.record(**fields)
    run.writer.append(record)
    return record["artifact"]


async def test_artifact_is_saved_with_its_files_and_manifest(run, tmp_path):
    run.log(2)
    made = Made(tmp_path).file("a.txt", b"hello").file("sub/b.bin", b"")
    run.writer.append(made.record(metadata={"k": 1}, tags=["t"], description="words"))
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        stream = await run.deliver(server)

    (artifact,) = server.saved("digits")
    assert server.files_of(artifact) == {"a.txt": b"hello", "sub/b.bin": b""}
    assert not any("local_path" in one for one in artifact["manifest"]["contents"].values())
    wanted = artifact["input"]
    assert (wanted["entityName"], wanted["projectName"], wanted["runName"]) == (
        "me",
        "digits",
        "abc",
    )
    assert wanted["aliases"] == [{"artifactCollectionName": "digits", "alias": "latest"}]
    assert (wanted["metadata"], wanted["tags"]) == ('{"k": 1}', [{"tagName": "t"}])
    assert wanted["historyStep"] == 2
    assert stream.state.is_complete()
    assert stream.status.warnings == []


async def test_run_ends_after_its_artifacts_are_saved(run, tmp_path):
    logged(run, tmp_path)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        server.on_post = lambda: endings.append(len(server.saved("digits")))
        endings = []
        await run.deliver(server)

    assert server.endings == [0]
    assert endings[-1] == 1


async def test_outcome_can_be_waited_for_and_is_kept(run, tmp_path):
    content = logged(run, tmp_path)
    run.writer.close(0)
    ledger, outcomes = ArtifactLedger(), []

    async def wait():
        outcomes.append(await ledger.wait(key_of(content)))

    async with (
        fake_server(ArtifactServer) as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(wait)
        state = SyncState.load(run.folder)
        stream = RunStream(
            state, client, follow=False, policies=POLICIES, pace=OURS_AT_ONCE, ledger=ledger
        )
        await stream.run()

    (artifact,) = server.saved("digits")
    assert [one.artifact_id for one in outcomes] == [artifact["id"]]
    assert kept_outcome(run.folder, key_of(content)) == outcomes[0]


async def test_versions_of_one_name_are_saved_in_their_order(run, tmp_path):
    for number in range(5):
        logged(run, tmp_path, client_id=f"c{number}", content=b"%d" % number)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    assert [one["input"]["clientID"] for one in server.saved("digits")] == [
        "c0",
        "c1",
        "c2",
        "c3",
        "c4",
    ]


async def test_reference_to_an_artifact_of_the_same_run_names_the_servers(run, tmp_path):
    target = Made(tmp_path, "tables", "c1").file("t.table.json", b"{}")
    digest = target.contents["t.table.json"]["digest"]
    joined = Made(tmp_path, "joined", "c2").reference(
        "t.table.json", "wandb-client-artifact://c1/t.table.json", digest
    )
    run.writer.append(target.record())
    run.writer.append(joined.record())
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    (artifact,) = server.saved("joined")
    (referred,) = server.saved("tables")
    entry = artifact["manifest"]["contents"]["t.table.json"]
    encoded = "41727469666163743a"  # `Artifact:` of the id, in hexadecimal
    assert entry["ref"].startswith(f"wandb-artifact://{encoded}")
    assert entry["ref"].endswith("/t.table.json")
    assert (entry["digest"], entry["size"]) == (digest, 0)
    assert "birthArtifactID" not in entry
    assert referred["committed"]


async def test_reference_to_what_the_server_does_not_have_fails_by_itself(run, tmp_path):
    lost = Made(tmp_path, "joined", "c2").reference("t", "wandb-client-artifact://gone/t", "ZQ==")
    run.writer.append(lost.record())
    logged(run, tmp_path)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        stream = await run.deliver(server)

    assert len(server.saved("digits")) == 1
    assert server.saved("joined") == []
    assert stream.status.warnings == [
        "the artifact joined was not saved (the server does not have an artifact that this one "
        "refers to)"
    ]


async def test_reference_to_a_later_version_of_the_same_name_holds_nothing_up(run, tmp_path):
    first = Made(tmp_path, "x", "c1").reference("t", "wandb-client-artifact://c2/t", "ZQ==")
    run.writer.append(first.record())
    logged(run, tmp_path, "x", "c2")
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        stream = await run.deliver(server)

    assert [one["input"]["clientID"] for one in server.saved("x")] == ["c2"]
    assert stream.state.finished


async def test_file_that_changed_since_it_was_added_is_not_sent(run, tmp_path):
    made = Made(tmp_path).file("a.txt", b"before")
    run.writer.append(made.record())
    run.writer.close(0)
    made.change("a.txt", b"after!")

    async with fake_server(ArtifactServer) as server:
        stream = await run.deliver(server)

    assert server.uploads.keys() & {"a.txt"} == set()
    assert server.saved("digits") == []
    assert "has changed since it was added" in stream.status.warnings[0]


async def test_missing_file_fails_the_artifact_and_nothing_else(run, tmp_path):
    made = Made(tmp_path).file("a.txt", b"x")
    made.lose("a.txt")
    run.writer.append(made.record())
    run.log(3)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        stream = await run.deliver(server)

    assert len(server.history) == 3
    assert stream.state.finished
    assert "is not there any more" in stream.status.warnings[0]


async def test_refusal_is_told_with_the_servers_words(run, tmp_path):
    content = logged(run, tmp_path)
    run.writer.close(0)

    async with fake_server(
        ArtifactServer, answers={"CommitArtifact": [status(409, "type differs")]}
    ) as server:
        stream = await run.deliver(server)

    assert kept_outcome(run.folder, key_of(content)).error == "409: type differs"
    assert stream.status.warnings == [
        "the artifact digits was not saved (409: type differs)",
    ]
    assert stream.state.finished


async def test_server_that_fails_for_long_leaves_the_artifact_for_the_next_time(run, tmp_path):
    run.log(1)
    logged(run, tmp_path)
    run.writer.close(0)

    async with fake_server(
        ArtifactServer, answers={"CreateArtifact": [status(503)] * 50}
    ) as server:
        await run.deliver(server)
        state = SyncState.load(run.folder)
        assert (state.finished, state.artifacts_left, state.is_complete()) == (True, 1, False)
        assert len(server.history) == 1
        server.answers.clear()
        await run.deliver(server)

    assert len(server.saved("digits")) == 1
    assert SyncState.load(run.folder).is_complete()


STEPS = (
    "CreateArtifact",
    "CreateArtifactManifest",
    "CreateArtifactFiles",
    "CommitArtifact",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("taken", [False, True], ids=["before", "after"])
async def test_death_at_any_step_leaves_one_version(run, tmp_path, step, taken):
    """The service dies when the server has taken a request, or when it has not."""
    logged(run, tmp_path)
    run.writer.close(0)
    dies = [None if taken else status(503)]

    async with fake_server(ArtifactServer, answers={step: dies}) as server:
        with anyio.CancelScope() as scope:
            policies = POLICIES
            async with Client(server.url, KEY, sleep=_cancelling(scope)) as client:
                await run.stream(client, policies=policies).run()
        assert scope.cancelled_caught
        await run.deliver(server)

    (artifact,) = server.saved("digits")
    assert server.files_of(artifact) == {"a.txt": b"one"}
    assert len(server.artifacts) == 1
    assert SyncState.load(run.folder).is_complete()


def _cancelling(scope):
    async def sleep(secs):
        scope.cancel()
        await anyio.lowlevel.checkpoint()

    return sleep


async def test_what_is_done_is_not_asked_for_again(run, tmp_path):
    logged(run, tmp_path)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)
        asked = server.asked.count("CreateArtifact")
        logged(run, tmp_path, client_id="c2", content=b"two")
        run.writer.close(0)
        await run.deliver(server)

    assert asked == 1
    assert server.asked.count("CreateArtifact") == 2
    assert len(server.saved("digits")) == 2


async def test_same_content_is_another_alias_and_no_upload(run, tmp_path):
    logged(run, tmp_path)
    logged(run, tmp_path, client_id="c2", aliases=["latest", "best"])
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    assert server.asked.count("CreateArtifact") == 2
    assert server.asked.count("CommitArtifact") == 1


async def test_rows_go_on_while_files_are_taken_slowly(run, tmp_path):
    made = Made(tmp_path)
    for number in range(30):
        made.file(f"{number}.txt", b"%d" % number)
    run.writer.append(made.record())
    run.log(3)
    run.writer.close(0)
    hold = anyio.Event()

    class Slow(ArtifactServer):
        async def put(self, request):
            await hold.wait()
            return await super().put(request)

    async with fake_server(Slow) as server:
        server.on_post = lambda: len(server.history) == 3 and hold.set()
        await run.deliver(server)

    assert len(server.files_of(server.saved("digits")[0])) == 30


async def test_more_artifacts_than_there_is_room_for_are_all_saved(run, tmp_path, monkeypatch):
    monkeypatch.setattr(artifact_uploader, "_WAITING", 2)
    for number in range(12):
        logged(run, tmp_path, name=f"n{number % 5}", client_id=f"c{number}", content=b"%d" % number)
    run.log(2)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    saved = [one["input"]["clientID"] for one in server.artifacts if one["committed"]]
    assert sorted(saved) == sorted(f"c{number}" for number in range(12))
    for name in range(5):
        order = [one["input"]["clientID"] for one in server.saved(f"n{name}")]
        assert order == sorted(order, key=lambda one: int(one[1:]))


async def test_files_are_asked_for_in_batches(run, tmp_path):
    made = Made(tmp_path)
    for number in range(70):
        made.file(f"{number}.txt", b"%d" % number)
    run.writer.append(made.record())
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    assert server.batches == [50, 20]
    assert len(server.files_of(server.saved("digits")[0])) == 70


async def test_draft_that_is_used_is_nobodys_product(run, tmp_path):
    logged(run, tmp_path, user_created=True, use_after_commit=True)
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    (artifact,) = server.saved("digits")
    assert artifact["input"]["runName"] is None
    assert [(one["artifact"], one["run"]) for one in server.used] == [(artifact["id"], "abc")]


async def test_incremental_manifest_adds_to_the_version_before(run, tmp_path):
    logged(run, tmp_path, content=b"base")
    made = Made(tmp_path, client_id="c2").file("more.txt", b"more")
    run.writer.append(made.record(incremental=True))
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)

    base, _ = server.saved("digits")
    told = [one for one in server.manifests.values() if one["kind"] == "INCREMENTAL"]
    assert [(one["base"], one["name"]) for one in told] == [
        (base["id"], "wandb_manifest.incremental.json")
    ]


@pytest.mark.parametrize("tidies", [True, False])
async def test_staged_copies_go_when_they_are_uploaded_by_the_service(tmp_path, tidies):
    staging = tmp_path / "staging"
    staging.mkdir()
    run = Run(tmp_path / "run-x-abc", options={"staging_dir": str(staging)})
    own = Made(tmp_path).file("own.txt", b"own")
    made = Made(staging).file("a.txt", b"copy")
    made.contents.update(own.contents)
    run.writer.append(made.record())
    run.writer.close(0)

    async with fake_server(ArtifactServer) as server, Client(server.url, KEY) as client:
        state = SyncState.load(run.folder)
        await RunStream(
            state, client, follow=False, policies=POLICIES, pace=OURS_AT_ONCE, tidies=tidies
        ).run()

    assert len(server.saved("digits")) == 1
    assert made.is_there("a.txt") is not tidies
    assert own.is_there("own.txt")


async def test_ledger_of_another_server_counts_for_nothing(run, tmp_path):
    content = logged(run, tmp_path)
    run.writer.close(0)
    async with fake_server(ArtifactServer) as server:
        await run.deliver(server)
    state = SyncState(run.folder, "abc", options={})
    state.save()

    async with fake_server(ArtifactServer) as other:
        await run.deliver(other)

    assert len(other.saved("digits")) == 1
    assert kept_outcome(run.folder, key_of(content)).artifact_id
