"""Settings §4: runs that go on from earlier ones, as far as no server is asked."""

import json

import pytest

from oracle.compare import user_rows

AFTER_THE_SCRIPT = "word of an unfinished run after a script that ended well without `finish`"
OF_ANOTHER = "word of an unfinished run when another run ends well"
INVALID = "settings errors"


@pytest.mark.parametrize("resume", ["allow", "must", "never", "auto", True])
def test_offline_run_begins_at_its_start(play, resume):
    played = play(
        f"run = init(id='abc', resume={resume!r})",
        "(run.id, run.step, run.starting_step, run.resumed)",
        "run.log({'a': 1})",
        "run.finish()",
    )

    assert played.outcomes[1].value == ("abc", 0, 0, False)
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


def test_offline_run_says_that_no_server_is_asked(script):
    ended = script("import wandb\nwandb.init(id='abc', resume='allow').finish()\n")

    (line,) = (one for one in ended.stderr.splitlines() if "`resume`" in one)
    assert "offline" in line
    assert "abc" in line


def test_no_resume_is_an_ordinary_run(play):
    played = play("run = init(id='abc', resume=False)", "run.resumed", "run.finish()")

    assert not played.errors, played
    assert "resume" not in played.terminal


WAYS = {
    "rewind": ("resume_from='rr?_step=3'", "rr", {"run": "rr", "value": 3.0, "metric": "_step"}),
    "fork": ("id='new', fork_from='rr?_step=3'", "new", {"run": "rr", "value": 3.0}),
}


@pytest.mark.parametrize("way", WAYS)
def test_offline_run_begins_after_the_step_it_names(play, way):
    arguments, run_id, point = WAYS[way]
    played = play(
        f"run = init({arguments})",
        "(run.id, run.step, run.starting_step, run.resumed)",
        "run.log({'a': 1})",
        "run.log({'a': 2}, step=2)",
        "run.log({'a': 3}, step=9)",
        "run.step",
        "run.finish()",
    )

    assert played.outcomes[1].value == (run_id, 4, 4, False)
    assert played["run.step"].value == 9
    rows = user_rows(played.log)
    assert [row for row in rows if row["_step"] > 2] == [
        {"a": 1, "_step": 4},
        {"a": 3, "_step": 9},
    ]
    assert played.log.latest("branch_point").items() >= point.items()
    assert played.log.latest("telemetry")["feature"][f"{way}_mode"] is True
    assert played.log.config["_wandb"]["branch_point"] == {"run_id": "rr", "step": 3}


@pytest.mark.parametrize(("step", "first"), [("0", 1), ("2.5", 3), ("-1", 0)])
def test_odd_steps_are_understood_alike(play, step, first):
    played = play(f"run = init(resume_from='rr?_step={step}')", "run.step", "run.finish()")

    assert played["run.step"].value == first


@pytest.mark.parametrize(
    "arguments",
    [
        "fork_from='a?_step=1', resume='allow'",
        "fork_from='a?_step=1', resume_from='b?_step=1'",
        "resume_from='b?_step=1', resume='must'",
        "id='a', fork_from='a?_step=1'",
        "id='c', resume_from='a?_step=1'",
        "resume_from='a'",
        "resume='sometimes'",
    ],
)
def test_ways_that_exclude_each_other_are_refused(play, either, arguments):
    played = play(f"init({arguments})", "wandb.run")

    refused = either(INVALID, original="ValidationError", ours="UsageError")
    assert refused in played.outcomes[0].error
    assert played["wandb.run"].value is None


# --- the word of an unfinished run --------------------------------------------------------------

READ = "open(folder + '/wandb/wandb-resume.json').read()"
EXISTS = "__import__('os').path.exists(folder + '/wandb/wandb-resume.json')"


def test_auto_leaves_word_until_the_run_ends_well(play):
    played = play(
        "run = init(resume='auto')",
        READ,
        "first = run.id",
        "run.finish(exit_code=1)",
        "run = init(resume='auto')",
        "run.id == first",
        "run.finish()",
        EXISTS,
        "init(resume='auto').id == first",
    )

    assert json.loads(played[READ].value).keys() == {"run_id"}
    assert played["run.id == first"].value is True
    assert played[EXISTS].value is False
    assert played["init(resume='auto').id == first"].value is False


def test_auto_with_an_id_leaves_word_of_that(play):
    played = play("run = init(resume='auto', id='named')", READ, "run.finish()")

    assert json.loads(played[READ].value) == {"run_id": "named"}


@pytest.mark.parametrize("resume", ["None", "'allow'", "'must'", "'never'"])
def test_others_leave_no_word(play, resume):
    played = play(f"run = init(resume={resume})", EXISTS, "run.finish()")

    assert played[EXISTS].value is False


def test_word_of_another_run(play, either):
    played = play(
        "run = init(resume='auto')",
        "other = init(reinit='create_new')",
        "other.finish()",
        EXISTS,
        "run.finish()",
    )

    assert played[EXISTS].value is either(OF_ANOTHER, original=False, ours=True)


def test_word_after_a_script_that_ended_well(script, either):
    ended = script("import wandb\nwandb.init(resume='auto').log({'a': 1})\n")

    left = (ended.folder / "wandb" / "wandb-resume.json").exists()
    assert left is either(AFTER_THE_SCRIPT, original=True, ours=False)


def test_word_stays_after_a_script_that_failed(script):
    ended = script("import wandb\nwandb.init(resume='auto').log({'a': 1})\nraise ValueError\n")

    assert (ended.folder / "wandb" / "wandb-resume.json").exists()
