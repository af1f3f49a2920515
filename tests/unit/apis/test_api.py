import pytest

from wandb._settings.server_choice import ServerChoice
from wandb.apis.public import Api, server
from wandb.errors import CommError, UnsupportedError, UsageError


@pytest.mark.parametrize("spelled", ["wandb", ".", "wandb/offline-run-20250615_150640-r1"])
def test_folder_may_be_the_runs_own_or_any_above(make_run, tmp_path, spelled):
    make_run("r1").end()

    assert Api(tmp_path / spelled).run("r1").id == "r1"


def test_folder_is_taken_from_overrides_a_bare_path_or_a_file_address(make_run, tmp_path):
    make_run("r1")
    folder = tmp_path / "wandb"

    for given in (str(folder), {"base_url": str(folder)}, folder.as_uri()):
        assert [run.id for run in Api(given).runs()] == ["r1"]


def test_folder_is_taken_from_the_environment(make_run, tmp_path, monkeypatch):
    make_run("r1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_BASE_URL", "./wandb")

    assert Api().run("r1").id == "r1"


@pytest.mark.parametrize("base_url", ["https://tracker.example", "http://127.0.0.1:8080"])
def test_server_without_a_key_is_refused_with_the_ways_to_give_one(base_url):
    with pytest.raises(UsageError, match=r"no API key.*wandb login.*WANDB_API_KEY"):
        Api({"base_url": base_url})


def test_nothing_configured_means_the_users_own_server(monkeypatch):
    own = ServerChoice("local", "http://127.0.0.1:8765", f"local-{'c' * 40}")
    monkeypatch.setattr(server, "running_server", lambda: own)

    api = Api()

    assert (api.settings["base_url"], api.api_key) == (own.base_url, own.api_key)


def test_own_server_that_can_not_be_had_says_what_to_do(monkeypatch):
    def missing():
        raise server.LocalServerMissing("its folder can't be written")

    monkeypatch.setattr(server, "running_server", missing)

    with pytest.raises(CommError, match=r"WANDB_BASE_URL.*overrides.*can't be written"):
        Api()


def test_missing_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(UsageError, match=r"no folder '.*nowhere'"):
        Api(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "path",
    [
        "r1",
        "p1/r1",
        "e1/p1/r1",
        "/e1/p1/runs/r1",
        "e1/p1:r1",
        "https://tracker.example/e1/p1/runs/r1",
        "offline-run-20250615_150640-r1",
    ],
)
def test_run_is_found_by_every_form_of_its_path(make_run, open_run, path):
    make_run("r1", entity="e1", project="p1")

    assert open_run(path).path == ["e1", "p1", "r1"]


@pytest.mark.parametrize("path", ["zz", "other/r1", "e2/p1/r1", ""])
def test_unknown_run_is_an_error_that_lists_what_is_there(make_run, open_run, path):
    make_run("r1", entity="e1", project="p1")

    with pytest.raises(CommError, match=r"no run .*There are r1 \(offline-run-"):
        open_run(path)


def test_empty_folder_says_that_it_holds_no_run(tmp_path):
    with pytest.raises(CommError, match="No run was found in"):
        Api(tmp_path).run("r1")


def test_entity_left_open_offline_fits_any(make_run, open_run):
    make_run("r1", project="p1")

    assert open_run("anyone/p1/r1").entity == ""


def test_run_without_a_project_is_uncategorized(make_run, open_run):
    make_run("r1")

    assert open_run("uncategorized/r1").project == "uncategorized"


def test_of_two_folders_with_one_id_the_later_start_counts(make_run, open_run):
    make_run("r1", named="offline-run-b-r1", started=2_000_000_000.0, notes="new")
    make_run("r1", named="offline-run-c-r1", started=1_000_000_000.0, notes="old")

    assert open_run("r1").notes == "new"
    assert open_run("offline-run-c-r1").notes == "old"


def test_overrides_limit_what_is_seen(make_run, tmp_path):
    make_run("r1", project="p1")
    make_run("r2", project="p2")
    api = Api({"base_url": str(tmp_path), "project": "p2"})

    assert [run.id for run in api.runs()] == ["r2"]
    with pytest.raises(CommError):
        api.run("r1")


def test_links_to_the_latest_run_do_not_double_it(make_run, tmp_path):
    run = make_run("r1")
    (tmp_path / "wandb" / "latest-run").symlink_to(run.folder.name)

    assert len(Api(tmp_path).runs()) == 1
    assert Api(tmp_path / "wandb" / "latest-run").run("r1").id == "r1"


@pytest.mark.parametrize("name", ["artifact", "sweep", "project", "projects", "create_run"])
def test_what_needs_a_server_says_so(tmp_path, name):
    with pytest.raises(UnsupportedError, match=f"Api.{name} needs a server"):
        getattr(Api(tmp_path), name)("x")
    with pytest.raises(UnsupportedError, match=r"Api\.viewer needs a server"):
        _ = Api(tmp_path).viewer
