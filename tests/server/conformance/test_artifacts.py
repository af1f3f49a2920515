"""The contracts of artifacts and collections, on every engine."""

from dataclasses import replace

import pytest

from ferrule.errors import BadInput, Conflict, NotFound
from ferrule.ports.artifacts import COMMITTED, MADE, PENDING, USED, ArtifactChange, Contents
from ferrule.ports.manifests import Content, Entry
from server.conformance.shelf import DIGEST

pytestmark = pytest.mark.anyio


# Making ------------------------------------------------------------------------------------------


async def test_new_artifact_is_pending_and_comes_back(shelf):
    made = await shelf.create(
        aliases=("latest",),
        tags=("b", "a"),
        description="words",
        metadata="{}",
        ttl_secs=9,
        history_step=3,
        run_id=shelf.runs[0],
        user="ann",
    )

    assert (made.state, made.version, made.manifest) == (PENDING, None, "")
    assert (made.entity, made.project, made.collection, made.type) == ("ann", "p", "ds", "dataset")
    assert (made.project_id, made.tags, made.ttl_secs) == (shelf.project.id, ("b", "a"), 9)
    assert (made.description, made.metadata, made.history_step) == ("words", "{}", 3)
    assert (made.run_id, made.user, made.created_at, made.updated_at) == (
        shelf.runs[0],
        "ann",
        5,
        5,
    )
    assert await shelf.artifacts.get(made.id) == made
    assert await shelf.artifacts.get(10**9) is None
    assert await shelf.collections.memberships(made.id) == ()


async def test_what_was_not_said_is_none(shelf):
    made = await shelf.create()

    assert (made.description, made.metadata, made.ttl_secs) == (None, None, None)
    assert (made.history_step, made.run_id, made.tags) == (None, None, ())


async def test_artifact_of_no_project_is_not_made(shelf):
    with pytest.raises(NotFound):
        await shelf.artifacts.create(replace(shelf.new(), project_id=10**6))


async def test_collection_keeps_to_one_type(shelf):
    await shelf.create()

    with pytest.raises(Conflict, match="holds artifacts of type `dataset`"):
        await shelf.artifacts.create(replace(shelf.new(), type="model"))

    assert await shelf.collections.type(shelf.project.id, "model") is None


async def test_versions_are_numbered_as_they_are_committed(shelf):
    first, second = await shelf.create(), await shelf.create(digest="e" * 32)
    contents = Contents((), DIGEST, "blob", 7)

    two = await shelf.artifacts.commit(second.id, contents)
    one = await shelf.artifacts.commit(first.id, contents)
    other = await shelf.commit("other")

    assert (two.version, one.version, other.version) == (0, 1, 0)
    assert (one.state, one.manifest, one.updated_at) == (COMMITTED, "blob", 7)


async def test_number_of_a_deleted_version_is_not_given_again(shelf):
    first = await shelf.commit()
    await shelf.artifacts.delete(first.id, aliases_too=True)

    assert (await shelf.commit()).version == 1


async def test_commit_brings_everything_at_once(shelf):
    entries = (
        Entry("a", "md5==", 3, blob="sha", birth_id=1),
        Entry("r", "etag", 5, ref="http://x", extra='{"etag": 1}'),
    )
    borrowed = Content("md5==", "sha", 3, 1)
    made = await shelf.create(aliases=("x", "latest"), run_id=shelf.runs[0])

    done = await shelf.artifacts.commit(
        made.id, Contents(entries, "f" * 32, "blob", 7, (borrowed,))
    )

    assert (done.digest, done.size, done.file_count) == ("f" * 32, 8, 2)
    assert await shelf.manifests.all(made.id) == entries
    assert await shelf.names(done) == ["x", "latest"]
    assert (await shelf.artifacts.of_run(shelf.runs[0], MADE)).items == (done,)
    assert await shelf.manifests.contents(["md5=="], entities=["ann"]) == {"md5==": borrowed}
    assert (await shelf.collections.get(shelf.project.id, "ds")).updated_at == 7


async def test_second_commit_changes_nothing(shelf):
    done = await shelf.commit(entries=[Entry("a", "1")])

    again = await shelf.artifacts.commit(done.id, Contents((), "0" * 32, "other", 9))

    assert again == done
    assert len(await shelf.manifests.all(done.id)) == 1


async def test_commit_of_what_is_gone_is_refused(shelf):
    done = await shelf.commit()
    await shelf.artifacts.delete(done.id, aliases_too=True)

    with pytest.raises(NotFound):
        await shelf.artifacts.commit(done.id, Contents((), DIGEST, "b", 7))


async def test_same_client_id_is_the_same_artifact(shelf):
    one = await shelf.create(client_id="c")

    assert await shelf.create(client_id="c") == one
    assert await shelf.artifacts.by_client("c") == one
    assert await shelf.artifacts.by_client("other") is None
    assert await shelf.create(client_id="d") != one
    assert (await shelf.create("elsewhere", client_id="c")).id != one.id


async def test_client_id_that_is_someone_elses_already_stays_theirs(shelf):
    mine = await shelf.create(client_id="c")
    project = await shelf.stores.projects.ensure("bob", "p")

    other = await shelf.artifacts.create(replace(shelf.new(client_id="c"), project_id=project.id))

    assert other.id != mine.id
    assert await shelf.artifacts.by_client("c") == mine
    newer = await shelf.create("elsewhere", client_id="c")
    assert await shelf.artifacts.by_client("c") == newer


async def test_known_digest_is_the_committed_artifact_with_the_new_aliases(shelf):
    done = await shelf.commit(aliases=("latest",), run_id=shelf.runs[0])
    await shelf.commit(digest="e" * 32, aliases=("latest",))

    again = await shelf.create(
        deduplicate=True, aliases=("latest", "x"), client_id="c", run_id=shelf.runs[1]
    )

    assert again == done
    assert await shelf.names(done) == ["latest", "x"]
    assert await shelf.artifacts.by_client("c") == done
    assert (await shelf.artifacts.of_run(shelf.runs[1], MADE)).items == (done,)


async def test_digest_is_looked_for_among_committed_ones_of_the_collection(shelf):
    pending = await shelf.create()
    elsewhere = await shelf.commit("other")

    made = await shelf.create(deduplicate=True)

    assert made.id not in (pending.id, elsewhere.id)
    done = await shelf.commit(digest="e" * 32)
    await shelf.artifacts.delete(done.id, aliases_too=True)
    assert (await shelf.create(digest="e" * 32, deduplicate=True)).id != done.id


async def test_newest_of_several_with_the_digest_is_meant(shelf):
    await shelf.commit()
    newest = await shelf.commit()

    assert await shelf.create(deduplicate=True) == newest


async def test_writers_share_an_artifact_until_it_is_committed(shelf):
    one = await shelf.create(distributed_id="g")
    other = await shelf.create(digest="e" * 32, distributed_id="g", deduplicate=True)
    await shelf.artifacts.commit(one.id, Contents((), DIGEST, "b", 7))

    later = await shelf.create(distributed_id="g", deduplicate=True)

    assert other == one
    assert later.id != one.id


# Aliases and changes -----------------------------------------------------------------------------


async def test_alias_moves_to_the_last_that_gets_it(shelf):
    one = await shelf.commit(aliases=("latest", "x"))
    two = await shelf.commit(aliases=("latest",))

    assert await shelf.names(one) == ["x"]
    assert await shelf.names(two) == ["latest"]
    assert await shelf.artifacts.add_aliases(one.collection_id, one.id, ("latest", "x")) is True
    assert await shelf.names(one) == ["x", "latest"]
    assert await shelf.names(two) == []
    assert [a.name for a in await shelf.collections.aliases(one.collection_id)] == ["x", "latest"]


async def test_aliases_are_each_collections_own(shelf):
    one, other = await shelf.commit(aliases=("x",)), await shelf.commit("other", aliases=("x",))

    assert await shelf.names(one) == await shelf.names(other) == ["x"]
    assert await shelf.artifacts.add_aliases(other.collection_id, one.id, ("y",)) is False
    assert await shelf.artifacts.remove_aliases(other.collection_id, one.id, ("x",)) is False
    assert await shelf.names(other) == ["x"]


async def test_aliases_are_taken_from_their_version_only(shelf):
    one, two = await shelf.commit(aliases=("x", "y")), await shelf.commit(aliases=("z",))

    assert await shelf.artifacts.remove_aliases(one.collection_id, one.id, ("x", "z", "n")) is True

    assert await shelf.names(one) == ["y"]
    assert await shelf.names(two) == ["z"]


async def test_change_leaves_what_it_does_not_name(shelf):
    done = await shelf.commit(description="d", metadata="{}", ttl_secs=5, tags=("a", "b"))

    same = await shelf.artifacts.update(done.id, ArtifactChange(at=9))
    changed = await shelf.artifacts.update(
        done.id,
        ArtifactChange(
            at=10, description="", ttl_secs=-1, tags_added=("b", "c"), tags_removed=("a",)
        ),
    )

    assert same == replace(done, updated_at=9)
    assert changed == replace(done, updated_at=10, description="", ttl_secs=None, tags=("b", "c"))
    assert await shelf.artifacts.update(10**9, ArtifactChange(at=1)) is None


async def test_aliases_of_a_change_are_all_it_has(shelf):
    one, two = await shelf.commit(aliases=("x", "y")), await shelf.commit(aliases=("z",))

    await shelf.artifacts.update(one.id, ArtifactChange(at=9, aliases=("z", "y")))

    assert sorted(await shelf.names(one)) == ["y", "z"]
    assert await shelf.names(two) == []


async def test_aliases_of_a_pending_artifact_change_what_it_will_have(shelf):
    made = await shelf.create(aliases=("x",))
    await shelf.artifacts.update(made.id, ArtifactChange(at=9, aliases=("y",)))

    done = await shelf.artifacts.commit(made.id, Contents((), DIGEST, "b", 7))

    assert await shelf.names(done) == ["y"]


async def test_artifact_with_aliases_is_not_deleted_without_them(shelf):
    one, two = await shelf.commit(aliases=("x",)), await shelf.commit(aliases=("latest",))

    with pytest.raises(Conflict, match="alias"):
        await shelf.artifacts.delete(two.id, aliases_too=False)
    assert await shelf.artifacts.get(two.id) == two
    assert await shelf.artifacts.delete(two.id, aliases_too=True) is True

    assert await shelf.artifacts.get(two.id) is None
    assert await shelf.artifacts.delete(two.id, aliases_too=True) is False
    assert await shelf.names(one) == ["x", "latest"]


async def test_deleted_artifact_is_found_nowhere(shelf):
    done = await shelf.commit(
        entries=[Entry("a", "md5==")], client_id="c", run_id=shelf.runs[0], aliases=("x",)
    )
    await shelf.artifacts.use(shelf.runs[1], done.id)

    await shelf.artifacts.delete(done.id, aliases_too=True)

    assert await shelf.artifacts.by_client("c") is None
    assert (await shelf.artifacts.of_run(shelf.runs[0], MADE)).items == ()
    assert await shelf.artifacts.count_of_run(shelf.runs[1], USED) == 0
    assert await shelf.collections.member(done.collection_id, "v0") is None
    assert await shelf.collections.member(done.collection_id, "x") is None
    assert await shelf.collections.newest(done.collection_id) is None
    assert (await shelf.collections.versions(done.collection_id)).items == ()
    assert await shelf.collections.aliases(done.collection_id) == ()
    assert await shelf.manifests.all(done.id) == ()
    assert await shelf.collections.get(shelf.project.id, "ds") is not None


# Lineage -----------------------------------------------------------------------------------------


async def test_runs_edges_come_in_order_and_pages(shelf):
    made = [await shelf.commit(f"d{number}") for number in range(5)]
    for one in (*made, made[0]):
        await shelf.artifacts.use(shelf.runs[0], one.id, used_as="x")
    await shelf.artifacts.use(shelf.runs[1], made[0].id)
    pending = await shelf.create("pending")
    await shelf.artifacts.use(shelf.runs[0], pending.id)

    first = await shelf.artifacts.of_run(shelf.runs[0], USED, limit=3)
    rest = await shelf.artifacts.of_run(shelf.runs[0], USED, after=first.next, limit=3)

    assert [*first.items, *rest.items] == made
    assert (first.more, rest.more) == (True, False)
    assert await shelf.artifacts.count_of_run(shelf.runs[0], USED) == 5
    assert await shelf.artifacts.count_of_run(shelf.runs[0], MADE) == 0
    assert await shelf.artifacts.used_by(made[0].id) == tuple(shelf.runs)
    assert await shelf.artifacts.used_by(made[1].id) == (shelf.runs[0],)


# Collections -------------------------------------------------------------------------------------


async def test_collections_and_types_come_by_name_in_pages(shelf):
    for name in ("b", "C", "a", "é"):
        await shelf.create(name)
    await shelf.artifacts.create(replace(shelf.new("weights"), type="model"))
    find = shelf.collections.find

    first = await find(shelf.project.id, type_name="dataset", limit=3)
    rest = await find(shelf.project.id, type_name="dataset", after=first.next, limit=3)

    assert [one.name for one in (*first.items, *rest.items)] == ["C", "a", "b", "é"]
    assert {one.type for one in first.items} == {"dataset"}
    assert await shelf.collections.count(shelf.project.id, type_name="dataset") == 4
    assert await shelf.collections.count(shelf.project.id) == 5
    assert await shelf.collections.count(10**6) == 0
    types = await shelf.collections.types(shelf.project.id)
    assert [one.name for one in types.items] == ["dataset", "model"]
    assert await shelf.collections.type(shelf.project.id, "model") == types.items[1]
    assert await shelf.collections.type(shelf.project.id, "none") is None


async def test_collection_comes_back(shelf):
    made = await shelf.create()

    found = await shelf.collections.get(shelf.project.id, "ds")

    assert (found.id, found.entity, found.project) == (made.collection_id, "ann", "p")
    assert (found.name, found.type, found.created_at) == ("ds", "dataset", 5)
    assert await shelf.collections.by_id(found.id) == found
    assert await shelf.collections.by_id(10**9) is None
    assert await shelf.collections.get(shelf.project.id, "none") is None


async def test_member_is_found_by_number_or_alias(shelf):
    one = await shelf.commit(aliases=("x",))
    two = await shelf.commit()
    member = shelf.collections.member

    assert (await member(one.collection_id, "v1")).artifact_id == two.id
    found = await member(one.collection_id, "x")
    assert (found.artifact_id, found.version, found.created_at) == (one.id, 0, 7)
    assert [alias.name for alias in found.aliases] == ["x"]
    assert await shelf.collections.memberships(one.id) == (found,)
    for name in ("v2", "none", "", "v", "v01", "v" + "9" * 30):
        assert await member(one.collection_id, name) is None


async def test_newest_is_the_latest_else_the_highest(shelf):
    one = await shelf.commit(aliases=("latest",))
    two = await shelf.commit()

    assert await shelf.collections.newest(one.collection_id) == one
    await shelf.artifacts.remove_aliases(one.collection_id, one.id, ("latest",))
    assert await shelf.collections.newest(one.collection_id) == two


async def test_versions_come_newest_first_in_pages(shelf):
    made = [await shelf.commit() for _ in range(12)]
    await shelf.create()
    where = made[0].collection_id

    first = await shelf.collections.versions(where, limit=5)
    rest = await shelf.collections.versions(where, after=first.next, limit=50)
    oldest = await shelf.collections.versions(where, oldest_first=True, limit=2)
    next_oldest = await shelf.collections.versions(where, oldest_first=True, after=oldest.next)

    assert [*first.items, *rest.items] == made[::-1]
    assert [*oldest.items, *next_oldest.items] == made
    assert await shelf.collections.count_versions(where) == 12


async def test_cursor_of_another_list_is_refused(shelf):
    done = await shelf.commit()

    with pytest.raises(BadInput, match="cursor"):
        await shelf.collections.versions(done.collection_id, after="junk")
    with pytest.raises(BadInput, match="cursor"):
        await shelf.manifests.entries(done.id, after="junk")
