"""How requests go out is read off the settings in one place."""

from wandb._http.options import HttpOptions, http_options
from wandb._settings.settings import Settings


def test_every_setting_of_requests_is_read():
    settings = Settings(
        x_extra_http_headers={"X-Gate": "open"},
        http_proxy="http://a:1",
        https_proxy="http://b:2",
        insecure_disable_ssl=True,
    )

    assert http_options(settings) == HttpOptions(
        {"X-Gate": "open"}, "http://a:1", "http://b:2", check_certificates=False
    )


def test_defaults_are_those_of_the_settings():
    assert http_options(Settings()) == HttpOptions()
