"""The contract of manifests, entries and contents, on every engine."""

from dataclasses import replace

import pytest

from ferrule.errors import Conflict
from ferrule.ports.artifacts import COMMITTED
from ferrule.ports.manifests import FULL, INCREMENTAL, PATCH, Content, Entry, Manifest

pytestmark = pytest.mark.anyio


async def test_manifests_come_back_in_order(shelf):
    made = await shelf.create()
    one = await shelf.manifests.add(Manifest(made.id, "m", FULL))
    two = await shelf.manifests.add(Manifest(made.id, "i", INCREMENTAL, "digest", 7))

    await shelf.manifests.arrived(two.id, "blob")

    assert one == Manifest(made.id, "m", FULL, id=one.id)
    assert await shelf.manifests.of(made.id) == (one, replace(two, blob="blob"))
    assert await shelf.manifests.get(one.id) == one
    assert await shelf.manifests.get(10**9) is None


async def test_announced_anew_what_came_before_counts_no_more(shelf):
    made = await shelf.create()
    one = await shelf.manifests.add(Manifest(made.id, "m", PATCH, "old", 3))
    await shelf.manifests.arrived(one.id, "blob")

    changed = await shelf.manifests.announce(one.id, "new")
    based = await shelf.manifests.announce(one.id, "new", 4)

    assert changed == replace(one, digest="new", blob="")
    assert based.base_id == 4
    assert await shelf.manifests.announce(10**9, "x") is None


async def test_contents_belong_to_entities(shelf):
    one = Content("1", "blob1", 5, 3)
    other = Content("1", "blob1", 5, 9)
    await shelf.manifests.keep("ann", one)
    await shelf.manifests.keep("bob", other)
    await shelf.manifests.keep("bob", Content("2", "blob2", 6, 9))
    contents = shelf.manifests.contents

    assert await contents(["1", "2"], entities=["ann"]) == {"1": one}
    assert (await contents(["1", "2"], entities=["bob"]))["1"] == other
    assert await contents(["1", "2"], entities=None) == {"1": one, "2": Content("2", "blob2", 6, 9)}
    assert await contents(["1"], entities=[]) == {}
    assert await contents([], entities=None) == {}


async def test_origin_of_contents_stays(shelf):
    one = Content("1", "blob", 5, 3)

    assert await shelf.manifests.keep("ann", one) == one
    assert await shelf.manifests.keep("ann", replace(one, birth_id=4)) == one
    with pytest.raises(Conflict, match="same MD5"):
        await shelf.manifests.keep("ann", replace(one, blob="other"))


async def test_contents_are_readable_while_a_committed_artifact_has_them(shelf):
    content = Content("1", "blob", 5, 3)
    await shelf.manifests.keep("ann", content)
    await shelf.manifests.keep("bob", content)
    readable = shelf.manifests.readable
    assert await readable("ann", "1") is None

    reference = await shelf.commit("ref", entries=[Entry("r", "1", ref="x")])
    assert await readable("ann", "1") is None
    done = await shelf.commit(entries=[Entry("a", "1", blob="blob")])

    assert await readable("ann", "1") == content
    assert await readable("bob", "1") is None
    assert await readable("ann", "2") is None
    await shelf.artifacts.delete(done.id, aliases_too=True)
    assert await readable("ann", "1") is None
    assert reference.state == COMMITTED


async def test_many_contents_are_found_at_once(shelf):
    for number in range(0, 25_000, 5_000):
        await shelf.manifests.keep("ann", Content(str(number), "b", 1, 1))

    found = await shelf.manifests.contents([str(n) for n in range(25_000)], entities=["ann"])

    assert sorted(found) == ["0", "10000", "15000", "20000", "5000"]


async def test_entries_come_by_path_in_pages(shelf):
    paths = ["b", "C", "a/é", "a/b", "Z"]
    done = await shelf.commit(
        entries=[Entry(path, "d", 1, None, "", 3, "blob") for path in sorted(paths)]
    )

    first = await shelf.manifests.entries(done.id, limit=3)
    rest = await shelf.manifests.entries(done.id, after=first.next, limit=3)
    some = await shelf.manifests.entries(done.id, names=["b", "Z", "none"])

    assert [one.path for one in (*first.items, *rest.items)] == ["C", "Z", "a/b", "a/é", "b"]
    assert [one.path for one in some.items] == ["Z", "b"]
    assert await shelf.manifests.count(done.id) == 5
    assert await shelf.manifests.count(done.id, names=["b", "none"]) == 1
    assert await shelf.manifests.entry(done.id, "b") == Entry("b", "d", 1, None, "", 3, "blob")
    assert await shelf.manifests.entry(done.id, "none") is None
