"""What machine and program this is, read cheaply: no processes, no network, few files."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

_MEMINFO = "/proc/meminfo"
_SIBLINGS = "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"


def git_root(folder: str) -> str | None:
    """Find the working tree that a folder lies in, by looking for `.git` upwards."""
    folder = os.path.abspath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def program_path() -> str | None:
    """Return the script's absolute path; None in an interpreter, a notebook or under `-c`."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.abspath(path) if path else None


def project_name(folder: str) -> str:
    """Name a project after the git repository a folder lies in, and where in it."""
    root = git_root(folder)
    if root is None:
        return "uncategorized"
    below = os.path.relpath(os.path.abspath(folder), root)
    parts = [os.path.basename(root)]
    if below != os.curdir:
        parts.append(below.replace(os.sep, "_"))
    return "-".join(parts)


def hardware_facts(disk_paths: Iterable[str] = ("/",)) -> dict[str, Any]:
    """Describe processors, memory and some disks, in the fields of an environment record."""
    threads = os.cpu_count() or 0
    cores = threads // _threads_per_core()
    facts: dict[str, Any] = {
        "cpu_count": cores,
        "cpu_count_logical": threads,
        "cpu": {"count": cores, "count_logical": threads},
        "disk": {path: use for path in disk_paths if (use := _disk(path))},
        "memory": _memory(),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _threads_per_core() -> int:
    """Count the hardware threads of the first core: `0,64` or `0-1` are two."""
    try:
        with open(_SIBLINGS, encoding="ascii") as file:
            parts = [part.split("-") for part in file.read().strip().split(",")]
        return sum(int(part[-1]) - int(part[0]) + 1 for part in parts) or 1
    except (OSError, ValueError):
        return 1


def _disk(path: str) -> dict[str, int]:
    try:
        disk = os.statvfs(path)
    except OSError:
        return {}
    total = disk.f_blocks * disk.f_frsize
    return {"total": total, "used": total - disk.f_bfree * disk.f_frsize}


def slurm_facts(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what Slurm tells its jobs, by names without its prefix, in small letters."""
    start = "SLURM_"
    return {
        name.removeprefix(start).lower(): text
        for name, text in environment.items()
        # A key to the cluster is nobody's business.
        if name.startswith(start) and name != "SLURM_JWT"
    }


def _memory() -> dict[str, int]:
    try:
        with open(_MEMINFO, encoding="ascii") as lines:
            kibibytes = int(lines.readline().split()[1])
    except (OSError, ValueError, IndexError):
        return {}
    return {"total": kibibytes * 1024}


def system_text() -> str:
    """Describe the operating system as `platform.platform()` does, without its imports."""
    system = os.uname()
    return f"{system.sysname}-{system.release}-{system.machine}{_libc_text()}"


def _libc_text() -> str:
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):  # another C library
        return ""
    return f"-with-{libc.replace(' ', '')}" if libc else ""


def platform_text() -> str:
    """Name operating system and processor: `linux-x86_64`."""
    system = os.uname()
    return f"{system.sysname}-{system.machine}".lower()


def python_version() -> str:
    """Return the interpreter's version: `3.11.7`."""
    return ".".join(map(str, sys.version_info[:3]))


def python_text() -> str:
    """Name the interpreter: `CPython 3.11.7`."""
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(sys.implementation.name, "Python")
    return f"{name} {python_version()}"
