"""What can be done to files, disks and clocks from outside the process under test."""

import atexit
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

DISK_BYTES = 96 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
HEADER_BYTES = 7
CLOCK_SOURCE = Path(__file__).resolve().parent / "wallclock.c"
# A thread's calls are counted by name, so each kind has one name on each architecture.
CHANGING_CALLS = {
    "folder": ("mkdir", "mkdirat"),
    "link": ("symlink", "symlinkat"),
    "rename": ("rename", "renameat2"),
    "rename_at": ("renameat",),
    "reserve": ("fallocate",),
    "cut": ("ftruncate",),
    "lock": ("flock",),
    "text": ("write",),
    "append": ("pwrite64",),
    "sync": ("fdatasync", "fsync"),
    "remove": ("unlink",),
    "remove_at": ("unlinkat",),
}
# About as many as are made; a call that is not reached kills nobody.
CALLS_MADE = {
    "init": {
        "folder": 8,
        "link": 3,
        "rename": 3,
        "rename_at": 3,
        "reserve": 3,
        "lock": 3,
        "append": 3,
        "text": 2,
    },
    "finish": {"append": 4, "sync": 2, "remove_at": 8, "lock": 6, "rename_at": 2},
    "recovery": {"append": 4, "sync": 3, "remove_at": 20, "rename_at": 2, "lock": 4, "cut": 2},
}
MOUNT_NAMESPACE = "CHAOS_MOUNT_NAMESPACE"


def namespace_command() -> list[str] | None:
    """Return the prefix that gives a process mounts of its own, or None where none works."""
    for prefix in (["unshare", "-m", "--propagation", "private"], ["unshare", "-Urm"]):
        if _works([*prefix, "mount", "-t", "tmpfs", "none", "/mnt"]):
            return prefix
    return None


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def can_mount() -> bool:
    """Tell whether this process was started with mounts of its own."""
    return MOUNT_NAMESPACE in os.environ


def mount_small_disk(path: Path) -> None:
    _mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(path))


def mount_read_only(path: Path) -> None:
    """Make a folder read-only for every later look-up; files open already stay as they are."""
    _mount("--bind", str(path), str(path))
    _mount("-o", "remount,bind,ro", str(path))


def unmount(path: Path) -> None:
    subprocess.run(["umount", "-l", str(path)], check=True)


def _mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


def fill(path: Path) -> Path:
    """Take all space of a file system with one file and return it."""
    ballast = path / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (CHUNK_BYTES, 4096, 1):
            _write_until_full(file.write, bytes(size))
    return ballast


def _write_until_full(write: Callable[[bytes], int | None], chunk: bytes) -> None:
    try:
        while write(chunk):
            pass
    except OSError:
        return


def compiler() -> str | None:
    """Return the C compiler that the shifted clock is built with."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


@cache
def clock_library() -> Path:
    """Build the library that shifts the wall clock, once, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-clock-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = folder / "wallclock.so"
    command = [str(compiler()), "-shared", "-fPIC", "-O1", "-o", str(library), str(CLOCK_SOURCE)]
    subprocess.run(command, check=True)
    return library


class WallClock:
    """A wall clock that is off by what a mapped file says; monotonic clocks are left alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(8))

    def step(self, offset_secs: int) -> None:
        with self.path.open("r+b") as file:
            file.write(offset_secs.to_bytes(8, sys.byteorder, signed=True))

    def variables(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(clock_library()), "CHAOS_CLOCK": str(self.path)}


def deadly_call(kind: str, number: int) -> list[str]:
    """Return the prefix that kills a process when a thread of it makes its n-th call of a kind.

    The call itself is not made. Between two calls nothing on disk changes, so this finds every
    instant that matters, those that a timer hardly ever hits included.
    """
    calls = ",".join(f"?{name}" for name in CHANGING_CALLS[kind])
    inject = f"inject={calls}:signal=KILL:when={number}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject]


def random_deadly_call(rng: random.Random, when: str) -> list[str]:
    """Draw a call that `init`, `finish` or a recovery makes, as `when` says."""
    calls = [(kind, n + 1) for kind, count in CALLS_MADE[when].items() for n in range(count)]
    return deadly_call(*rng.choice(calls))


def is_traced(pid: int) -> bool:
    """Tell whether a tracer has come to hold a process."""
    try:
        return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def can_trace() -> bool:
    return _works([*deadly_call("text", 60_000), "true"])


def damage(kind: str, journals: list[Path], rng: random.Random) -> str:
    """Do to one of the files what a crash of the machine might, and say what."""
    candidates = [path for path in journals if path.stat().st_size > HEADER_BYTES]
    if kind in ("none", "overrun") or not candidates:
        return "nothing"
    path = rng.choice(candidates)
    return f"{path.name}: {DAMAGES[kind](path, rng)}"


def _cut(path: Path, rng: random.Random) -> str:
    size = rng.randint(HEADER_BYTES, path.stat().st_size)
    os.truncate(path, size)
    return f"cut at {size}"


def _zeros_over(path: Path, rng: random.Random) -> str:
    size = path.stat().st_size
    start = rng.randint(HEADER_BYTES, size)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(bytes(size - start))
    return f"zeros from {start} to the end at {size}"


def _zeros_after(path: Path, rng: random.Random) -> str:
    return _append(path, bytes(rng.choice((1, 7, 4096, rng.randint(1, 100_000)))), "zeros")


def _garbage_after(path: Path, rng: random.Random) -> str:
    return _append(path, rng.randbytes(rng.choice((1, 7, rng.randint(1, 70_000)))), "garbage")


def _append(path: Path, tail: bytes, what: str) -> str:
    with path.open("ab") as file:
        file.write(tail)
    return f"{len(tail)} bytes of {what} after the end"


DAMAGES: dict[str, Callable[[Path, random.Random], str]] = {
    "cut": _cut,
    "zeros_over": _zeros_over,
    "zeros_after": _zeros_after,
    "garbage_after": _garbage_after,
}
