"""What is done to a run, as data: a row here is a kind of round; a plan is one draw of it."""

import math
import random
from dataclasses import dataclass
from typing import Any

RECOVERIES = ("recover", "race", "twice", "next_init", "read", "killed")
FILE_DAMAGE = ("cut", "zeros_over", "zeros_after", "garbage_after")
HARMLESS_DAMAGE = ("none", "zeros_after", "garbage_after")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of round. Tuples are choices; pairs of numbers are ranges.

    `drive` names the function of drives.py that does it; `calls` is how many calls, over
    all writers, have returned before it is done; `needs` is what the machine must offer.
    """

    name: str
    drive: str = "kill_logging"
    programs: tuple[str, ...] = ("rows",)
    pauses: tuple[float, ...] = (0.0,)
    forks: tuple[int, int] = (0, 0)
    spawns: tuple[int, int] = (0, 0)
    threads: tuple[int, int] = (0, 0)
    targets: tuple[str, ...] = ("owner",)
    calls: tuple[int, int] = (1, 20_000)
    ends: tuple[str, ...] = ("finish",)
    damages: tuple[str, ...] = ("none",)
    recoveries: tuple[str, ...] = RECOVERIES
    needs: tuple[str, ...] = ()
    weight: int = 1


SLOW = (0.0005, 0.003, 0.02)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("kill_tight", weight=5),
        Scenario("kill_slow", pauses=SLOW, calls=(1, 100), weight=4),
        Scenario(
            "kill_partial", programs=("parts",), pauses=(0.0, 0.002), calls=(1, 2000), weight=3
        ),
        Scenario("kill_steps", programs=("steps",), pauses=(0.0, 0.002), calls=(1, 2000), weight=3),
        Scenario("kill_wide", programs=("wide",), calls=(1, 6000), weight=2),
        Scenario("kill_media", programs=("media",), calls=(1, 40), weight=3),
        Scenario("kill_images", programs=("images",), calls=(1, 200), needs=("numpy",), weight=3),
        Scenario(
            "kill_images_in_finish",
            drive="kill_finish",
            programs=("images",),
            calls=(1, 200),
            needs=("numpy",),
            weight=2,
        ),
        Scenario(
            "kill_images_recovery",
            programs=("images",),
            forks=(0, 2),
            targets=("both", "owner"),
            calls=(1, 60),
            recoveries=("killed_at_call", "killed"),
            needs=("numpy", "strace"),
            weight=2,
        ),
        Scenario("kill_in_init", drive="kill_init", weight=3),
        Scenario(
            "kill_in_finish",
            drive="kill_finish",
            programs=("rows", "parts", "media"),
            calls=(1, 60),
            weight=3,
        ),
        Scenario("kill_in_finish_backlog", drive="kill_finish", calls=(2000, 20_000), weight=2),
        Scenario("kill_child", forks=(1, 3), targets=("child",), calls=(10, 10_000), weight=3),
        Scenario(
            "kill_family",
            programs=("rows", "parts"),
            forks=(1, 3),
            targets=("both", "owner"),
            pauses=(0.0, 0.001),
            calls=(10, 5000),
            weight=4,
        ),
        Scenario(
            "kill_of_16",
            forks=(11, 11),
            spawns=(4, 4),
            targets=("owner", "child", "both"),
            calls=(200, 10_000),
            weight=3,
        ),
        Scenario(
            "kill_at_call",
            drive="kill_at_call",
            programs=("rows", "parts"),
            forks=(0, 3),
            spawns=(0, 1),
            calls=(1, 2000),
            needs=("strace",),
            weight=4,
        ),
        Scenario(
            "kill_recovery",
            forks=(0, 8),
            targets=("both", "owner"),
            calls=(1, 3000),
            recoveries=("killed_at_call", "killed"),
            needs=("strace",),
            weight=4,
        ),
        Scenario(
            "kill_recovery_media",
            programs=("media",),
            forks=(0, 2),
            targets=("both", "owner"),
            calls=(1, 30),
            recoveries=("killed_at_call", "killed"),
            needs=("strace",),
            weight=3,
        ),
        Scenario(
            "kill_attached",
            spawns=(1, 2),
            targets=("owner", "child", "both"),
            pauses=(0.001,),
            calls=(30, 500),
            weight=2,
        ),
        Scenario(
            "kill_forked_threads",
            threads=(1, 3),
            forks=(1, 2),
            targets=("owner", "child", "both"),
            calls=(100, 10_000),
            weight=2,
        ),
        Scenario(
            "torn_tail", programs=("rows", "wide"), calls=(1, 3000), damages=("cut",), weight=3
        ),
        Scenario(
            "zeroed_tail",
            programs=("rows", "parts"),
            calls=(1, 3000),
            damages=("zeros_over", "zeros_after", "garbage_after"),
            weight=3,
        ),
        Scenario(
            "torn_family",
            forks=(1, 2),
            targets=("both",),
            calls=(10, 2000),
            damages=FILE_DAMAGE,
            weight=2,
        ),
        Scenario(
            "forks_end_well",
            drive="run_out",
            forks=(1, 4),
            spawns=(0, 1),
            calls=(10, 5000),
            recoveries=("settled",),
            weight=2,
        ),
        Scenario(
            "exit_states",
            drive="run_out",
            calls=(1, 200),
            ends=("finish", "finish_7", "nothing", "exit_3", "raise", "os_exit"),
            recoveries=("recover",),
            weight=3,
        ),
        Scenario(
            "signals",
            drive="signal",
            pauses=(0.0, 0.002),
            targets=("SIGTERM", "SIGINT", "SIGHUP", "SIGABRT", "SIGSEGV"),
            calls=(1, 500),
            recoveries=("recover",),
            weight=2,
        ),
        Scenario(
            "twins",
            drive="twins",
            calls=(2, 500),
            recoveries=("settled",),
        ),
        Scenario("folder_moved", drive="move_folder", calls=(10, 2000), recoveries=("settled",)),
        Scenario(
            "folder_moved_killed",
            drive="move_and_kill",
            calls=(10, 2000),
            recoveries=tuple(
                one for one in RECOVERIES if one != "next_init"
            ),  # it can't know where
        ),
        Scenario(
            "live_reader",
            drive="read_while_written",
            programs=("rows", "parts"),
            pauses=(0.0, 0.0005),
            calls=(10, 5000),
            recoveries=("settled",),
        ),
        Scenario(
            "disk_full_freed",
            drive="fill_disk",
            programs=("rows", "parts", "steps"),
            calls=(1000, 6000),
            recoveries=("settled",),
            needs=("mount",),
            weight=2,
        ),
        Scenario(
            "disk_full_killed",
            drive="fill_disk_and_kill",
            calls=(1000, 6000),
            recoveries=("recover", "next_init"),
            needs=("mount",),
            weight=2,
        ),
        Scenario(
            "disk_full_ring_full",
            drive="fill_disk",
            programs=("wide",),
            calls=(9000, 12_000),
            damages=("overrun",),
            recoveries=("settled",),
            needs=("mount",),
            weight=2,
        ),
        Scenario(
            "disk_full_at_finish",
            drive="fill_disk_to_the_end",
            calls=(1000, 6000),
            recoveries=("recover",),
            needs=("mount",),
            weight=2,
        ),
        Scenario(
            "disk_full_at_init",
            drive="fill_disk_first",
            calls=(1, 100),
            damages=("overrun",),
            recoveries=("recover",),
            needs=("mount",),
        ),
        Scenario(
            "disk_stalled",
            drive="stall_disk",
            programs=("rows", "parts"),
            calls=(100, 10_000),
            recoveries=("settled",),
            needs=("ptrace",),
        ),
        Scenario(
            "disk_stalled_killed",
            drive="stall_disk_and_kill",
            programs=("rows", "parts"),
            calls=(100, 10_000),
            needs=("ptrace",),
        ),
        Scenario(
            "read_only_at_init",
            drive="read_only_first",
            calls=(10, 2000),
            recoveries=("settled",),
            needs=("mount",),
        ),
        Scenario(
            "read_only_later",
            drive="read_only_later",
            calls=(10, 2000),
            recoveries=("recover",),
            needs=("mount",),
        ),
        Scenario(
            "clock_steps",
            drive="step_clock",
            forks=(0, 1),
            pauses=(0.0, 0.001),
            calls=(100, 3000),
            recoveries=("settled",),
            needs=("cc",),
            weight=2,
        ),
        Scenario(
            "clock_steps_killed",
            drive="step_clock_and_kill",
            forks=(0, 1),
            pauses=(0.0, 0.001),
            calls=(100, 3000),
            needs=("cc",),
            weight=2,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One draw of a scenario: everything a round does but its instants."""

    scenario: Scenario
    seed: str
    program: str
    pause_secs: float
    forks: int
    spawns: int
    threads: int
    target: str
    calls: int
    end: str
    damage: str
    recovery: str
    children_finish: bool

    @property
    def damages_rows(self) -> bool:
        """Whether whole rows may be gone by the plan's own doing."""
        return self.damage in ("cut", "zeros_over", "overrun")

    def rng(self, purpose: str) -> random.Random:
        """Return the generator of one purpose; the same for every client."""
        return random.Random(f"{self.seed}:{purpose}")

    def params(self) -> dict[str, Any]:
        """Return what the worker is told."""
        return {
            "program": self.program,
            "pause_secs": self.pause_secs,
            "forks": self.forks,
            "spawns": self.spawns,
            "threads": self.threads,
            "end": self.end,
            "children_finish": self.children_finish,
        }


def draw(scenario: Scenario, seed: str) -> Plan:
    """Draw a plan; the same seed gives the same plan."""
    rng = random.Random(f"{seed}:plan")
    low, high = map(math.log, scenario.calls)
    return Plan(
        scenario=scenario,
        seed=seed,
        program=rng.choice(scenario.programs),
        pause_secs=rng.choice(scenario.pauses),
        forks=rng.randint(*scenario.forks),
        spawns=rng.randint(*scenario.spawns),
        threads=rng.randint(*scenario.threads),
        target=rng.choice(scenario.targets),
        calls=round(math.exp(rng.uniform(low, high))),
        end=rng.choice(scenario.ends),
        damage=rng.choice(scenario.damages),
        recovery=rng.choice(scenario.recoveries),
        children_finish=rng.random() < 0.5,
    )


def schedule(names: list[str], rounds: int, seed: int) -> list[Plan]:
    """Draw the plans of that many rounds: every scenario in turn, by weight, then shuffled."""
    pool = [SCENARIOS[name] for name in names for _ in range(SCENARIOS[name].weight)]
    rng = random.Random(f"{seed}:schedule")
    first = [SCENARIOS[name] for name in names][:rounds]
    chosen = first + [pool[place] for place in _shuffled(rng, rounds - len(first), len(pool))]
    rng.shuffle(chosen)
    return [draw(scenario, f"{seed}:{number}") for number, scenario in enumerate(chosen)]


def _shuffled(rng: random.Random, count: int, size: int) -> list[int]:
    """Return `count` numbers below `size`, each as often as the others but for one."""
    numbers = [i % size for i in range(-(-count // size) * size)]
    rng.shuffle(numbers)
    return numbers[:count] if count > size else rng.sample(range(size), count)
