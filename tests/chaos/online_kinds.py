"""What is done in a round of an online run, as data."""

import random
from dataclasses import dataclass

# How a script may end, and the exit code of its process.
ENDS = {"finish": 0, "finish_7": 0, "nothing": 0, "exit_3": 3, "raise": 1}


@dataclass(frozen=True, slots=True)
class Kind:
    """What happens in a round of this name."""

    name: str
    harm: str | None = None
    service_kills: tuple[int, int] = (0, 0)
    server_kills: tuple[int, int] = (0, 0)
    absent_at_start: bool = False
    full_disk: bool = False
    kill_owner: bool = False
    weight: int = 2


KINDS = {
    kind.name: kind
    for kind in (
        Kind("quiet", weight=1),
        Kind("kill_service", service_kills=(1, 3), weight=4),
        Kind("kill_server", server_kills=(1, 3), weight=4),
        Kind("kill_both", service_kills=(1, 2), server_kills=(1, 2), harm="cut", weight=3),
        Kind("kill_owner", kill_owner=True, weight=3),
        Kind("kill_owner_and_service", kill_owner=True, service_kills=(1, 1), weight=3),
        Kind("cuts", harm="cut", weight=3),
        Kind("too_many", harm="too_many"),
        Kind("failing", harm="failing", weight=3),
        Kind("portal", harm="portal"),
        Kind("absent_at_start", absent_at_start=True, weight=3),
        Kind("full_disk", full_disk=True),
    )
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One draw of a kind."""

    kind: Kind
    seed: str
    program: str
    calls: int
    pause_secs: float
    end: str
    share: float

    def rng(self, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}:{purpose}")


def draw(kind: Kind, seed: str) -> Plan:
    """Draw a plan; the same seed gives the same one."""
    rng = random.Random(f"{seed}:plan")
    return Plan(
        kind=kind,
        seed=seed,
        program=rng.choice(("rows", "rows", "parts", "steps", "wide")),
        calls=round(10 ** rng.uniform(1.5, 3.8)),
        pause_secs=rng.choice((0.0, 0.0, 0.001)),
        end=rng.choice(tuple(ENDS)),
        share=rng.choice((0.1, 0.3, 0.6)),
    )


def schedule(kinds: list[Kind], rounds: int, seed: int) -> list[Plan]:
    """Draw as many plans: each kind first, then by weight."""
    rng = random.Random(f"{seed}:schedule")
    pool = [kind for kind in kinds for _ in range(kind.weight)]
    chosen = [*kinds, *(rng.choice(pool) for _ in range(rounds))][:rounds]
    return [draw(kind, f"{seed}:{number}") for number, kind in enumerate(chosen)]
