"""What a run was made from: script, commit, remote and patches, in a real git repository."""

import os
import subprocess

import pytest

from oracle.compare import declared
from oracle.harness import run_script

SCRIPT = """
import os, wandb
run = wandb.init(**eval(os.environ.get('ARGUMENTS', '{}')))
run.config.update({'late': 1})
run.finish()
"""
PATCHES = "diff.patch of a run whose folder lies below the top of the working tree, or elsewhere"


def git(folder, *words):
    """Run git as somebody whom no file on this machine describes."""
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull}
    who |= {
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@b",
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env={**os.environ, **who},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A working tree one commit ahead of its upstream, with changes that are not committed."""
    folder = tmp_path / "tree"
    folder.mkdir()
    git(tmp_path, "init", "-q", "--bare", "upstream.git")
    git(folder, "init", "-q")
    (folder / "a.txt").write_text("one\n")
    (folder / "script.py").write_text(SCRIPT)
    (folder / ".gitignore").write_text("wandb/\n.config/\n.cache/\n.local/\n.netrc\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "remote", "add", "origin", "https://me:secret@example.com:81/a/b.git")
    git(folder, "remote", "add", "up", "../upstream.git")
    git(folder, "push", "-q", "up", "main")
    git(folder, "branch", "-q", "--set-upstream-to=up/main")
    (folder / "a.txt").write_text("one\ntwo\n")
    git(folder, "commit", "-qam", "two")
    (folder / "a.txt").write_text("one\ntwo\nthree, ü\n")
    (folder / "staged.txt").write_text("staged\n")
    (folder / "untracked.txt").write_text("untracked\n")
    git(folder, "add", "staged.txt")
    return folder


def play(client, folder, **environment):
    """Run the script; return its journal and the run's files that tell what it was made from."""
    ended = run_script(client, folder, SCRIPT, environment={"WANDB_SILENT": "true", **environment})
    assert ended.exit_code == 0, ended.stderr
    log = ended.logs[-1]
    files = log.journal.parent / "files"
    found = {
        str(path.relative_to(files)): path.read_text()
        for path in files.rglob("*")
        if path.is_file() and path.name not in ("output.log", "requirements.txt")
    }
    return log, found


def facts(log):
    """Return what a journal says of git and code, the order of its records aside."""
    environment = {}
    for record in log.of_kind("environment"):
        environment |= record
    announced = [one for record in log.of_kind("files") for one in record.get("files", ())]
    return {
        "run": log.latest("git"),
        "environment": environment.get("git"),
        "code": (environment.get("code_path"), environment.get("code_path_local")),
        "config": log.config.get("_wandb", {}).get("code_path"),
        "files": sorted((one["path"], one.get("type")) for one in announced),
        "late": log.config.get("late"),
    }


CASES = {
    "nothing asked for": {},
    "code": {"ARGUMENTS": "{'save_code': True}"},
    "no git": {"ARGUMENTS": "{'save_code': True, 'settings': {'disable_git': True}}"},
    "no facts of the machine": {
        "ARGUMENTS": "{'save_code': True, 'settings': {'x_disable_machine_info': True}}"
    },
    "no metadata": {"ARGUMENTS": "{'save_code': True, 'settings': {'x_disable_meta': True}}"},
    "one of many workers": {"ARGUMENTS": "{'save_code': True, 'settings': {'x_primary': False}}"},
    "a named address": {"ARGUMENTS": "{'settings': {'git_remote_url': 'https://x:y@z/w'}}"},
}


@pytest.mark.parametrize("case", CASES)
def test_run_says_what_it_was_made_from(repository, ours, released, case):
    declared("git and code of a run, in its journal")
    log, files = play(ours, repository, **CASES[case])
    their_log, their_files = play(released, repository, **CASES[case])

    assert facts(log) == facts(their_log)
    assert files == their_files
    if case == "code":
        upstream = git(repository, "rev-parse", "up/main")
        assert sorted(files) == ["code/script.py", "diff.patch", f"diff_{upstream}.patch"]
        assert "secret" not in str(facts(log))


@pytest.mark.parametrize(
    "prepare",
    [
        ["branch", "-q", "--unset-upstream"],
        ["reset", "-q", "--hard", "HEAD~1"],
    ],
)
def test_patches_are_those_of_the_original(repository, ours, released, prepare):
    git(repository, *prepare)
    code = {"ARGUMENTS": "{'save_code': True}"}

    _, files = play(ours, repository, **code)
    _, their_files = play(released, repository, **code)

    assert files == their_files


def test_tree_without_a_commit_is_no_hindrance(tmp_path, ours, released):
    git(tmp_path, "init", "-q")
    code = {"ARGUMENTS": "{'save_code': True}"}

    log, files = play(ours, tmp_path, **code)
    their_log, their_files = play(released, tmp_path, **code)

    assert facts(log) == facts(their_log)
    assert files == their_files


def test_folder_without_git_keeps_the_script_under_its_own_name(tmp_path, ours, released):
    code = {"ARGUMENTS": "{'save_code': True}"}

    log, files = play(ours, tmp_path, **code)
    their_log, their_files = play(released, tmp_path, **code)

    assert facts(log) == facts(their_log)
    assert list(files) == list(their_files) == ["code/script.py"]


def test_run_elsewhere_in_the_tree_has_its_patches(repository, ours, released):
    """The original looks for git in the run's own folder only; its successor looks upwards."""
    below = repository / "below"
    below.mkdir()
    code = {"ARGUMENTS": "{'save_code': True}"}

    log, files = play(ours, below, **code)
    their_log, their_files = play(released, below, **code)

    declared(PATCHES)
    assert log.latest("git") == their_log.latest("git")
    assert files.keys() - their_files.keys() == {
        "diff.patch",
        f"diff_{git(repository, 'rev-parse', 'up/main')}.patch",
    }


def test_who_forbids_code_gets_none(repository, client, either):
    forbidden = {"ARGUMENTS": "{'save_code': True}", "WANDB_DISABLE_CODE": "true"}

    _, files = play(client, repository, **forbidden)

    case = "disable_code, or WANDB_DISABLE_CODE, together with save_code=True"
    assert ("code/script.py" in files) is either(case, original=True, ours=False)


def test_git_that_hangs_holds_up_nothing(repository, ours, tmp_path):
    """Whatever stands for git, `init` does not wait for it, and `finish` not long."""
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)

    log, _ = play(ours, repository, PATH=f"{slow.parent}:{os.environ['PATH']}")

    assert log.exit_code == 0
    assert log.latest("git") is None


def test_script_that_waits_for_its_children_disturbs_nobody(repository, ours):
    (repository / "reap.py").write_text(
        "import os, wandb\n"
        "run = wandb.init(save_code=True)\n"
        "for _ in range(2000):\n"
        "    try: os.waitpid(-1, os.WNOHANG)\n"
        "    except ChildProcessError: pass\n"
        "run.finish()\n"
    )
    ended = run_script(ours, repository, (repository / "reap.py").read_text())

    assert ended.exit_code == 0, ended.stderr
    assert ended.log.exit_code == 0
