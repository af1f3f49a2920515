"""What we ship and build with may be used by anyone: permissive licences, or the MPL."""

import importlib.metadata
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Read before a test hides the user's home: rustup keeps its toolchains there.
ENVIRONMENT = dict(os.environ)

ACCEPTED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
}

# Expressions as some packages spell them.
SPELLED = {"Apache 2.0": "Apache-2.0"}

# How older packages tell: by a classifier.
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "zlib/libpng License": "Zlib",
}
# Names and what joins them, as in `MPL-2.0 AND MIT`.
EXPRESSION = re.compile(r"[\w.+-]+(?: (?:AND|OR) [\w.+-]+)*")


def is_accepted(expression):
    """Read an SPDX expression: of `OR` one side must be accepted, of `AND` both."""
    # Some crates write a slash for `OR`; an exception only ever grants more.
    plain = re.sub(r"\s+WITH\s+[\w.-]+", "", expression).replace("/", " OR ")
    words = re.findall(r"\(|\)|[\w.+-]+", plain)
    meaning = [spelled(word) for word in words]
    # Only brackets, `and`, `or`, True and False are left.
    return bool(words) and bool(eval(" ".join(meaning), {"__builtins__": {}}))


def spelled(word):
    if word in ("(", ")"):
        return word
    return word.lower() if word in ("AND", "OR") else str(word in ACCEPTED)


def licence_of(distribution):
    told = distribution.metadata.get("License-Expression")
    if told:
        return told
    # Older packages may give the expression where others paste the whole text.
    plain = distribution.metadata.get("License") or ""
    plain = SPELLED.get(plain, plain)
    if EXPRESSION.fullmatch(plain) and is_accepted(plain):
        return plain
    kinds = [
        line.rpartition(" :: ")[2]
        for line in distribution.metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    return " AND ".join(CLASSIFIERS.get(kind, kind) for kind in kinds if kind != "DFSG approved")


def pinned_names():
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    return sorted({re.split(r"[=;\s]", line)[0] for line in lines if not line.startswith("#")})


def test_licences_of_python_packages_are_permissive_or_mpl():
    offenders = {}
    for name in pinned_names():
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # pinned for another Python
        licence = licence_of(distribution)
        if not is_accepted(licence):
            offenders[name] = licence or "none told"

    assert offenders == {}


@pytest.mark.timeout(120)
def test_licences_of_crates_are_permissive_or_mpl():
    command = ["cargo", "metadata", "--locked", "--format-version=1"]
    packages = json.loads(output(*command, "--filter-platform", host_triple()))["packages"]

    offenders = {
        f"{one['name']} {one['version']}": one["license"] or "none told"
        for one in packages
        if not is_accepted(one["license"] or "")
    }

    assert packages
    assert offenders == {}


def host_triple():
    return re.search(r"^host: (\S+)$", output("rustc", "-vV"), re.MULTILINE).group(1)


def output(*command):
    options = {"cwd": ROOT, "env": ENVIRONMENT, "check": True, "text": True}
    return subprocess.run(command, stdout=subprocess.PIPE, **options).stdout


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", True),
        ("MIT/Apache-2.0", True),
        ("GPL-3.0-or-later", False),
        ("", False),
    ],
)
def test_expressions_are_read_as_spdx_reads_them(expression, accepted):
    assert is_accepted(expression) is accepted
