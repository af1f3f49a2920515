"""Names that fit where they go: artifacts, images, paths on the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = (
    "alias_is_version_index",
    "docker_image_regex",
    "image_from_docker_args",
    "make_artifact_name_safe",
    "make_docker_image_name_safe",
    "to_forward_slash_path",
)

_ARTIFACT_NAME_LENGTH = 128
_ELISION = ".."
# registry/path:tag@digest; a tag, a digest or a slash tells an image from an argument.
_PATH_PART = r"[a-z0-9]+(?:(?:__|[._]|-+)[a-z0-9]+)*"
_HOST_PART = r"(?!-)[a-zA-Z0-9-]{1,63}(?<!-)"
_REGISTRY = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*(?::[0-9]{{1,5}})?/)?"
_IMAGE = re.compile(rf"{_REGISTRY}(?:{_PATH_PART}/)*{_PATH_PART}(?::[\w][\w.-]{{0,127}})?")


def make_artifact_name_safe(name: str) -> str:
    """Replace what an artifact's name may not hold by `_`; a long one loses its middle."""
    kept = re.sub(r"[^a-zA-Z0-9_\-.]", "_", name)
    if len(kept) <= _ARTIFACT_NAME_LENGTH:
        return kept
    half = (_ARTIFACT_NAME_LENGTH - len(_ELISION)) // 2
    return f"{kept[:half]}{_ELISION}{kept[-half:]}"


def make_docker_image_name_safe(name: str) -> str:
    """Make a name that docker takes for an image; `image` where nothing is left."""
    kept = re.sub(r"[^a-z0-9._\-]+", "__", name.lower())
    kept = re.sub(r"^[._-]+|[._-]+$", "", kept)
    return kept or "image"


def to_forward_slash_path(path: str) -> str:
    """Write a path with forward slashes, as the wire has it; on POSIX they are there already."""
    import os

    return path if os.sep == "/" else path.replace(os.sep, "/")


def alias_is_version_index(alias: str) -> bool:
    """Whether an alias counts a version: `v0`, `v12`."""
    return re.fullmatch(r"v\d+", alias) is not None


def docker_image_regex(image: str) -> re.Match[str] | None:
    """Match the name of a docker image, tag included; None where a text can't be one."""
    return _IMAGE.match(image) if image and not image.startswith("-") else None


def image_from_docker_args(args: Sequence[str]) -> str | None:
    """Find the image among the arguments of `docker run`.

    Args:
        args: The arguments, with or without the leading `run`.

    Returns:
        The first that looks most like an image: one with a tag, a digest or a slash, else the
        last that is no option; None where there is none.
    """
    words = [word for word in args if not word.startswith("-") and word != "run"]
    images = [word for word in words if _IMAGE.fullmatch(word)]
    marked = [word for word in images if ":" in word or "@" in word or "/" in word]
    return next(iter(marked), images[-1] if images else None)
