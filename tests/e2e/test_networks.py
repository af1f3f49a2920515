"""Networks as they are: packets dropped, proxies, certificates of one's own, IPv6, more headers."""

import shutil
import ssl
import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import pytest

from e2e.ferrule_server import serving
from e2e.proxy import proxied
from e2e.relay import relayed, unreachable
from e2e.running import PROGRAMS, run_program, run_sync
from oracle.harness import group, our_client

# A name that only a proxy knows.
NAME = "tracker.invalid"
pytestmark = pytest.mark.timeout(180)

ROWS, CODE = 200, 7
FINISH_SECS, LINGER_SECS, INIT_SECS = 3, 2, 3
# Whoever waits so long beyond a bound hangs.
HANG_SECS = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that may be called by a name."""
    with serving(tmp_path_factory.mktemp("server"), "--allowed-host", NAME) as running:
        yield running


def place_of(url):
    parts = urlsplit(url)
    return parts.hostname, parts.port


@contextmanager
def ends(folder, url, key, run_id, **variables):
    """Start the script that logs in two halves and exits with a code."""
    client = our_client()
    settings = {
        "WANDB_BASE_URL": url,
        "WANDB_API_KEY": key,
        "WANDB_FINISH_TIMEOUT": str(FINISH_SECS),
        "WANDB_INIT_TIMEOUT": str(INIT_SECS),
        "WANDB_X_SERVICE_LINGER": str(LINGER_SECS),
        **variables,
    }
    folder.mkdir(exist_ok=True)
    with group(
        [client.interpreter, PROGRAMS / "ends.py", run_id, str(ROWS), str(CODE)],
        env=client.environment(folder, **settings),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def services(folder):
    """Return the services that were started by scripts with this folder as their home."""
    return [process for process in psutil.process_iter() if is_service_of(process, folder)]


def is_service_of(process, folder):
    try:
        home = process.environ().get("HOME")
        return "wandb._service" in process.cmdline() and home == str(folder)
    except psutil.Error:  # it has just ended
        return False


def assert_no_service_stays(folder):
    until = time.monotonic() + HANG_SECS
    while services(folder):
        assert time.monotonic() < until, "a service stayed after its linger"
        time.sleep(0.1)


def synced(folder, url, key):
    run_sync(our_client(), folder, *sorted(folder.glob("wandb/run-*")), url=url, key=key)


def scanned(server, key, folder, run_id):
    path = f"alice/ends/{run_id}"
    return run_program(our_client(), folder, "read_back", path, "TARGET", url=server.url, key=key)


def assert_whole(server, key, folder, run_id):
    found = scanned(server, key, folder, run_id)
    assert [(row["_step"], row["x"]) for row in found["scan"]] == [
        (number, number) for number in range(2 * ROWS)
    ]
    assert found["config"]["rows"] == ROWS
    assert found["summary"]["x"] == 2 * ROWS - 1
    assert found["state"] == "failed"


def test_script_ends_in_its_time_when_all_packets_are_dropped(tmp_path, server, key):
    with relayed(place_of(server.url)) as relay, ends(tmp_path, relay.address, key, "cut") as run:
        while run.stdout.readline() != "half\n":
            pass
        relay.fall_silent()
        _, said = run.communicate("\n", timeout=FINISH_SECS + HANG_SECS)

        assert run.returncode == CODE
        assert said.count("is not delivered yet") == 1
        assert_no_service_stays(tmp_path)
    synced(tmp_path, server.url, key)
    assert_whole(server, key, tmp_path, "cut")


def test_script_runs_without_a_server_and_is_told_once(tmp_path, server, key):
    with unreachable() as url, ends(tmp_path, url, key, "alone") as run:
        _, said = run.communicate("\n", timeout=INIT_SECS + FINISH_SECS + HANG_SECS)

        assert run.returncode == CODE
        assert said.count("has not answered yet") == 1
        assert said.count("is not delivered yet") == 1
        assert_no_service_stays(tmp_path)
    synced(tmp_path, server.url, key)
    assert_whole(server, key, tmp_path, "alone")


def complete(folder, url, key, run_id, **variables):
    """Run the script to its end with time enough, and have it delivered by then."""
    patient = {"WANDB_FINISH_TIMEOUT": "60", "WANDB_INIT_TIMEOUT": "60", **variables}
    with ends(folder, url, key, run_id, **patient) as run:
        told, said = run.communicate("\n", timeout=120)
    assert run.returncode == CODE, said
    assert "not delivered" not in said
    assert "has not answered" not in said
    return told


# --- ways to a server -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that no authority has signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:127.0.0.1,DNS:{NAME}"]
    assert shutil.which("openssl"), "openssl is missing: apt-get install openssl"
    subprocess.run(
        [*command, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True
    )
    return files


@pytest.fixture(scope="module")
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_certificate_of_ones_own_is_trusted_when_named(
    tmp_path, server, key, certificate, tls, variable
):
    with proxied(server.url, tls=tls) as front:
        complete(tmp_path, front.url, key, variable, **{variable: str(certificate[0])})
    assert_whole(server, key, tmp_path, variable)


def test_certificates_go_unchecked_where_that_is_asked_for(tmp_path, server, key, tls):
    with proxied(server.url, tls=tls) as front:
        complete(tmp_path, front.url, key, "any", WANDB_INSECURE_DISABLE_SSL="true")
    assert_whole(server, key, tmp_path, "any")


def test_unknown_certificate_is_named_and_the_run_is_kept(tmp_path, server, key, tls):
    with (
        proxied(server.url, tls=tls) as front,
        ends(tmp_path, front.url, key, "wary") as run,
    ):
        _, said = run.communicate("\n", timeout=INIT_SECS + FINISH_SECS + HANG_SECS)

    assert run.returncode == CODE
    assert "certificate" in said.lower()
    assert_no_service_stays(tmp_path)
    synced(tmp_path, server.url, key)
    assert_whole(server, key, tmp_path, "wary")


@pytest.mark.parametrize("how", ["variable", "setting"])
def test_plain_requests_go_by_a_proxy(tmp_path, server, key, how):
    name = {"variable": "HTTP_PROXY", "setting": "WANDB_HTTP_PROXY"}[how]
    with relayed(place_of(server.url), as_proxy=True) as relay:
        complete(tmp_path, f"http://{NAME}", key, how, **{name: relay.address})
    assert any(f"http://{NAME}/graphql" in line for line in relay.asked)
    assert_whole(server, key, tmp_path, how)


def test_secure_requests_go_through_a_proxy(tmp_path, server, key, certificate, tls):
    with (
        proxied(server.url, tls=tls) as front,
        relayed(place_of(front.url), as_proxy=True) as proxy,
    ):
        told = {"WANDB_HTTPS_PROXY": proxy.address, "SSL_CERT_FILE": str(certificate[0])}
        complete(tmp_path, f"https://{NAME}", key, "through", **told)
    assert f"CONNECT {NAME}:443 HTTP/1.1" in proxy.asked
    assert_whole(server, key, tmp_path, "through")


def test_server_listens_and_is_reached_at_an_ipv6_address(tmp_path):
    with serving(tmp_path / "server", host="::1") as six:
        key = six.add_user("alice")
        complete(tmp_path, six.url, key, "six")
        assert_whole(six, key, tmp_path, "six")


def test_headers_of_the_users_own_come_with_every_request(tmp_path, key, proxy):
    headers = '{"X-Gate": "open sesame"}'
    run_program(
        our_client(),
        tmp_path,
        "everything",
        *("TARGET", "0"),
        url=proxy.url,
        key=key,
        WANDB_X_EXTRA_HTTP_HEADERS=headers,
    )
    named = [passed.headers.get("X-Gate") for passed in proxy.passed if passed.method == "POST"]
    assert set(named) == {"open sesame"}
