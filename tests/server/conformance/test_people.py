import pytest

from ferrule.auth.keys import hashed, new_key
from ferrule.errors import Conflict

pytestmark = pytest.mark.anyio


async def test_a_person_is_found_by_name_and_by_id(stores):
    ann = await stores.people.add("ann", email="ann@example.com", admin=True)

    assert await stores.people.by_name("ann") == ann
    assert await stores.people.by_id(ann.id) == ann
    assert (ann.email, ann.admin) == ("ann@example.com", True)
    assert ann.created_at > 0


async def test_a_person_owns_the_entity_of_their_name(stores):
    ann = await stores.people.add("ann")

    assert [(place.entity, place.role) for place in await stores.people.entities_of(ann.id)] == [
        ("ann", "owner")
    ]
    assert await stores.people.entity_exists("ann")
    assert not await stores.people.entity_exists("bob")


async def test_a_name_is_given_once(stores):
    await stores.people.add("ann")

    with pytest.raises(Conflict, match="ann"):
        await stores.people.add("ann")
    assert await stores.people.by_name("ann") is not None


async def test_the_owner_is_who_came_first(stores):
    assert await stores.people.owner() is None

    ann = await stores.people.add("ann")
    await stores.people.add("aaron")

    assert await stores.people.owner() == ann


async def test_a_key_opens_for_its_holder_until_it_is_removed(stores):
    ann = await stores.people.add("ann")
    digest = hashed(new_key())

    key = await stores.people.add_key(ann.id, digest, "abcd", "laptop")

    assert await stores.people.by_key_hash(digest) == ann
    assert await stores.people.keys_of(ann.id) == (key,)
    assert (key.hint, key.description) == ("abcd", "laptop")
    assert await stores.people.remove_key(ann.id, key.id)
    assert await stores.people.by_key_hash(digest) is None
    assert not await stores.people.remove_key(ann.id, key.id)


async def test_an_unknown_key_opens_nothing(stores):
    assert await stores.people.by_key_hash(hashed(new_key())) is None


async def test_the_same_key_again_is_the_same_key(stores):
    ann = await stores.people.add("ann")

    first = await stores.people.add_key(ann.id, "0" * 64, "abcd")
    again = await stores.people.add_key(ann.id, "0" * 64, "abcd")

    assert again == first


async def test_a_key_of_someone_else_is_refused(stores):
    ann = await stores.people.add("ann")
    bob = await stores.people.add("bob")
    key = await stores.people.add_key(ann.id, "0" * 64, "abcd")

    with pytest.raises(Conflict):
        await stores.people.add_key(bob.id, "0" * 64, "abcd")
    assert not await stores.people.remove_key(bob.id, key.id)
    assert await stores.people.by_key_hash("0" * 64) == ann
