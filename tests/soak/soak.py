"""A long run of many writers under random faults: memory stays flat, and nothing is lost.

    python tests/soak/soak.py                              # 30 minutes, 8 writers
    python tests/soak/soak.py --minutes 2 --writers 3 --seed 5

Writers log online through a proxy to a real server. All the while requests fail in all the ways
of `chaos/network.py`, services are killed, and the server is killed and started again. At the
end the weather clears, `wandb sync` sends what is left, and every row is looked for on the
server, once. Memory is sampled; the last quarter is compared with the second one. The exit
status is 1 if a row is missing or doubled, or if the memory of writers or services grew.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[0] = str(TESTS)
sys.path.insert(1, str(TESTS.parent / "benches"))

import meter  # noqa: E402
from chaos.network import HARMS, Weather  # noqa: E402
from e2e.ferrule_server import Server, environment  # noqa: E402
from e2e.proxy import proxied  # noqa: E402

WRITER = Path(__file__).with_name("writer.py")
SAMPLE_SECS = 10
GROWTH_MIB = 8
WEATHER_SECS, SERVICE_SECS, SERVER_SECS = (10, 40), (40, 120), (120, 300)
SHARE = 0.4
SCAN = """
import json, sys, wandb
run = wandb.Api().run(sys.argv[1])
print(json.dumps([run.state, [row["n"] for row in run.scan_history(keys=["n"], page_size=10000)]]))
"""


@dataclass
class Soak:
    """The processes of a soak and what is known of them."""

    folder: Path
    server: Server
    key: str
    url: str
    weather: Weather
    rng: random.Random
    writers: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)

    def variables(self, home: Path) -> dict[str, str]:
        return environment(
            HOME=str(home),
            WANDB_API_KEY=self.key,
            WANDB_BASE_URL=self.url,
            WANDB_FINISH_TIMEOUT="60",
            WANDB_X_STATS_SAMPLING_INTERVAL="5",
        )

    def home(self, name: str) -> Path:
        return self.folder / name

    def start(self, name: str, secs: float, rate: float) -> None:
        home = self.home(name)
        home.mkdir()
        command = [sys.executable, str(WRITER), name, str(secs), str(rate), str(home / "told")]
        with (home / "words").open("ab") as words:
            self.writers[name] = subprocess.Popen(
                command, cwd=home, env=self.variables(home), stdout=words, stderr=words
            )

    def told(self, name: str) -> dict[str, float]:
        return json.loads((self.home(name) / "told").read_text())

    # --- what is done to them -----------------------------------------------------------------

    def change_weather(self) -> None:
        """Do another kind of harm from now on, or none."""
        harm = self.rng.choice([None, *HARMS])
        self.weather.harm, self.weather.share = harm, SHARE
        self.deeds[f"weather: {harm or 'fair'}"] += 1

    def kill_a_service(self) -> None:
        services = self.services()
        if services:
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(services), signal.SIGKILL)
            self.deeds["service killed"] += 1

    def restart_server(self) -> None:
        kill = self.rng.random() < 0.5
        (self.server.kill if kill else self.server.stop)()
        time.sleep(self.rng.uniform(0, 5))
        self.server.start()
        self.deeds[f"server {'killed' if kill else 'stopped'}"] += 1

    # --- what they take -----------------------------------------------------------------------

    def services(self) -> list[int]:
        homes = {f"HOME={self.home(name)}".encode() for name in self.writers}
        running = [process.pid for process in self.writers.values()]
        ours = [pid for pid in meter.processes() if homes & set(meter.environment(pid))]
        return [pid for pid in ours if pid not in running]

    def sample(self) -> None:
        groups = {
            "writers": [process.pid for process in self.writers.values()],
            "services": self.services(),
            "server": [self.server.process.pid] if self.server.process else [],
        }
        for name, pids in groups.items():
            sizes = [size for pid in pids if (size := meter.status_mib("VmRSS", pid))]
            if sizes:
                self.memory.setdefault(name, []).append(statistics.mean(sizes))

    def growth(self, name: str) -> tuple[float, float]:
        """Return the median of the second quarter, and how much more the last one's is."""
        samples = self.memory[name]
        quarter = max(1, len(samples) // 4)
        early = statistics.median(samples[quarter : 2 * quarter] or samples)
        return early, statistics.median(samples[-quarter:]) - early

    # --- the end ------------------------------------------------------------------------------

    def deliver(self, name: str) -> None:
        """Send what is left, by hand."""
        home = self.home(name)
        folders = sorted(map(str, home.glob("wandb/run-*")))
        subprocess.run(
            [sys.executable, "-m", "wandb", "sync", *folders],
            cwd=home,
            env=self.variables(home),
            check=False,
        )

    def arrived(self, name: str) -> tuple[str, list[int]]:
        found = subprocess.run(
            [sys.executable, "-c", SCAN, f"soak/soak/{name}"],
            cwd=self.folder,
            env=self.variables(self.folder),
            capture_output=True,
            text=True,
            check=True,
        )
        state, numbers = json.loads(found.stdout.splitlines()[-1])
        return state, numbers


def torment(soak: Soak, secs: float) -> None:
    """Do harm until the time is up, and sample."""
    deeds = {
        soak.change_weather: WEATHER_SECS,
        soak.kill_a_service: SERVICE_SECS,
        soak.restart_server: SERVER_SECS,
    }
    until = time.monotonic() + secs
    due = {deed: time.monotonic() + soak.rng.uniform(*span) for deed, span in deeds.items()}
    sampled = time.monotonic()
    while time.monotonic() < until:
        time.sleep(0.5)
        for deed, moment in due.items():
            if time.monotonic() >= moment:
                deed()
                due[deed] = time.monotonic() + soak.rng.uniform(*deeds[deed])
        if time.monotonic() >= sampled + SAMPLE_SECS:
            sampled = time.monotonic()
            soak.sample()


def clear_up(soak: Soak) -> None:
    """Let the writers end in peace, and send what is left."""
    soak.weather.clear = True
    for process in soak.writers.values():
        process.wait(600)
    for name in soak.writers:
        soak.deliver(name)


def judge(soak: Soak) -> bool:
    """Say what became of all rows and of the memory; tell whether all is well."""
    logged = lost = doubled = 0
    for name in soak.writers:
        told = soak.told(name)
        state, numbers = soak.arrived(name)
        missing = set(range(int(told["rows"]))) - set(numbers)
        logged, lost = logged + int(told["rows"]), lost + len(missing)
        doubled += len(numbers) - len(set(numbers))
        print(
            f"{name}: {state}, {told['rows']} rows, {len(missing)} missing; longest log "
            f"{told['longest_log_secs'] * 1000:.0f} ms, finish {told['finish_secs']:.1f} s"
        )
    print(f"{logged} rows logged, {lost} lost, {doubled} doubled; {soak.weather.done} faults")
    print(", ".join(f"{deed} {count}" for deed, count in sorted(soak.deeds.items())))
    flat = True
    for name in soak.memory:
        early, more = soak.growth(name)
        peak = max(soak.memory[name])
        print(f"memory of {name}, each: {early:.1f} MiB, later {more:+.1f}, peak {peak:.1f}")
        flat &= name == "server" or more <= GROWTH_MIB
    return flat and not lost and not doubled


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rate", type=float, default=50, help="rows a second of each writer")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng, secs = random.Random(options.seed), options.minutes * 60
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    server = Server(folder / "server").start()
    key = server.add_user("soak")
    weather = Weather(None, SHARE, rng)
    print(f"{options.writers} writers for {options.minutes} minutes in {folder}", flush=True)
    try:
        with proxied(server.url, weather) as proxy:
            soak = Soak(folder, server, key, proxy.url, weather, rng)
            for number in range(options.writers):
                soak.start(f"w{number}", secs, options.rate)
            torment(soak, secs)
            clear_up(soak)
            return 0 if judge(soak) else 1
    finally:
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
