"""What follows from settings: folders, addresses, the machine; the same from both clients."""

import pytest

FOLLOWS = "mode='offline', run_id='r', x_start_time=0.0, root_dir='/tmp/none'"
DERIVED = [
    "_args",
    "_aws_lambda",
    "_code_path_local",
    "_colab",
    "_ipython",
    "_jupyter",
    "_kaggle",
    "_noop",
    "_notebook",
    "_offline",
    "_os",
    "_platform",
    "_python",
    "_shared",
    "_start_datetime",
    "_tmp_code_dir",
    "_windows",
    "colab_url",
    "deployment",
    "is_local",
    "run_mode",
    "timespec",
    "wandb_dir",
    "sync_dir",
    "sync_file",
    "sync_symlink_latest",
    "files_dir",
    "log_dir",
    "log_user",
    "log_internal",
    "log_symlink_user",
    "log_symlink_internal",
    "resume_fname",
    "settings_workspace",
    "project_url",
    "run_url",
    "sweep_url",
]
ADDRESSES = [
    "entity='e', project='p'",
    "entity='e', project='p', sweep_id='s'",
    "entity='e e', project='p p', run_id='r r=+&$@é'",
    "project='p'",
    "entity='e', project='p', base_url='https://api.x.y'",
    "entity='e', project='p', base_url='http://localhost:8080'",
    "entity='e', project='p', base_url='https://api.wandb.ai'",
    "entity='e', project='p', anonymous='must', api_key='k' * 40",
    "entity='e', project='p', anonymous='never', api_key='k' * 40",
]


def derived_by(drivers, client, given):
    line = f"[getattr(wandb.Settings({given}), name) for name in {DERIVED!r}]"
    played = drivers.of(client).play(line)
    assert not played.errors, played
    return dict(zip(DERIVED, played[line].value, strict=True))


VARIANTS = [
    FOLLOWS,
    FOLLOWS.replace("offline", "online"),
    FOLLOWS.replace("offline", "dryrun"),
    FOLLOWS.replace("offline", "run"),
    FOLLOWS.replace("offline", "shared"),
    FOLLOWS.replace("offline", "disabled"),
    f"{FOLLOWS}, x_files_dir='/tmp/files'",
]


@pytest.mark.parametrize("given", VARIANTS)
def test_derived_values_are_the_same(drivers, ours, released, given):
    mine, theirs = (derived_by(drivers, client, given) for client in (ours, released))

    # The interpreters of the two clients need not be the same build.
    for values in (mine, theirs):
        values.pop("_python")
    assert mine == theirs


@pytest.mark.parametrize("given", ADDRESSES)
def test_addresses_of_pages_are_the_same(drivers, ours, released, given):
    mine, theirs = (
        derived_by(drivers, client, f"**{{'run_id': 'r', **dict({given})}}")
        for client in (ours, released)
    )

    for name in ("project_url", "run_url", "sweep_url", "is_local", "deployment"):
        assert mine[name] == theirs[name]


def test_derived_values_cannot_be_set(play):
    line = "setattr(wandb.Settings(), 'run_mode', 'x')"

    assert play(line)[line].error
