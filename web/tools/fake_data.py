"""What the fake server knows: runs with curves that look like training, made from a seed."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STARTED = 1_790_000_000.0
WORDS = [
    "amber",
    "quiet",
    "dawn",
    "brisk",
    "maple",
    "silver",
    "lunar",
    "vivid",
    "gentle",
    "copper",
    "rustic",
    "polar",
    "crimson",
    "hollow",
    "spring",
    "misty",
    "golden",
    "frost",
    "ember",
    "autumn",
]
NOUNS = [
    "river",
    "finch",
    "comet",
    "cedar",
    "harbor",
    "meadow",
    "falcon",
    "lantern",
    "glacier",
    "orchard",
    "prairie",
    "ridge",
    "sparrow",
    "thicket",
    "valley",
    "willow",
    "canyon",
    "breeze",
    "aurora",
    "summit",
]
HOSTILE = '<img src=x onerror="window.__owned=1"><script>window.__owned=1</script>'


@dataclass(slots=True)
class FakeRun:
    """One run: its numbers follow from its seed and how far it came."""

    name: str
    display_name: str
    seed: int
    steps: int
    state: str = "finished"
    secs_per_step: float = 0.45
    notes: str = ""
    tags: tuple[str, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    created: float = STARTED
    diverges: bool = False
    curves: dict[str, Floats] = field(default_factory=dict)

    def curve(self, key: str) -> Floats:
        """Return the key's value at every step; NaN where it is not logged is not drawn."""
        known = self.curves.get(key)
        if known is None or len(known) < self.steps:
            room = max(self.steps, 4000) if self.state == "running" else self.steps
            known = self.curves[key] = make_curve(self, key, room)
        return known[: self.steps]

    def steps_of(self, key: str) -> Floats:
        """Return the steps at which the key was logged."""
        stride = 50 if key.startswith("val/") else 1
        return np.arange(0, self.steps, stride, dtype=np.float64)

    def x_of(self, key: str, steps: Floats) -> Floats:
        """Return an x axis at those steps."""
        if key == "_step":
            return steps
        if key == "_runtime":
            return steps * self.secs_per_step
        if key == "_timestamp":
            return self.created + steps * self.secs_per_step
        return self.curve(key)[steps.astype(np.int64)]

    def summary(self) -> dict[str, Any]:
        """Return the last value of everything, as a server would."""
        if not self.steps:
            return {}
        found: dict[str, Any] = {"_step": self.steps - 1}
        for key in KEYS:
            value = float(self.curve(key)[int(self.steps_of(key)[-1])])
            found[key] = "NaN" if value != value else value
        found["best"] = {"val/accuracy": 0.91, "epoch": 12}
        return found


LAYERS = tuple(
    f"layers/block_{at}/{what}" for at in range(8) for what in ("weight_norm", "grad_norm")
)
KEYS = (
    "train/loss",
    "train/accuracy",
    "train/grad_norm",
    "train/lr",
    "train/perplexity",
    "val/loss",
    "val/accuracy",
    "val/f1",
    "epoch",
    "perf/tokens_per_s",
    "perf/step_ms",
    "perf/data_wait_ms",
    "debug/spikes",
    "debug/unstable",
    "debug/mostly_negative",
    "reward",
    "losses.recon",
    "losses.kl",
    *LAYERS,
    "optimizer/beta_1",
    "optimizer/weight_decay",
    "optimizer/update_ratio",
    "memory/allocated_gib",
    "memory/reserved_gib",
    "constant",
)
SYSTEM_KEYS = (
    r"system\.cpu",
    r"system\.memory_percent",
    r"system\.proc\.memory\.rssMB",
    r"system\.proc\.cpu\.threads",
    r"system\.disk\.\\.usagePercent",
    r"system\.network\.sent",
    r"system\.network\.recv",
    r"system\.gpu\.0\.gpu",
    r"system\.gpu\.0\.memoryAllocated",
    r"system\.gpu\.0\.temp",
    r"system\.gpu\.0\.powerWatts",
    r"system\.gpu\.1\.gpu",
    r"system\.gpu\.1\.memoryAllocated",
    r"system\.gpu\.1\.temp",
    r"system\.gpu\.1\.powerWatts",
)


def make_curve(run: FakeRun, key: str, count: int) -> Floats:
    """Make a curve that looks like its name."""
    seed = run.seed * 7919 + sum(ord(letter) * (at + 1) for at, letter in enumerate(key))
    dice = np.random.default_rng(seed)
    step = np.arange(count, dtype=np.float64)
    progress = step / max(count, 2000)
    noise = dice.normal(0, 1, count)
    speed = 3 + 5 * dice.random()
    fall = np.exp(-speed * progress)
    level = 0.15 + 0.3 * dice.random()
    if key == "epoch":
        return np.floor(step / 100)
    if key == "constant":
        return np.full(count, 42.0)
    if key == "train/lr":
        return np.minimum(step / 200, 1) * 3e-4 * (0.5 + 0.5 * np.cos(np.pi * progress))
    if "loss" in key or key == "train/perplexity":
        made = level + 2.2 * fall + noise * (0.05 + 0.12 * fall)
        if run.diverges and key == "train/loss":
            made[int(count * 0.7) :: 9] = np.nan
            made[int(count * 0.7) :] += 3 * progress[int(count * 0.7) :]
        return np.exp(made) if key == "train/perplexity" else made
    if "accuracy" in key or key == "val/f1":
        return np.clip(0.95 - level / 2 - 0.7 * fall + noise * 0.012, 0, 1)
    if "grad_norm" in key or key == "train/grad_norm":
        return np.exp(noise * 0.4 + 1.5 * fall)
    if key == "debug/spikes":
        made = 1 + 0.1 * noise
        made[dice.integers(0, max(count, 1), max(count // 400, 1))] *= 60
        return made
    if key == "debug/unstable":
        made = np.sin(step / 40) + 0.2 * noise
        made[(step % 211) < 12] = np.nan
        made[(step % 389) == 100] = np.inf
        made[(step % 577) == 200] = -np.inf
        return made
    if key == "debug/mostly_negative":
        return noise - 0.8
    if key.startswith("system") and key.endswith(("gpu", "cpu", "ercent", "memoryAllocated")):
        return np.clip(78 + 8 * np.sin(step / 25) + 5 * noise, 0, 100)
    if "temp" in key:
        return 40 + 28 * (1 - np.exp(-step / 60)) + noise
    if "network" in key:
        return np.cumsum(np.abs(noise) * 3e6)
    return 40 * (0.4 + dice.random()) * (1 + 0.25 * progress + 0.03 * noise)


def log_lines(run: FakeRun) -> list[str]:
    """Make console output with colours, progress bars, tracebacks and hostile text."""
    made = [f"\x1b[1mferrule\x1b[0m demo: training \x1b[36m{run.display_name}\x1b[0m", HOSTILE]
    for at in range(min(run.steps, 6000)):
        if at % 97 == 96:
            made.append(f"\x1b[33mWARNING\x1b[0m step {at}: data loader waited {at % 7 + 2} s")
        elif at % 50 == 0:
            made.append(
                f"\x1b[32mval\x1b[0m step {at:>6}  accuracy \x1b[1m{0.5 + at / 20000:.4f}\x1b[0m"
            )
        else:
            made.append(f"step {at:>6}  loss {run.curve('train/loss')[at]:.4f}  lr 3.0e-04")
    if run.state in ("failed", "crashed"):
        made += [
            "\x1b[31mTraceback (most recent call last):\x1b[0m",
            '  File "train.py", line 214, in <module>',
            "    loss.backward()",
            "\x1b[31;1mtorch.cuda.OutOfMemoryError\x1b[0m: tried to allocate 2.25 GiB",
        ]
    return made


def make_runs() -> list[FakeRun]:
    """Make thirty runs: one that goes on, one of 120,000 steps, some that went wrong."""
    states = ["finished"] * 30
    states[3], states[7], states[11], states[16] = "crashed", "failed", "killed", "preempted"
    made = []
    for at in range(30):
        dice = np.random.default_rng(at)
        name = f"{at:02d}" + "".join(dice.choice(list("abcdefghjkmnpqrstvwxyz0123456789"), 6))
        run = FakeRun(
            name=name,
            display_name=f"{WORDS[at % 20]}-{NOUNS[(at * 7) % 20]}-{30 - at}",
            seed=at,
            steps=int(dice.integers(700, 2600)) if at != 13 else 120_000,
            state=states[at],
            created=STARTED - at * 5400.0,
            diverges=at in (3, 8),
            tags=tuple(dice.choice(["baseline", "sweep", "ablation", "v2"], at % 3, replace=False)),
            notes="Warm-up twice as long as before; the rest as in the baseline."
            if at % 4 == 1
            else "",
            config={
                "lr": float(f"{10 ** dice.uniform(-5, -2):.3g}"),
                "batch_size": int(2 ** dice.integers(4, 9)),
                "model": {"name": "transformer", "depth": int(dice.integers(4, 24)), "width": 768},
                "optimizer": str(dice.choice(["adamw", "sgd", "lion"])),
                "seed": at,
                "dropout": round(float(dice.uniform(0, 0.3)), 2),
                "augment": bool(at % 2),
                "dataset": "tiny-corpus/v3",
            },
        )
        made.append(run)
    growing = made[0]
    growing.state, growing.steps, growing.created = "running", 600, time.time() - 600 * 0.45
    hostile = made[2]
    hostile.display_name = HOSTILE
    hostile.notes = HOSTILE
    hostile.config["prompt"] = HOSTILE
    hostile.tags = (HOSTILE,)
    for run in made:
        run.console = log_lines(run)
    return made
