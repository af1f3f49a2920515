"""People, keys and memberships in SQL."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from ferrule.errors import Conflict
from ferrule.ports.people import Key, Membership, Person
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.tables import api_key, entity, member, person


class SqlPeople:
    """People in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, *, email: str = "", admin: bool = False) -> Person:
        """Add a person and the entity of that name."""
        return await self._database.write(lambda connection: _add(connection, name, email, admin))

    async def by_id(self, person_id: int) -> Person | None:
        """Return the person."""
        query = select(person).where(person.c.id == person_id)
        return await self._database.read(lambda connection: _one(connection.execute(query).first()))

    async def by_name(self, name: str) -> Person | None:
        """Return the person of that name."""
        query = select(person).where(person.c.name == name)
        return await self._database.read(lambda connection: _one(connection.execute(query).first()))

    async def owner(self) -> Person | None:
        """Return the first person that was added."""
        query = select(person).order_by(person.c.id).limit(1)
        return await self._database.read(lambda connection: _one(connection.execute(query).first()))

    async def add_key(self, person_id: int, key_hash: str, hint: str, description: str = "") -> Key:
        """Give a person a key."""
        key = Key(0, person_id, hint, description, _now(), key_hash)
        return await self._database.write(lambda connection: _add_key(connection, key))

    async def by_key_hash(self, key_hash: str) -> Person | None:
        """Return the holder of a key."""
        query = select(person).join(api_key).where(api_key.c.key_hash == key_hash)
        return await self._database.read(lambda connection: _one(connection.execute(query).first()))

    async def keys_of(self, person_id: int) -> tuple[Key, ...]:
        """List a person's keys."""
        query = select(api_key).where(api_key.c.person_id == person_id).order_by(api_key.c.id)
        return await self._database.read(
            lambda connection: tuple(_key(row) for row in connection.execute(query))
        )

    async def remove_key(self, person_id: int, key_id: int) -> bool:
        """Take a key from a person."""
        query = delete(api_key).where(api_key.c.id == key_id, api_key.c.person_id == person_id)
        removed = await self._database.write(lambda connection: connection.execute(query).rowcount)
        return removed > 0

    async def entities_of(self, person_id: int) -> tuple[Membership, ...]:
        """List where a person belongs."""
        query = (
            select(entity.c.name, member.c.role)
            .join(member)
            .where(member.c.person_id == person_id)
            .order_by(member.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Membership(name, role) for name, role in rows)

    async def entity_exists(self, name: str) -> bool:
        """Tell whether there is an entity of that name."""
        query = select(entity.c.id).where(entity.c.name == name)
        return await self._database.read(
            lambda connection: connection.execute(query).first() is not None
        )


def _now() -> int:
    return time.time_ns() // 1000


def _add(connection: Connection, name: str, email: str, admin: bool) -> Person:
    at = _now()
    values = {"name": name, "email": email, "admin": admin, "created_at": at}
    try:
        person_id = connection.execute(
            insert(person).values(values).returning(person.c.id)
        ).scalar_one()
        entity_id = connection.execute(
            insert(entity).values(name=name).returning(entity.c.id)
        ).scalar_one()
    except IntegrityError as err:
        raise Conflict(f"The name `{name}` is taken; choose another.") from err
    place = {"entity_id": entity_id, "person_id": person_id, "role": "owner"}
    connection.execute(insert(member).values(place))
    return Person(person_id, name, email, admin, at)


def _add_key(connection: Connection, key: Key) -> Key:
    row = connection.execute(select(api_key).where(api_key.c.key_hash == key.key_hash)).first()
    if row is not None:
        if row.person_id != key.person_id:
            raise Conflict("Someone else has that API key; choose another.")
        return _key(row)
    values = {
        "person_id": key.person_id,
        "key_hash": key.key_hash,
        "hint": key.hint,
        "description": key.description,
        "created_at": key.created_at,
    }
    query = insert(api_key).values(values).returning(api_key.c.id)
    return replace(key, id=connection.execute(query).scalar_one())


def _one(row: Sequence[Any] | None) -> Person | None:
    return None if row is None else Person(*row)


def _key(row: Any) -> Key:
    return Key(row.id, row.person_id, row.hint, row.description, row.created_at, row.key_hash)
