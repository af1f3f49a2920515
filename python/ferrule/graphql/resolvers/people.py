"""People, their keys and entities."""

from typing import Any

from ferrule.auth import keys
from ferrule.auth.permissions import Action, Entity, allowed, require
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.people import Person

_MAX_DESCRIPTION = 256


async def _viewer(_root: Any, info: Info) -> Person | None:
    context: Context = info.context
    if context.viewer is None and context.api_key is None:
        return None
    # A key that is not known is told apart from none: `wandb login` asks to know.
    return context.who().person


async def _entity(_root: Any, info: Info, name: str | None = None) -> str | None:
    context: Context = info.context
    viewer = context.who()
    if not name or not allowed(viewer, Action.READ, Entity(name)):
        return None
    return name if await context.stores.people.entity_exists(name) else None


async def _teams(person: Person, info: Info) -> dict[str, Any]:
    context: Context = info.context
    places = await context.stores.people.entities_of(person.id)
    return {"edges": [{"node": place.entity} for place in places]}


async def _api_keys(person: Person, info: Info) -> dict[str, Any]:
    context: Context = info.context
    if context.api_key is None:
        return {"edges": []}
    asking = keys.hashed(context.api_key)
    found = [
        key
        for key in await context.stores.people.keys_of(person.id)
        if keys.same(key.key_hash, asking)
    ]
    nodes = [_key_node(key.id, context.api_key, key.description) for key in found]
    return {"edges": [{"node": node} for node in nodes]}


def _key_node(key_id: int, key: str, description: str) -> dict[str, Any]:
    return {"id": ids.written("ApiKey", key_id), "name": key, "description": description}


async def _generate_api_key(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    viewer = context.who()
    require(viewer, Action.ACCOUNT, viewer.person)
    key = keys.new_key()
    description = (input.get("description") or "")[:_MAX_DESCRIPTION]
    kept = await context.stores.people.add_key(
        viewer.person.id, keys.hashed(key), keys.hint(key), description
    )
    return {"apiKey": _key_node(kept.id, key, description)}


async def _delete_api_key(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    viewer = context.who()
    require(viewer, Action.ACCOUNT, viewer.person)
    key_id = ids.number("ApiKey", input["id"])
    return {"success": await context.stores.people.remove_key(viewer.person.id, key_id)}


QUERY: dict[str, Resolver] = {"viewer": _viewer, "entity": _entity}

MUTATION: dict[str, Resolver] = {
    "generateApiKey": _generate_api_key,
    "deleteApiKey": _delete_api_key,
}

USER: dict[str, Resolver] = {
    "id": of(lambda person: ids.written("User", person.id)),
    "entity": of(lambda person: person.name),
    "name": of(lambda person: person.name),
    "username": of(lambda person: person.name),
    "email": of(lambda person: person.email),
    "admin": of(lambda person: person.admin),
    "flags": always("{}"),
    "photoUrl": always(None),
    "deletedAt": always(None),
    "apiKeys": _api_keys,
    "teams": _teams,
}

# An entity is its name; there are no organisations.
ENTITY: dict[str, Resolver] = {
    "id": of(lambda name: ids.named("Entity", name)),
    "name": of(lambda name: name),
    "isTeam": always(False),
    "organization": always(None),
}
