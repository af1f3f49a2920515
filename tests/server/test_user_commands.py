import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner

from ferrule.cli.user import user
from ferrule.stores.sql import FILE_NAME, open_stores

pytestmark = pytest.mark.anyio


def run(folder, *words):
    return CliRunner().invoke(user, [*words, "--data-dir", str(folder)])


def test_a_person_is_added_and_their_key_printed(tmp_path):
    answer = run(tmp_path, "add", "ann")

    assert (answer.exit_code, len(answer.output.strip())) == (0, 40)


def test_a_key_of_ones_own_choice_is_kept(tmp_path):
    assert run(tmp_path, "add", "ann", "--api-key", "a" * 40).output == "a" * 40 + "\n"

    taken = run(tmp_path, "add", "bob", "--api-key", "a" * 40)
    short = run(tmp_path, "add", "bob", "--api-key", "short")

    assert taken.exit_code == 1
    assert "already" in taken.output
    assert (short.exit_code, "40" in short.output) == (1, True)
    assert run(tmp_path, "add", "bob").exit_code == 0


@pytest.mark.parametrize("name", ["Ann", "a/b", "../x"])
def test_a_name_that_can_not_be_is_refused(tmp_path, name):
    answer = run(tmp_path, "add", name)

    assert answer.exit_code == 1
    assert "small letters" in answer.output


def test_a_name_is_taken_once(tmp_path):
    run(tmp_path, "add", "ann")

    assert "taken" in run(tmp_path, "add", "ann").output


def test_the_owners_key_is_the_same_each_time_and_theirs_alone(tmp_path):
    first = run(tmp_path, "key")

    again = run(tmp_path, "key")

    assert first.output == again.output
    assert len(first.output.strip()) == 40
    assert stat.S_IMODE((tmp_path / "api-key").stat().st_mode) == 0o600


def test_nobody_else_may_read_what_a_command_makes(tmp_path):
    folder = tmp_path / "srv"
    folder.mkdir(mode=0o755)
    words = [sys.executable, "-m", "ferrule", "user", "add", "ann", "--data-dir", str(folder)]

    subprocess.run(words, check=True, umask=0o022, capture_output=True)

    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


async def test_database_that_others_may_read_is_closed_to_them(tmp_path):
    async with open_stores(tmp_path):
        pass
    database = tmp_path / FILE_NAME
    database.chmod(0o644)

    async with open_stores(tmp_path):
        assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_a_key_file_with_the_key_of_someone_else_is_told(tmp_path):
    run(tmp_path, "add", "ann")
    key = run(tmp_path, "add", "bob").output.strip()
    (tmp_path / "api-key").write_text(key)

    answer = run(tmp_path, "key")

    assert (answer.exit_code, "someone else's" in answer.output) == (1, True)


async def test_the_owner_is_who_came_first(tmp_path):
    async with open_stores(tmp_path) as stores:
        await stores.people.add("ann")

    key = await _in_thread(lambda: run(tmp_path, "key").output.strip())

    from ferrule.auth.keys import hashed

    async with open_stores(tmp_path) as stores:
        assert (await stores.people.by_key_hash(hashed(key))).name == "ann"


async def _in_thread(work):
    import asyncio

    return await asyncio.to_thread(work)
