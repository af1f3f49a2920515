"""The examples of the customer's documents: their texts, what they need, and how they are played.

Some of them are no whole programs. They are run as they stand, after what they lack:

| example | what is broken | what the test gives |
|---|---|---|
| `image_of_a_file` | `/path/to/` is the reader's to fill | `open` leads to a file that is there |
| `histogram_of_a_list`, `histogram_of_numpy` | nothing is logged | the last line's value is |
| `histogram_of_numpy` | `data` has no value | six numbers |
| `html_of_a_file`, `html_of_a_text`, `scatter_started` | no `import wandb` | the import |
| `histogram` | `wandb.init(...)`, which 0.21.3 refuses | the dots stand for no argument |
| `log_pr_curve` | `y_test`, `y_probas` and `labels` have no value | five samples of two classes |
| `predictions_table` | there is no `run` | one, finished at the end |

Left out of `Run.log`'s examples: two that repeat those of `Image` but for line breaks.
"""

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from e2e.running import PROGRAMS, run_program
from e2e.seed_files import LAID
from oracle.harness import Client, environments

TEXTS = Path(__file__).with_name("seed_examples.md")
EXAMPLE = re.compile(r"^## (\w+)\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BY_US = "# What the documents tell in words"
MEDIA = "0.21.3-media"
PLAYERS = 3

# What comes before a fragment: the names that it uses and does not make.
GIVEN = {
    "histogram_of_numpy": "data = [1, 1, 2, 3, 5, 8]",
    "html_of_a_file": "import wandb",
    "html_of_a_text": "import wandb",
    "scatter_started": "import wandb",
    "log_pr_curve": (
        "y_test = [0, 1, 1, 0, 1]\n"
        "y_probas = [[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7], [0.6, 0.4]]\n"
        "labels = ['dog', 'cat']"
    ),
    "predictions_table": 'import wandb\nrun = wandb.init(project="phishing")',
}


@dataclass(frozen=True)
class Example:
    """A program of the documents, and the project that it logs to."""

    name: str
    text: str
    from_seeds: bool

    @property
    def project(self) -> str:
        named = re.search(r'project="([^"]+)"', self.text + GIVEN.get(self.name, ""))
        return named[1] if named else "uncategorized"

    @property
    def needs_ffmpeg(self) -> bool:
        return 'format="mp4"' in self.text


def read() -> dict[str, Example]:
    """Return all examples by name, in the documents' order."""
    theirs, ours = TEXTS.read_text(encoding="utf-8").split(BY_US)
    found = [(*pair, True) for pair in EXAMPLE.findall(theirs)]
    found += [(*pair, False) for pair in EXAMPLE.findall(ours)]
    return {name: Example(name, text, seed) for name, text, seed in found}


@dataclass
class Players:
    """What plays examples under one client, against one server."""

    client: Client
    folder: Path
    url: str
    key: str

    def play(self, shares: list[list[Example]]) -> dict[str, str]:
        """Play each share in a process of its own; return the errors by example."""
        with ThreadPoolExecutor(PLAYERS) as pool:
            told = pool.map(self._play_share, range(len(shares)), shares)
            return {name: error for failed in told for name, error in failed.items()}

    def run_of(self, example: Example) -> str:
        """Return the id of the run that an example makes under this client."""
        return f"{example.name.replace('_', '-')}-by-{self.client.name.partition('-')[0]}"

    def _play_share(self, number: int, share: list[Example]) -> dict[str, str]:
        base = self.folder / str(number)
        asked = {
            "told": str(base / "seed_examples.json"),
            "libraries": libraries_beside(self.client),
            "examples": {one.name: self._asked(one, base) for one in share},
        }
        (base / "asked.json").write_text(json.dumps(asked))
        # Runs are named by the repository of their program; those of the documents have none.
        shutil.copy(PROGRAMS / "seed_examples.py", base)
        program = str(base / "seed_examples")
        return run_program(self.client, base, program, "asked.json", url=self.url, key=self.key)

    def _asked(self, example: Example, base: Path) -> dict[str, str]:
        folder = base / example.name
        folder.mkdir(parents=True)
        for name, lay in LAID.items():
            if name in example.text:
                lay(folder / name)
        given = GIVEN.get(example.name, "")
        run = self.run_of(example)
        return {"text": example.text, "given": given, "folder": str(folder), "run": run}


def libraries_beside(client: Client) -> list[str]:
    """Return where the other environment's libraries are: each lacks some that examples use."""
    other = environments().interpreter(MEDIA) if client.ours else Path(sys.executable)
    return [str(path) for path in other.parent.parent.glob("lib/python3*/site-packages")]
