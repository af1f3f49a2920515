"""Which of a run's files a logged value names."""

import pytest

from ferrule.domain.media import files_of


def test_files_of_a_list_of_images_are_all_of_them():
    value = {
        "_type": "images/separated",
        "filenames": ["media/images/a.png", "media/images/b.png"],
        "all_masks": [{"m": {"path": "media/images/mask/a.png"}}, None],
        "caption": "media/not/a/path",
    }

    assert files_of(value) == [
        "media/images/a.png",
        "media/images/b.png",
        "media/images/mask/a.png",
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "output.log", 3, None, ["media/a"]])
def test_other_paths_are_no_media_of_the_run(path):
    assert files_of({"_type": "image-file", "path": path}) == []


@pytest.mark.parametrize(
    "path", ["media/../../api/v1/me", "media/./a", "media/a/..", "media/..\\..\\api", "media/.."]
)
def test_path_that_a_browser_would_take_elsewhere_is_none(path):
    assert files_of({"path": path, "filenames": [path, "media/a..b.png"]}) == ["media/a..b.png"]


def test_no_value_nests_or_grows_beyond_what_is_looked_at():
    value = {"path": "media/deep"}
    for _ in range(5000):
        value = {"a": value}

    assert files_of(value) == []
    assert len(files_of({"filenames": [f"media/{n}" for n in range(9000)]})) == 2000
