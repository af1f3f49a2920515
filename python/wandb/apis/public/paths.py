"""How runs and projects are named: `entity/project/id`, in the forms in use."""

from urllib.parse import unquote, urlsplit


def parts_of(path: str) -> list[str]:
    """Split `entity/project/id`, also written as an address or with `runs/` before the id."""
    plain = unquote(urlsplit(path).path) if path.startswith(("http://", "https://")) else path
    parts = [part for part in plain.replace(":", "/").split("/") if part.strip()]
    if len(parts) > 2 and parts[2] == "runs":
        del parts[2]
    return parts
