"""Charts of one's own on a server, by which tables are drawn."""

from __future__ import annotations

import json
from typing import Any

from wandb.apis.public.server import Server
from wandb.errors import Error

_KINDS = ("vega2",)
_ACCESS = ("private", "public")


def keep_chart(
    server: Server,
    *,
    entity: str,
    name: str,
    title: str,
    kind: str,
    access: str,
    spec: str | dict[str, Any],
) -> str:
    """Keep a chart on a server, and return its id; see `Api.create_custom_chart`."""
    if kind not in _KINDS:
        raise ValueError(f"`spec_type` must be 'vega2', not {kind!r}")
    if access.lower() not in _ACCESS:
        raise ValueError(f"`access` must be 'private' or 'public', not {access!r}")
    answer = server.ask(
        "KeepChart",
        entity=entity,
        chart=name,
        title=title,
        kind=kind,
        access=access.upper(),
        spec=spec if isinstance(spec, str) else json.dumps(spec),
    )
    kept = (answer["createCustomChart"] or {}).get("chart")
    if kept is None:
        raise Error(f"The server did not keep the chart {entity}/{name}: it gave no reason.")
    chart_id: str = kept["id"]
    return chart_id
