"""Files that lie elsewhere: an artifact notes their addresses, a run's folder can't have them."""

import hashlib
import os
import re
from typing import Any, cast

from wandb.data_types.base import ArtifactSink, Media, MediaSink

_ADDRESS = re.compile(r"(?:gs|s3|https?)://")
_SHOWN_DIGITS = 20


def is_address(value: Any) -> bool:
    """Tell whether a value is the address of a file that lies elsewhere."""
    return isinstance(value, str) and _ADDRESS.match(value) is not None


def refer(media: Media, address: str, sink: MediaSink) -> dict[str, Any]:
    """Note an address in an artifact, and return what stands for the value there in JSON.

    Args:
        media: The value whose file lies there.
        address: Where.
        sink: An artifact.

    Raises:
        ValueError: It is no artifact, and takes files only.
    """
    if not sink.in_artifact:
        raise ValueError(
            f"wandb.{type(media).__name__}: {address!r} is an address, and files are kept here. "
            "Download it and pass the file."
        )
    digest = hashlib.sha256(address.encode()).hexdigest()
    path = f"media/{media.kind}/{digest[:_SHOWN_DIGITS]}/{os.path.basename(address)}"
    cast(ArtifactSink, sink).add_reference(address, name=path)
    caption = {} if media._caption is None else {"caption": media._caption}
    return {**caption, "_type": media._log_type, "path": path, "sha256": digest}
