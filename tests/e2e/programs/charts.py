"""Make a chart of one's own on the server, and again: the same script under every client.

python charts.py TARGET
"""

import json
import sys
from pathlib import Path

import wandb

SPEC = {
    "mark": "bar",
    "data": {"name": "wandb"},
    "encoding": {"x": {"field": "${field:x}"}, "y": {"field": "${field:y}"}},
}

api = wandb.Api()
first = api.create_custom_chart(
    entity="alice",
    name="bars",
    display_name="First",
    spec_type="vega2",
    access="private",
    spec="{}",
)
again = api.create_custom_chart("alice", "bars", "Bars", "vega2", "public", SPEC)
Path(sys.argv[1]).write_text(json.dumps([first, again]))
