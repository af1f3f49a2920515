import stat

import pytest

from wandb._base.credentials import check_key, find_key, netrc_path, save_key

KEY, OTHER = "a" * 40, "b" * 40


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))
    return path


@pytest.mark.parametrize("key", [KEY, f"local-{KEY}", f"wandb_v1_{KEY}{KEY}", f" {KEY}\n"])
def test_key_of_any_kind_is_accepted_without_white_space_around_it(key):
    assert check_key(key) == key.strip()


@pytest.mark.parametrize("key", ["", "short", "local-" + "a" * 39, f"{KEY} b", f'{KEY}"'])
def test_what_can_not_be_a_key_is_refused_without_repeating_it(key):
    with pytest.raises(ValueError, match="key") as caught:
        check_key(key)

    assert KEY not in str(caught.value)


def test_saved_key_is_found_and_readable_by_its_owner_alone(netrc):
    path = save_key("http://tracker.example:8080", KEY)

    assert path == netrc
    assert netrc.read_text() == f"machine tracker.example:8080\n  login user\n  password {KEY}\n"
    assert stat.S_IMODE(netrc.stat().st_mode) == 0o600
    assert find_key("http://tracker.example:8080") == KEY


def test_key_saved_for_the_bare_host_serves_every_port(netrc):
    netrc.write_text(f"machine tracker.example login user password {KEY}\n")

    assert find_key("http://tracker.example:8080") == KEY


def test_key_for_the_port_goes_before_the_one_for_the_host(netrc):
    save_key("http://tracker.example", KEY)
    save_key("http://tracker.example:8080", OTHER)

    assert find_key("http://tracker.example:8080") == OTHER
    assert find_key("http://tracker.example") == KEY


def test_rest_of_the_file_stays_byte_for_byte(netrc):
    before = (
        b'# mine\nmachine git.example login me password "p w"\n\n'
        b"macdef init\n  machine tracker.example\n\nmachine x login \xff password machine\n"
    )
    middle = f"machine tracker.example\n\tlogin user\n\tpassword {KEY}".encode()
    after = b"\n# the end"
    netrc.write_bytes(before + middle + after)

    save_key("https://tracker.example", OTHER)

    written = f"machine tracker.example\n  login user\n  password {OTHER}".encode()
    assert netrc.read_bytes() == before + written + after


def test_entry_is_added_after_a_last_line_without_an_end(netrc):
    netrc.write_text("machine git.example login me password pw")

    save_key("https://tracker.example", KEY)

    assert netrc.read_text().startswith("machine git.example login me password pw\nmachine tracker")


def test_second_entry_of_a_host_is_dropped_so_that_programs_agree(netrc):
    netrc.write_text(f"machine a.b login x password {KEY}\nmachine a.b login x password {KEY}\n")

    save_key("https://a.b", OTHER)

    assert netrc.read_text().count("machine") == 1
    assert find_key("https://a.b") == OTHER


def test_link_to_the_file_stays_a_link(netrc, tmp_path):
    target = tmp_path / "dotfiles"
    target.write_text("")
    netrc.symlink_to(target)

    save_key("https://a.b", KEY)

    assert netrc.is_symlink()
    assert find_key("https://a.b") == KEY


def test_broken_file_has_no_keys_and_no_error(netrc):
    netrc.write_text('machine\nlogin "open\npassword')

    assert find_key("https://a.b") is None


def test_missing_file_has_no_keys(netrc):
    assert find_key("https://a.b") is None


def test_wrong_key_leaves_the_file_alone(netrc):
    with pytest.raises(ValueError, match="40"):
        save_key("https://a.b", "short")

    assert not netrc.exists()


def test_home_folder_holds_the_file_under_either_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert netrc_path() == tmp_path / ".netrc"

    (tmp_path / "_netrc").touch()
    assert netrc_path() == tmp_path / "_netrc"
