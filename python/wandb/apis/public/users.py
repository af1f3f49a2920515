"""People, as programs read them."""

from __future__ import annotations

from typing import Any


class User:
    """A person with an account on the server."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self._attrs = attributes

    @property
    def username(self) -> str:
        """The name that the person logs in with, and that owns their runs."""
        return self._attrs.get("username") or ""

    @property
    def name(self) -> str:
        """The name for people."""
        return self._attrs.get("name") or self.username

    @property
    def entity(self) -> str:
        """Where the person's runs go unless they say otherwise."""
        return self._attrs.get("entity") or self.username

    @property
    def email(self) -> str:
        """The address, empty where it is not told."""
        return self._attrs.get("email") or ""

    @property
    def admin(self) -> bool:
        """Whether the person manages the server."""
        return bool(self._attrs.get("admin"))

    @property
    def id(self) -> str:
        """The server's own id."""
        return self._attrs.get("id") or ""

    @property
    def teams(self) -> list[str]:
        """The teams that the person belongs to, by name."""
        edges = (self._attrs.get("teams") or {}).get("edges") or []
        return [edge["node"]["name"] for edge in edges]

    def __repr__(self) -> str:
        return f"<User {self.username}>"
