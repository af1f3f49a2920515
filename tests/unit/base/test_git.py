"""Addresses without secrets, and git that is not there."""

import pytest

from wandb._base.git import git_state, upstream_commit, without_secrets, work_tree


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.com/x/y.git", "https://user:@example.com/x/y.git"),
        ("https://token@example.com/x", "https://example.com/x"),
        ("https://user:@example.com/x", "https://user:@example.com/x"),
        ("https://Example.COM:81/x?y#z", "https://example.com:81/x?y#z"),
        ("ssh://git@example.com:22/x", "ssh://example.com:22/x"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"),
        ("../up.git", "../up.git"),
        ("file:///srv/x", "file:///srv/x"),
        ("https://u:p@example.com:port/x", None),
        ("https://u:p@[::1/x", None),
    ],
)
def test_address_is_shown_without_its_secrets(url, shown):
    assert without_secrets(url) == shown


def test_folder_outside_of_any_tree_has_no_state(tmp_path):
    assert git_state(str(tmp_path), remote="origin") is None
    assert work_tree(str(tmp_path)) is None


def test_machine_without_git_has_no_answers(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))

    state = git_state(str(tmp_path), remote="origin")

    assert (state.commit, state.remote_url) == (None, None)
    assert upstream_commit(str(tmp_path)) is None
