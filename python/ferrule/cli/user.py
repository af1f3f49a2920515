"""`ferrule user`: who may use the server, whether one runs on the data folder or not."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from ferrule.auth import keys
from ferrule.auth.secret import write_private
from ferrule.domain.names import entity_name
from ferrule.errors import PublicError
from ferrule.ports.people import People
from ferrule.settings import load_settings, os_user_name

KEY_FILE = "api-key"
"""The owner's key, in the data folder, for the owner's eyes alone."""

_data_dir = click.option("--data-dir", type=click.Path(path_type=Path), help="The data folder.")


@click.group()
def user() -> None:
    """Add people, and give them keys."""


@user.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see and change everything.")
@click.option("--email", default="", help="Shown to others; nothing is sent to it.")
@click.option("--api-key", help="A key of their own choice. [a new one]")
@_data_dir
def add(name: str, admin: bool, email: str, api_key: str | None, data_dir: Path | None) -> None:
    """Add a person and print their API key. It is stored as a hash: keep it."""

    async def work(people: People) -> str:
        key = keys.checked(api_key) if api_key else keys.new_key()
        if await people.by_key_hash(keys.hashed(key)):
            raise click.ClickException("Someone has that API key already; nobody was added.")
        person = await people.add(entity_name(name), email=email, admin=admin)
        await people.add_key(person.id, keys.hashed(key), keys.hint(key), "made by ferrule user")
        return key

    click.echo(_with_people(data_dir, work))


@user.command()
@_data_dir
def key(data_dir: Path | None) -> None:
    """Print the owner's API key: that of the first person, who is made if there is none.

    It is kept in the file `api-key` of the data folder, which no one else may read.
    """
    place = _folder(data_dir) / KEY_FILE
    click.echo(_with_people(data_dir, lambda people: _owners_key(people, place)))


async def _owners_key(people: People, place: Path) -> str:
    known = await people.owner()
    owner = known or await people.add(os_user_name(), admin=True)
    text = _kept(place) or keys.new_key()
    holder = await people.by_key_hash(keys.hashed(text))
    if holder is not None and holder.id != owner.id:
        raise click.ClickException(f"The key in `{KEY_FILE}` is someone else's; remove the file.")
    if holder is None:
        await people.add_key(owner.id, keys.hashed(text), keys.hint(text), "the owner's")
    if _kept(place) is None:
        write_private(place, text.encode())
    return text


def _kept(place: Path) -> str | None:
    return place.read_text().strip() if place.exists() else None


def _folder(data_dir: Path | None) -> Path:
    return load_settings({"data_dir": data_dir}, os.environ).data_dir


def _with_people(data_dir: Path | None, work: Callable[[People], Awaitable[str]]) -> str:
    """Do something to the people of a data folder."""
    from ferrule.stores.sql import open_stores

    async def main() -> str:
        async with open_stores(_folder(data_dir)) as stores:
            return await work(stores.people)

    try:
        return asyncio.run(main())
    except PublicError as err:
        raise click.ClickException(err.message) from err
    except OSError as err:
        raise click.ClickException(f"The data folder can't be used: {err}.") from err
