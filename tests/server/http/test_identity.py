"""A key opens nothing soon after it was taken away."""

import pytest

from ferrule.http import identity

pytestmark = pytest.mark.anyio


async def test_key_that_is_taken_away_opens_nothing_after_a_few_seconds(house):
    assert (await house.ask("GET", "/api/v1/me")).status == 200
    person = await house.stores.people.by_name("alice")
    [key] = await house.stores.people.keys_of(person.id)
    await house.stores.people.remove_key(person.id, key.id)

    house.clock.now += identity.KNOWN_SECS + 1

    assert (await house.ask("GET", "/api/v1/me")).status == 401


async def test_person_who_joins_an_entity_is_seen_there_after_a_few_seconds(house, monkeypatch):
    asked = []
    by_key_hash = house.stores.people.by_key_hash

    async def counted(key_hash):
        asked.append(key_hash)
        return await by_key_hash(key_hash)

    monkeypatch.setattr(house.stores.people, "by_key_hash", counted)
    for _ in range(3):
        await house.ask("GET", "/api/v1/me")
    house.clock.now += identity.KNOWN_SECS + 1
    await house.ask("GET", "/api/v1/me")

    assert len(asked) == 2
