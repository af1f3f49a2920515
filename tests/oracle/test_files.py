"""Semantics of `Run.save`: what it returns, where links lie, what the journal announces."""

import pytest

from oracle.compare import declared

TREE = (
    "import os, pathlib, shutil; os.chdir(folder); os.makedirs('d/sub/deep')",
    "[pathlib.Path(n).write_text(n) for n in ('d/a.txt', 'd/b.txt', 'd/sub/c.txt', 'top.ckpt')]",
    "pathlib.Path('d/empty.txt').touch(); pathlib.Path('d/.hidden').touch()",
)
BELOW = "sorted(os.path.relpath(x, run.dir) for x in {call})"
LINKS = (
    "sorted((os.path.relpath(os.path.join(above, n), run.dir),"
    " os.path.relpath(os.readlink(os.path.join(above, n)), os.getcwd()))"
    " for above, dirs, names in os.walk(run.dir) for n in dirs + names"
    " if os.path.islink(os.path.join(above, n)))"
)


def announced(log):
    """Return the files of a journal, by policy."""
    items = [item for record in log.of_kind("files") for item in record.get("files", ())]
    return sorted(
        (item.get("policy", "NOW"), item.get("type", "OTHER"), item["path"]) for item in items
    )


CALLS = [
    "run.save('d/*')",
    "run.save('d/sub')",
    "run.save('top.ckpt')",
    "run.save('nothing*')",
    "run.save('nothing.txt')",
    "run.save('gs://bucket/x')",
    "run.save('s3://bucket/*')",
    "run.save(b'd/a.txt')",
    "run.save(pathlib.Path('d/a.txt'))",
    "run.save(os.path.abspath('d/a.txt'))",
    "run.save(os.path.abspath('d/sub/*'))",
    "run.save('d/a.txt', base_path='d')",
    "run.save('d/a.txt', 'd', 'now')",
    "run.save('d/sub/c.txt', base_path='./d/')",
    "run.save('./d/../d/a.txt')",
    "run.save('d/*/c.txt', policy='end')",
    "run.save('d*/a.txt')",
    "run.save('d/a.tx?')",
    "run.save('d/[ab].txt')",
    "run.save('~/x')",
]


@pytest.mark.parametrize("call", CALLS)
def test_save_returns_and_links_what_the_original_does(drivers, ours, released, call):
    lines = (*TREE, "run = init()", BELOW.format(call=call), LINKS, "run.finish()")
    mine, theirs = (drivers.of(client).play(*lines) for client in (ours, released))

    assert not mine.errors, mine
    assert [one.value for one in mine.outcomes] == [one.value for one in theirs.outcomes]
    assert announced(mine.log) == announced(theirs.log)


@pytest.mark.parametrize(
    "call",
    [
        "run.save('../elsewhere')",
        "run.save('d/a.txt', policy='sometimes')",
        "run.save('*')",
        "run.save('*/a.txt')",
        "run.save('d/a.txt', base_path='d/a.txt')",
        "run.save('d/a.txt', base_path='x')",
        "run.save('d/a.txt', base_path='d/a')",
        "run.save('')",
        "run.save('.')",
        "run.save(5)",
        "run.save(None)",
    ],
)
def test_save_refuses_what_the_original_does(play, call):
    played = play(*TREE, "run = init()", call, "os.listdir(run.dir)", "run.finish()")

    kind = played[call].error[0]
    assert kind == ("TypeError" if call in ("run.save(5)", "run.save(None)") else "ValueError")
    assert "d" not in played["os.listdir(run.dir)"].value


def test_what_is_in_the_runs_folder_is_saved_from_there(drivers, ours, released):
    lines = (
        "import os, pathlib; os.chdir(folder); run = init()",
        "pathlib.Path(run.dir, 'own.txt').write_text('own')",
        BELOW.format(call="run.save('own.txt')"),
        BELOW.format(call="run.save(os.path.join(run.dir, 'own.txt'), base_path=run.dir)"),
        "os.path.islink(os.path.join(run.dir, 'own.txt'))",
        "run.finish()",
    )
    mine, theirs = (drivers.of(client).play(*lines) for client in (ours, released))

    assert [one.value for one in mine.outcomes] == [one.value for one in theirs.outcomes]
    assert [one.value for one in mine.outcomes][2:5] == [["own.txt"], ["own.txt"], False]
    assert announced(mine.log) == announced(theirs.log)


def test_file_is_copied_where_links_are_switched_off(play, either):
    line = "os.path.islink(os.path.join(run.dir, 'd/a.txt'))"
    played = play(
        *TREE,
        "run = init(settings={'symlink': False})",
        "run.save('d/a.txt')",
        line,
        "pathlib.Path(run.dir, 'd/a.txt').read_text()",
        "run.finish()",
    )

    case = "run.save with the setting symlink off"
    assert played[line].value is either(case, original=True, ours=False)
    assert played["pathlib.Path(run.dir, 'd/a.txt').read_text()"].value == "d/a.txt"
    policy = either(case, original="LIVE", ours="NOW")
    assert announced(played.log) == [(policy, "OTHER", "d/a.txt")]


def test_save_writes_through_no_link_of_its_own(ours, drivers):
    """A saved folder is a link; what is saved below it later must not change the user's."""
    played = drivers.of(ours).play(
        *TREE,
        "os.makedirs('e/d/sub'); pathlib.Path('e/d/sub/c.txt').write_text('other')",
        "run = init()",
        "run.save('d/sub')",
        "run.save('e/d/sub/c.txt', base_path='e')",
        "pathlib.Path(run.dir, 'd/sub/c.txt').read_text()",
        "run.finish()",
    )

    assert not played.errors, played
    assert played["pathlib.Path(run.dir, 'd/sub/c.txt').read_text()"].value == "other"
    assert (played.folder / "d/sub/c.txt").read_text() == "d/sub/c.txt"


@pytest.mark.parametrize(
    "make", ["os.mkfifo('odd')", "os.symlink('nowhere', 'odd')", "os.symlink('/dev/zero', 'odd')"]
)
def test_what_is_no_file_is_named_and_holds_up_nothing(ours, drivers, make):
    played = drivers.of(ours).play(
        *TREE, make, "run = init(settings={'silent': False})", "run.save('odd*')", "run.finish()"
    )

    assert not played.errors, played
    assert played["run.save('odd*')"].value == []
    assert "odd was not saved" in played.terminal


def test_name_that_is_no_text_is_named_and_left_out(ours, drivers):
    played = drivers.of(ours).play(
        *TREE,
        "open(b'd/\\xff.txt', 'w').close()",
        "run = init(settings={'silent': False})",
        "len(run.save('d/*.txt'))",
        "run.finish()",
    )

    assert not played.errors, played
    assert [path for _, _, path in announced(played.log)] == ["d/a.txt", "d/b.txt", "d/empty.txt"]
    assert "no UTF-8" in played.terminal


# --- alerts and preemption ----------------------------------------------------------------------

ALERTS = [
    "run.alert('t', 'x')",
    "run.alert('t', '', level='WARN', wait_duration=0.5)",
    "run.alert('t', 'x', wandb.AlertLevel.ERROR, 300)",
    "run.alert('', '')",
    "run.alert('x' * 100, 'y\\nz')",
    "run.alert(title='t', text='x', wait_duration=datetime.timedelta(hours=1))",
    "run.alert('t', 'x', wait_duration=0)",
    "run.alert('t', 'x', wait_duration=-5)",
    "run.alert('t', 'x', wait_duration=True)",
    "run.alert('t', 'x', level='')",
    "run.mark_preempting()",
    "run.alert(5, 'x')",
    "run.alert('t', None)",
    "run.alert('t', 'x', level='info')",
    "run.alert('t', 'x', wait_duration='5')",
    "run.alert('t', 'x', wait_duration=nan)",
    "run.alert('t', 'x', wait_duration=1e300)",
]


@pytest.mark.parametrize("call", ALERTS)
def test_alert_is_checked_and_recorded_as_the_original_does(drivers, ours, released, call):
    lines = ("import datetime", "run = init()", call, "run.finish()")
    mine, theirs = (drivers.of(client).play(*lines) for client in (ours, released))

    assert mine[call].error[:1] == theirs[call].error[:1]
    for kind in ("alert", "preempting"):
        assert mine.log.of_kind(kind) == theirs.log.of_kind(kind)


@pytest.mark.parametrize("call", ["run.alert('a', 'b')", "run.mark_preempting()", "run.save('x')"])
def test_finished_run_refuses(play, call):
    played = play("run = init()", "run.finish()", call)

    assert "UsageError" in played[call].error


@pytest.mark.parametrize("call", ["alert('a', 'b')", "mark_preempting()", "save('x')"])
def test_call_before_init_is_refused(play, call):
    call = f"wandb.{call}"

    assert "Error" in play(call)[call].error


def test_levels_are_found_where_they_were(play):
    played = play(
        "import pickle, wandb.sdk.wandb_alerts as home",
        "home.AlertLevel is wandb.AlertLevel",
        "[level.name for level in wandb.AlertLevel]",
        "pickle.loads(pickle.dumps(wandb.AlertLevel.WARN)) is wandb.AlertLevel.WARN",
        "wandb.AlertLevel.__module__",
    )

    assert [one.value for one in played.outcomes][1:] == [
        True,
        ["INFO", "WARN", "ERROR"],
        True,
        "wandb.sdk.wandb_alerts",
    ]


# --- restore, where nobody is asked -------------------------------------------------------------


def test_restore_opens_what_is_there(ours, drivers):
    played = drivers.of(ours).play(
        "import pathlib; run = init()",
        "pathlib.Path(run.dir, 'a.txt').write_text('here')",
        "run.restore('a.txt').read()",
        "wandb.restore('a.txt').read()",
        "run.finish()",
    )

    assert not played.errors, played
    assert played["run.restore('a.txt').read()"].value == "here"
    assert played["wandb.restore('a.txt').read()"].value == "here"


@pytest.mark.parametrize("call", ["run.restore('x')", "wandb.restore('x', 'e/p/r')"])
def test_restore_offline_says_at_once_what_to_do(ours, drivers, call):
    declared("restore and use_artifact by name while offline")

    played = drivers.of(ours).play("run = init()", call, "run.finish()")

    assert "CommError" in played[call].error
    assert "WANDB_MODE=offline" in played[call].message


def test_restore_without_a_run_wants_its_path(play):
    played = play("wandb.restore('x')")

    assert played["wandb.restore('x')"].error[0] == "ValueError"
    assert "run_path" in played["wandb.restore('x')"].message


def test_disabled_run_does_none_of_it(play):
    played = play(
        "import os; run = wandb.init(mode='disabled')",
        "run.save('*')",
        "run.alert('t', 'x')",
        "run.mark_preempting()",
        "wandb.save('x')",
        "run.finish()",
    )

    assert not played.errors, played
    assert [one.value for one in played.outcomes][1:5] == [False, None, None, False]
