from dataclasses import replace

import pytest

from ferrule.errors import BadInput
from ferrule.ports.files import RunFile
from ferrule.ports.runs import RunChange
from ferrule.stores import cursors

pytestmark = pytest.mark.anyio


@pytest.fixture
async def run(stores):
    (await stores.people.add("ann"))
    project = await stores.projects.ensure("ann", "p")
    return (await stores.runs.upsert(RunChange(project.id, "r", 1)))[0]


def a_file(name, size=3):
    return RunFile(name, size, "md5==", "sha", "text/plain", 5, f"blob-{name}")


async def test_a_file_comes_back(stores, run):
    put = await stores.files.put(run.id, a_file("a.txt"))

    assert put == replace(a_file("a.txt"), id=put.id, run_id=run.id)
    assert put.id > 0
    assert await stores.files.get(run.id, "a.txt") == put
    assert await stores.files.get(run.id, "b.txt") is None
    assert await stores.files.by_ids([put.id, 999]) == (put,)


async def test_a_file_of_the_same_name_is_replaced(stores, run):
    first = await stores.files.put(run.id, a_file("a.txt"))

    second = await stores.files.put(run.id, a_file("a.txt", size=9))

    assert second.id == first.id
    assert (await stores.files.get(run.id, "a.txt")).size == 9
    assert await stores.files.count(run.id) == 1


async def test_files_come_by_name_in_pages(stores, run):
    for name in ("b", "C", "a/é", "a/b", "Z"):
        await stores.files.put(run.id, a_file(name))

    first = await stores.files.find(run.id, limit=3)
    rest = await stores.files.find(run.id, after=first.next, limit=3)

    assert [file.name for file in (*first.items, *rest.items)] == ["C", "Z", "a/b", "a/é", "b"]
    assert (first.more, rest.more, rest.next) == (True, False, None)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("%.txt", ["a.txt", "b_c.txt"]),
        ("_.txt", ["a.txt"]),
        ("b\\_c%", ["b_c.txt"]),
        ("A%", []),
        ("%", ["a.txt", "b_c.txt", "bxc.log"]),
        ("[ab]%", []),
    ],
)
async def test_a_pattern_selects(stores, run, pattern, names):
    for name in ("a.txt", "b_c.txt", "bxc.log"):
        await stores.files.put(run.id, a_file(name))

    found = await stores.files.find(run.id, pattern=pattern)

    assert [file.name for file in found.items] == names
    assert await stores.files.count(run.id, pattern=pattern) == len(names)


async def test_names_select(stores, run):
    for name in ("a", "b", "c"):
        await stores.files.put(run.id, a_file(name))

    found = await stores.files.find(run.id, names=["c", "a", "x"])

    assert [file.name for file in found.items] == ["a", "c"]
    assert await stores.files.count(run.id, names=["c", "a", "x"]) == 2


async def test_a_deleted_file_is_gone(stores, run):
    file = await stores.files.put(run.id, a_file("a"))

    assert await stores.files.delete([file.id, 999]) == 1
    assert await stores.files.get(run.id, "a") is None
    assert await stores.files.delete([file.id]) == 0


async def test_cursor_with_half_a_character_is_refused(stores, run):
    with pytest.raises(BadInput, match="cursor"):
        await stores.files.find(run.id, after=cursors.written(["\ud800"]))
