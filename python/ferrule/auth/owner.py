"""The owner of a data folder: the first person, with a key in a file of theirs."""

from pathlib import Path

from ferrule.auth.keys import hashed, hint, new_key
from ferrule.auth.secret import write_private
from ferrule.errors import Conflict
from ferrule.ports.people import People, Person

KEY_FILE = "api-key"
"""The owner's key, in the data folder, for the owner's eyes alone."""


async def owner_with_key(
    people: People, folder: Path, *, name: str, local: bool = False
) -> tuple[Person, str]:
    """Return the owner and their key, both made if they are not there.

    Args:
        people: Among whom the owner is the first.
        folder: The data folder.
        name: What to call an owner who is made.
        local: Whether a key that is made is that of a server that was started by itself.

    Raises:
        Conflict: The key in the file is someone else's.
    """
    place = folder / KEY_FILE
    if not place.exists():
        write_private(place, new_key(local=local).encode())
    key = kept_key(folder)
    owner = await people.owner() or await people.add(name, admin=True)
    try:
        await people.add_key(owner.id, hashed(key), hint(key), "the owner's")
    except Conflict as err:
        raise Conflict(f"The key in `{KEY_FILE}` is someone else's; remove the file.") from err
    return owner, key


def kept_key(folder: Path) -> str:
    """Return the key in the owner's file.

    Raises:
        OSError: There is none, or it can't be read.
    """
    return (folder / KEY_FILE).read_text().strip()
