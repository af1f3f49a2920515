"""Posts rows to a history store, compacts now and then, and says which rows are durable.

Arguments: folder, seed, how many rows there are in the end. Each line on stdout is the number of
rows that are acknowledged.
"""

import json
import os
import pickle
import random
import select
import sys
from pathlib import Path

from wandb._native import HistoryStore

RUN, PROJECT = 3, 1
FOREVER = 2**63 - 1
SCOPE = [(RUN, 0, FOREVER)]


class Writer:
    """A store, the metadata beside it, and a client that sends everything again and again."""

    def __init__(self, folder, seed, **options):
        self.checkpoint = Path(folder) / "checkpoint"
        manifest, state = None, None
        if self.checkpoint.exists():
            manifest, state = pickle.loads(self.checkpoint.read_bytes())
        self.store = HistoryStore(folder, manifest, **options)
        self.state = state
        self.store.open_run(RUN, PROJECT, state)
        self.chance = random.Random(seed)

    def write(self, rows):
        known, _, _ = self.store.line_counts(RUN, 0, "")
        while known < rows:
            first = max(0, known - self.chance.randrange(20))
            known = min(rows, known + self.chance.randint(1, 9))
            self.post(first, known)
            tell(known)
            if self.chance.random() < 0.1:
                self.compact()

    def post(self, first, stop):
        content = [json.dumps({"_step": n, "x": n, "text": f"t{n}"}) for n in range(first, stop)]
        body = json.dumps({"files": {"wandb-history.jsonl": {"offset": first, "content": content}}})
        self.wait(self.store.accept(RUN, 0, "", body.encode(), 1.0)["seq"])

    def wait(self, seq):
        fd = self.store.durable_fd()
        while self.store.durable_seq() < seq:
            if select.select([fd], [], [], 1)[0]:
                os.read(fd, 8)

    def compact(self):
        checkpoint = self.store.compact()
        if checkpoint is None:
            return
        self.state = checkpoint["runs"].get(RUN, self.state)
        self.replace(pickle.dumps((checkpoint["manifest"], self.state)))
        self.store.committed(checkpoint["token"])

    def replace(self, data):
        beside = self.checkpoint.with_suffix(".new")
        beside.write_bytes(data)
        beside.replace(self.checkpoint)


def tell(what):
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    Writer(sys.argv[1], int(sys.argv[2])).write(int(sys.argv[3]))
