"""Semantics §7: one run in several processes: forked, spawned, attached."""

import pytest

from oracle.compare import declared, user_config, user_rows, user_summary
from oracle.harness import run_script

CHILD_FINISH = "forked child calls finish()"

FORK = """
import os, sys, wandb
run = wandb.init()
run.log({'parent': 1})
pid = os.fork()
if pid == 0:
    CHILD
    run.summary.get('any')  # the original sends in the background, and asks in the foreground
    sys.stdout.flush()
    os._exit(0)
print('status', os.waitpid(pid, 0)[1])
run.log({'parent': 2})
run.finish()
"""


def by_step(rows):
    return sorted(rows, key=lambda row: row["_step"])


def test_forked_child_logs_to_its_parents_run(script):
    ended = script(
        FORK.replace("CHILD", "wandb.log({'child': 1}); print(wandb.run is run, run.step)")
    )

    assert "True 1" in ended.stdout
    assert by_step(user_rows(ended.log)) == [
        {"parent": 1, "_step": 0},
        {"child": 1, "_step": 1},
        {"parent": 2, "_step": 2},
    ]
    assert user_summary(ended.log.summary) == {"parent": 2, "child": 1, "_step": 2}
    assert ended.log.exit_code == 0


@pytest.mark.parametrize("exit_code", [0, 3])
def test_end_of_a_forked_child_is_not_the_end_of_the_run(script, exit_code):
    # Asked first, for the same reason as above: its exit would cut short what is on its way.
    child = f"run.log({{'child': 1}}); run.summary.get('any'); sys.exit({exit_code})"
    ended = script(FORK.replace("CHILD", child))

    assert f"status {exit_code << 8}" in ended.stdout
    assert [row.get("parent") for row in by_step(user_rows(ended.log))] == [1, None, 2]
    assert ended.log.exit_code == 0


def test_forked_child_that_only_prints_ends_in_peace(script):
    ended = script(FORK.replace("CHILD", "print('from child', flush=True); os._exit(0)"))

    assert "from child" in ended.stdout
    assert by_step(user_rows(ended.log)) == [{"parent": 1, "_step": 0}, {"parent": 2, "_step": 1}]


def test_forked_child_changes_config_and_summary(script):
    child = "run.log({'c': 1}); wandb.config.update({'from_child': 1}); run.summary['s'] = 4"
    ended = script(FORK.replace("CHILD", child))

    assert user_config(ended.log) == {"from_child": 1}
    assert user_summary(ended.log.summary)["s"] == 4


def test_init_in_a_forked_child_starts_a_run_of_its_own(script):
    child = "own = wandb.init(); print('same', own is run); own.log({'child': 1}); own.finish()"
    ended = script(FORK.replace("CHILD", child + "; os._exit(0)"))

    assert "same False" in ended.stdout
    assert len(ended.logs) == 2
    rows = sorted((user_rows(log) for log in ended.logs), key=len)
    assert rows[0] == [{"child": 1, "_step": 0}]
    assert rows[1] == [{"parent": 1, "_step": 0}, {"parent": 2, "_step": 1}]


def test_init_in_a_forked_child_that_used_the_run_returns_it(script):
    child = "wandb.log({'child': 1}); print('same', wandb.init() is run)"
    ended = script(FORK.replace("CHILD", child))

    assert "same True" in ended.stdout
    assert len(ended.logs) == 1


def test_finish_of_a_forked_child_ends_its_part_only(ours, tmp_path):
    # The original's parent hangs here.
    declared(CHILD_FINISH)
    ended = run_script(
        ours, tmp_path, FORK.replace("CHILD", "run.log({'child': 1}); run.finish(); os._exit(0)")
    )

    assert ended.exit_code == 0
    assert by_step(user_rows(ended.log)) == [
        {"parent": 1, "_step": 0},
        {"child": 1, "_step": 1},
        {"parent": 2, "_step": 2},
    ]
    assert ended.log.exit_code == 0


def test_pool_of_forked_workers_loses_nothing(script):
    ended = script(
        "import multiprocessing, wandb\n"
        "def work(n):\n"
        "    wandb.log({'n': n})\n"
        "    wandb.run.summary.get('any')\n"
        "run = wandb.init()\n"
        "with multiprocessing.get_context('fork').Pool(3) as pool:\n"
        "    pool.map(work, range(30))\n"
        "    pool.close()\n"
        "    pool.join()\n"
        "run.finish()\n"
    )

    rows = user_rows(ended.log)
    assert sorted(row["n"] for row in rows) == list(range(30))
    assert sorted(row["_step"] for row in rows) == list(range(30))


def test_setup_then_fork_gives_each_child_a_run(script):
    ended = script(
        "import multiprocessing, wandb\n"
        "def work(n):\n"
        "    run = wandb.init()\n"
        "    run.log({'n': n})\n"
        "    run.finish()\n"
        "wandb.setup()\n"
        "context = multiprocessing.get_context('fork')\n"
        "workers = [context.Process(target=work, args=(n,)) for n in range(3)]\n"
        "[worker.start() for worker in workers]\n"
        "[worker.join() for worker in workers]\n"
        "print([worker.exitcode for worker in workers])\n"
    )

    assert "[0, 0, 0]" in ended.stdout
    assert sorted(log.rows[0]["n"] for log in ended.logs) == [0, 1, 2]
    assert [log.exit_code for log in ended.logs] == [0, 0, 0]


def test_fork_beside_a_logging_thread_loses_nothing(script):
    ended = script(
        "import os, threading, wandb\n"
        "run = wandb.init()\n"
        "work = lambda: [run.log({'thread': i}) for i in range(300)]\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()\n"
        "for n in range(3):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        run.log({'child': n})\n"
        "        run.summary.get('any')\n"
        "        os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "thread.join()\n"
        "run.finish()\n"
    )

    rows = by_step(user_rows(ended.log))
    assert [row["thread"] for row in rows if "thread" in row] == list(range(300))
    assert sorted(row["child"] for row in rows if "child" in row) == [0, 1, 2]
    assert len({row["_step"] for row in rows}) == len(rows)


SPAWN = """
import multiprocessing, wandb
def work(run):
    print('before', wandb.run, run.id == wandb.run.id if wandb.run else None)
    run.log({'child': 1})
    run.config.update({'from_child': 1})
    run.summary['s'] = 4
    run.summary.get('any')  # the original sends in the background, and asks in the foreground
    print('child', run.step, run.name, run.project, wandb.run is run, flush=True)
if __name__ == '__main__':
    run = wandb.init(name='nm', project='pp', config={'a': 1})
    run.log({'parent': 1})
    child = multiprocessing.get_context('METHOD').Process(target=work, args=(run,))
    child.start()
    child.join()
    print('exit', child.exitcode)
    run.log({'parent': 2})
    run.finish()
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_run_given_to_another_process_logs_there(script, method):
    ended = script(SPAWN.replace("METHOD", method))

    assert "child 1 nm pp True" in ended.stdout, ended.stderr
    assert "exit 0" in ended.stdout
    assert by_step(user_rows(ended.log)) == [
        {"parent": 1, "_step": 0},
        {"child": 1, "_step": 1},
        {"parent": 2, "_step": 2},
    ]
    assert user_config(ended.log) == {"a": 1, "from_child": 1}
    assert user_summary(ended.log.summary)["s"] == 4
    assert ended.log.exit_code == 0


def test_attached_process_logs_to_the_run(script):
    ended = script(
        "import subprocess, sys, wandb\n"
        "run = wandb.init(id='shared', config={'a': 1})\n"
        "run.log({'parent': 1})\n"
        "child = '''\n"
        "import wandb\n"
        "run = wandb.attach('shared')\n"
        "print('attached', wandb.run is run, run.id, run.step, flush=True)\n"
        "run.log({'child': 1})\n"
        "wandb.log({'child': 2})\n"
        "run.summary.get('any')\n"
        "'''\n"
        "subprocess.run([sys.executable, '-c', child], check=True)\n"
        "run.log({'parent': 2})\n"
        "run.finish()\n"
    )

    assert "attached True shared 0" in ended.stdout, ended.stderr
    rows = by_step(user_rows(ended.log))
    assert rows == [
        {"parent": 1, "_step": 0},
        {"child": 1, "_step": 1},
        {"child": 2, "_step": 2},
        {"parent": 2, "_step": 3},
    ]
    assert user_config(ended.log) == {"a": 1}
    assert ended.log.exit_code == 0


def test_attach_to_an_unknown_run_is_a_usage_error(ours, drivers):
    # The original takes eleven seconds over it.
    played = drivers.of(ours).play("wandb.attach('nobody')")

    assert "UsageError" in played.outcomes[0].error
    assert "nobody" in played.outcomes[0].message


def test_pickle_of_a_run_says_how_to_attach(play):
    played = play(
        "run = init(id='to-pickle')",
        "import pickle; state = run.__getstate__()",
        "sorted(state)",
        "b'to-pickle' in pickle.dumps(run)",
    )

    assert played["sorted(state)"].value == ["_attach_id", "_init_pid", "_is_finished"]
    assert played["b'to-pickle' in pickle.dumps(run)"].value is True


def test_foreign_service_token_is_left_alone(ours, tmp_path):
    # The original refuses a token that it cannot parse, and takes up one that it can.
    token = "3-1-unix-/nowhere/socket"
    ended = run_script(
        ours,
        tmp_path,
        "import os, wandb\n"
        "run = wandb.init()\n"
        "run.log({'a': 1})\n"
        "run.finish()\n"
        "print('token', os.environ['WANDB_SERVICE'])\n",
        environment={"WANDB_SERVICE": token},
    )

    assert f"token {token}" in ended.stdout
    assert user_rows(ended.log) == [{"a": 1, "_step": 0}]


def test_no_token_that_a_released_client_would_use_is_left(ours, drivers):
    played = drivers.of(ours).play("import os", "run = init()", "'WANDB_SERVICE' in os.environ")

    assert played.outcomes[-1].value is False
