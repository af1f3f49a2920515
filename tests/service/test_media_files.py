"""Media of a run that a server has: gone from here, unless somebody wants them."""

import os

import pytest

from service.fake_server import fake_server, status
from service.runs import Run
from service.test_files import following, put, until
from wandb._service.syncstate import SyncState
from wandb._wire.journal import files_record

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


def media(run, *names):
    """Make files of media, and announce them as `run.log` does."""
    for name in names:
        put(run, name)
        run.writer.append(files_record(name))


def lies(run, name):
    return os.path.lexists(os.path.join(run.folder, "files", name))


async def test_media_go_from_here_once_the_server_has_them(run):
    run.state.options["drop_media"] = True
    run.state.save()
    names = [f"media/images/k_{index}_0a.png" for index in range(3)]
    media(run, *names, "other.txt")

    async with fake_server() as server:

        async def script():
            await until(lambda: server.uploads.keys() >= {*names, "other.txt"})
            await until(lambda: not any(lies(run, name) for name in names))
            run.writer.append(files_record(names[0]))  # the same value, logged once more

        stream = await following(run, server, script)

    assert stream.status.warnings == []
    assert lies(run, "other.txt")
    assert server.put_names.count(names[0]) == 1
    assert set(names) <= set(SyncState.load(run.folder).uploaded)


async def test_media_stay_where_the_setting_says_so(run):
    name = "media/images/k_0_0a.png"
    media(run, name)
    async with fake_server() as server:
        await following(run, server, lambda: until(lambda: name in server.uploads))
    assert lies(run, name)


async def test_media_that_could_not_be_sent_stay(run):
    run.state.options["drop_media"] = True
    run.state.save()
    name = "media/images/k_0_0a.png"
    media(run, name)

    async with fake_server() as server:
        server.answers["put"] = [status(403)] * 9

        async def script():
            await until(lambda: server.refused_puts or "put" in server.answers)

        await following(run, server, script)

    assert name not in server.uploads
    assert lies(run, name)


def link_media(run, mine):
    """Make a folder of the user's own, and links to it and to a file in it as media."""
    mine.mkdir()
    for name in ("a.png", "b.png"):
        (mine / name).write_text("x")
    place = os.path.join(run.folder, "files", "media")
    os.makedirs(place)
    os.symlink(mine / "a.png", os.path.join(place, "a.png"))
    os.symlink(mine, os.path.join(place, "folder"))
    return ["media/a.png", "media/folder/b.png"]


async def test_what_leads_to_a_users_own_file_stays(run, tmp_path):
    run.state.options["drop_media"] = True
    run.state.save()
    names = link_media(run, tmp_path / "mine")
    run.writer.append(files_record(*names))

    async with fake_server() as server:
        await following(run, server, lambda: until(lambda: server.uploads.keys() >= set(names)))

    assert lies(run, names[0])
    assert lies(run, names[1])
