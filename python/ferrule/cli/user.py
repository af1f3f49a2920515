"""`ferrule user`: who may use the server, whether one runs on the data folder or not."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from ferrule.auth import keys
from ferrule.auth.owner import owner_with_key
from ferrule.domain.names import entity_name
from ferrule.errors import PublicError
from ferrule.ports.people import People
from ferrule.settings import load_settings, os_user_name

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

    async def work(people: People) -> str:
        _, text = await owner_with_key(people, _folder(data_dir), name=os_user_name())
        return text

    click.echo(_with_people(data_dir, work))


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
