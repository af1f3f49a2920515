"""Randomised rounds of online runs under kills and faults; everything logged must arrive once.

    python tests/chaos/online.py                        # 200 rounds
    python tests/chaos/online.py --rounds 10 --seed 4
    python tests/chaos/online.py --kind kill_server     # one kind
    python tests/chaos/online.py --replay 4:7 --kind kill_server

A round is one script that logs online through a proxy to a real server, while services,
servers and connections die. Then the weather clears, what is left is delivered by the next
run, and the server's rows are compared with the calls that returned. The exit status is 1 if
a round was not clean.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[0] = str(TESTS)
sys.path.insert(1, str(TESTS.parent / "benches"))

from chaos import board as boards  # noqa: E402
from chaos import faults  # noqa: E402
from chaos.network import Weather  # noqa: E402
from chaos.online_kinds import ENDS, KINDS, Plan, draw, schedule  # noqa: E402
from chaos.programs import PROGRAMS  # noqa: E402
from chaos.verdict import Findings, Promise, judge  # noqa: E402
from e2e.ferrule_server import Server, environment  # noqa: E402
from e2e.proxy import Proxy, proxied  # noqa: E402
from made import ask  # noqa: E402

WORKER = Path(__file__).with_name("worker.py")
KEY = "0123456789abcdef0123456789abcdef01234567"
OWNER = "chaos"
LINGER_SECS = 3
FINISH_SECS = 8
# What a process may take beyond its bounds on a busy machine before the round counts as stuck.
GRACE_SECS = 12
END_SECS = 60
ARRIVAL_SECS = 60
HISTORY = """
query Rows($entity: String!, $project: String!, $name: String!) {
  project(name: $project, entityName: $entity) {
    run(name: $name) { state history(minStep: 0, maxStep: 1000000000, samples: 10000000) }
  }
}
"""
NEXT_RUN = "import wandb; wandb.init(project='next', dir='.').finish()"


@dataclass
class Result:
    """What became of a round."""

    plan: Plan
    findings: Findings
    end_secs: float = 0.0
    longest_log_secs: float = 0.0
    round_secs: float = 0.0
    kills: int = 0
    faults: int = 0

    @property
    def clean(self) -> bool:
        return self.findings.clean


@dataclass
class Round:
    """The processes and folders of one round."""

    plan: Plan
    server: Server
    proxy: Proxy
    weather: Weather
    folder: Path
    marker: str = field(default_factory=lambda: uuid.uuid4().hex)
    kills: int = 0
    board: boards.Board = field(init=False)
    worker: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def project(self) -> str:
        return "round-" + self.plan.seed.replace(":", "-")

    @property
    def run_id(self) -> str:
        return "r" + self.plan.seed.replace(":", "x")

    def variables(self) -> dict[str, str]:
        """Return the environment of the script and of all it starts."""
        home = str(self.folder)
        return environment(
            HOME=home,
            TMPDIR=home,
            CHAOS_ROUND=self.marker,
            WANDB_BASE_URL=self.proxy.url,
            WANDB_API_KEY=KEY,
            WANDB_ENTITY=OWNER,
            WANDB_X_SERVICE_LINGER=str(LINGER_SECS),
            WANDB_FINISH_TIMEOUT=str(FINISH_SECS),
            WANDB_INIT_TIMEOUT="10",
        )

    def start(self) -> None:
        """Start the script and let it go."""
        self.board = boards.Board.create(self.folder / "board", limit=2 * self.plan.calls + 2000)
        init = {"project": self.project, "id": self.run_id, "dir": str(self.folder)}
        params = {
            "program": self.plan.program,
            "pause_secs": self.plan.pause_secs,
            "end": self.plan.end,
            "init": init,
        }
        (self.folder / "params").write_text(json.dumps(params))
        command = [sys.executable, "-W", "ignore", str(WORKER)]
        self.worker = self.popen([*command, str(self.folder / "board"), "params"])
        self.board.go()

    def popen(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / "words").open("ab") as words:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )

    def processes(self) -> dict[int, str]:
        """Return the live processes of the round with their command lines."""
        wanted = f"CHAOS_ROUND={self.marker}".encode()
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        found = {pid: _read(pid, "cmdline") for pid in pids if wanted in _read(pid, "environ")}
        return {pid: line.replace(b"\0", b" ").decode() for pid, line in found.items() if line}

    def services(self) -> list[int]:
        return [pid for pid, line in self.processes().items() if "wandb._service" in line]

    def wait(self, happened: Callable[[], bool], secs: float) -> bool:
        """Wait until something happened or the script ended; tell whether in time."""
        deadline = time.monotonic() + secs
        while not happened() and self.worker.poll() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def stop(self) -> None:
        """Leave no process."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.worker.wait(5)


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def play(plan: Plan, server: Server) -> Result:
    """Play a round against a server that is up, and leave it up."""
    started = time.monotonic()
    weather = Weather(plan.kind.harm, plan.share, plan.rng("weather"))
    folder = Path(tempfile.mkdtemp(prefix="online-"))
    result = Result(plan, Findings())
    with proxied(server.url, weather) as proxy:
        stage = Round(plan, server, proxy, weather, folder)
        try:
            _torment(stage, result)
            _deliver_and_judge(stage, result)
        finally:
            stage.stop()
            result.kills, result.faults = stage.kills, weather.done
            weather.clear = True
            _revive(server)
    result.round_secs = time.monotonic() - started
    if result.clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        result.findings.note(f"remains in {folder}; server's words in {server.log}")
    return result


def _torment(stage: Round, result: Result) -> None:
    """Log while things die; end as the plan says."""
    plan, rng = stage.plan, stage.plan.rng("instants")
    if plan.kind.absent_at_start:
        stage.server.kill()
    stage.start()
    deeds = _deeds(stage, rng)
    for number, deed in enumerate(deeds, 1):
        share = plan.calls * number // (len(deeds) + 1)
        stage.wait(lambda share=share: stage.board.returned() >= share, END_SECS)
        time.sleep(rng.uniform(0, 0.1))
        deed()
    stage.wait(lambda: stage.board.returned() >= plan.calls, END_SECS)
    if plan.kind.kill_owner:
        stage.worker.kill()
        stage.kills += 1
    stage.board.stop()
    _await_end(stage, result)


def _deeds(stage: Round, rng: random.Random) -> list[Callable[[], None]]:
    kind = stage.plan.kind
    deeds: list[Callable[[], None]] = []
    deeds += [lambda: _kill_services(stage)] * rng.randint(*kind.service_kills)
    deeds += [lambda: _bounce(stage, rng)] * rng.randint(*kind.server_kills)
    if kind.absent_at_start:
        deeds.append(lambda: _revive(stage.server))
    if kind.full_disk:
        deeds.append(lambda: _fill_for_a_while(stage, rng))
    rng.shuffle(deeds)
    return deeds


def _kill_services(stage: Round) -> None:
    for pid in stage.services():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            stage.kills += 1


def _bounce(stage: Round, rng: random.Random) -> None:
    stage.server.kill()
    stage.kills += 1
    time.sleep(rng.uniform(0, 0.5))
    stage.server.start()


def _revive(server: Server) -> None:
    if server.process is None or server.process.poll() is not None:
        server.start()


def _fill_for_a_while(stage: Round, rng: random.Random) -> None:
    ballast = faults.fill(stage.server.folder / "data")
    time.sleep(rng.uniform(0.2, 1.5))
    ballast.unlink()


def _await_end(stage: Round, result: Result) -> None:
    """Wait for the script within its bounds, then for everything it started."""
    plan, notes = stage.plan, result.findings.notes
    began = time.monotonic()
    try:
        code = stage.worker.wait(FINISH_SECS + GRACE_SECS)
    except subprocess.TimeoutExpired:
        notes.append(f"the script did not end within {FINISH_SECS} s and {GRACE_SECS} s of grace")
        return
    result.end_secs = time.monotonic() - began
    wanted = -signal.SIGKILL if plan.kind.kill_owner else ENDS[plan.end]
    if code != wanted:
        notes.append(f"the script ended with {code} in place of {wanted}")
    slot = stage.board.slot(0)
    result.longest_log_secs = slot.longest_secs
    if slot.errors:
        notes.append(f"log raised {slot.errors} times")


def _deliver_and_judge(stage: Round, result: Result) -> None:
    """Let the weather clear, have what is left delivered, and compare."""
    stage.weather.clear = True
    _revive(stage.server)
    _await_leaving(stage, result)
    promise = _promise(stage)
    deadline = time.monotonic() + ARRIVAL_SECS
    findings, state = Findings(), None
    while time.monotonic() < deadline:
        rows, state = _stored(stage)
        findings = judge(rows, [promise], source="server")
        if findings.clean and state != "running":
            break
        done = stage.popen([sys.executable, "-W", "ignore", "-c", NEXT_RUN])
        done.wait(END_SECS)
        time.sleep(0.5)
    notes = result.findings.notes
    result.findings = findings
    findings.notes += notes
    _judge_state(stage, state, findings)
    _await_leaving(stage, result)


def _await_leaving(stage: Round, result: Result) -> None:
    """Check that nothing stays longer than the linger."""
    deadline = time.monotonic() + LINGER_SECS + GRACE_SECS
    while stage.processes():
        if time.monotonic() > deadline:
            left = ", ".join(stage.processes().values())
            result.findings.note(f"still there after the linger: {left}")
            stage.stop()
            return
        time.sleep(0.05)


def _promise(stage: Round) -> Promise:
    slot = stage.board.slot(0)
    return Promise(0, PROGRAMS[stage.plan.program], slot.returned, slot.begun)


def _judge_state(stage: Round, state: str | None, findings: Findings) -> None:
    if stage.plan.kind.kill_owner:
        wanted = {"crashed"}
    else:
        wanted = {"finished"} if stage.plan.end in ("finish", "nothing") else {"failed"}
    if state not in wanted:
        findings.note(f"the server says {state}, it should be {' or '.join(wanted)}")


def _stored(stage: Round) -> tuple[list[dict[str, Any]], str | None]:
    """Return the run's rows in order of writing, and its state, as the server tells them."""
    path = {"entity": OWNER, "project": stage.project, "name": stage.run_id}
    project = ask(stage.server.url, KEY, HISTORY, path)["project"]
    run = project["run"] if project else None
    if run is None:
        return [], None
    return [json.loads(row) for row in run["history"]], run["state"]


@contextmanager
def server_of(folder: Path, *, small_disk: bool) -> Iterator[Server]:
    """Run the server of all rounds, on a disk of its own if that is to be filled."""
    folder.mkdir(parents=True)
    if small_disk:
        faults.mount_small_disk(folder)
    server = Server(folder, variables={"FERRULE_CRASH_AFTER_SECS": "20"})
    try:
        server.add_user(OWNER, "--api-key", KEY)
        yield server.start()
    finally:
        server.kill()
        if small_disk:
            faults.unmount(folder)


def play_all(plans: list[Plan]) -> list[Result]:
    """Play plans one after the other, those that fill a disk on a server of their own."""
    results = []
    with tempfile.TemporaryDirectory(prefix="online-server-") as scratch:
        for small, label in ((False, "server"), (True, "small")):
            chosen = [plan for plan in plans if plan.kind.full_disk == small]
            if not chosen or (small and not _can_fill()):
                continue
            with server_of(Path(scratch, label), small_disk=small) as server:
                for plan in chosen:
                    results.append(play(plan, server))
                    tell(results[-1], len(results), len(plans))
    return results


def _can_fill() -> bool:
    if faults.can_mount():
        return True
    say("left out for want of mounts: full_disk (run it as root, or allow user namespaces)")
    return False


def tell(result: Result, number: int, total: int) -> None:
    """Say how a round went."""
    plan = result.plan
    verdict = "clean" if result.clean else "UNCLEAN"
    say(
        f"{number}/{total} {verdict} {plan.kind.name} {plan.seed}: {plan.calls} calls of "
        f"{plan.program}, {result.kills} kills, {result.faults} faults, "
        f"end {plan.end} in {result.end_secs:.1f} s, round {result.round_secs:.1f} s"
    )
    for note in result.findings.notes:
        say(f"    {note}")
    if not result.clean:
        say(f"    --replay {plan.seed} --kind {plan.kind.name}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def summary(results: list[Result]) -> str:
    """Sum up all rounds."""
    clean = sum(one.clean for one in results)
    promised = sum(one.findings.promised for one in results)
    lost = sum(one.findings.lost for one in results)
    doubled = sum(one.findings.doubled for one in results)
    return (
        f"online: {len(results)} rounds, {clean} clean; {lost:,} of {promised:,} rows lost, "
        f"{doubled:,} doubled under {sum(one.kills for one in results)} kills and "
        f"{sum(one.faults for one in results)} faults; "
        f"longest log {max(one.longest_log_secs for one in results):.3f} s, "
        f"longest end {max(one.end_secs for one in results):.1f} s"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/chaos/online.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="repeatable")
    parser.add_argument("--replay", metavar="SEED:N", help="one round again; needs one --kind")
    parser.add_argument("--json", type=Path, help="write the results there")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    prefix = None if faults.can_mount() else faults.namespace_command()
    if prefix is not None:
        os.environ[faults.MOUNT_NAMESPACE] = "1"
        os.execvp(prefix[0], [*prefix, sys.executable, *sys.argv])
    kinds = [KINDS[name] for name in options.kind or KINDS]
    if options.replay:
        plans = [draw(kind, options.replay) for kind in kinds]
    else:
        plans = schedule(kinds, options.rounds, options.seed)
    results = play_all(plans)
    print(summary(results))
    if options.json:
        options.json.write_text(json.dumps(as_json(results), indent=1))
    return 0 if all(one.clean for one in results) else 1


def as_json(results: list[Result]) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.plan.kind.name,
            "kills": one.kills,
            "faults": one.faults,
            "seed": one.plan.seed,
            "promised": one.findings.promised,
            "lost": one.findings.lost,
            "doubled": one.findings.doubled,
            "notes": one.findings.notes,
        }
        for one in results
    ]


if __name__ == "__main__":
    sys.exit(main())
