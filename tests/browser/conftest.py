"""A browser and a stand-in server; both are looked for, and missing ones are told in a line."""

import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browsers import launched, need

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "python" / "ferrule" / "static" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERVER = ROOT / "web" / "tools" / "fake_server.py"


class Site:
    """The stand-in server, and what a test may ask it to do."""

    def __init__(self, address):
        self.address = address

    def do(self, what, **query):
        text = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
        request = urllib.request.Request(f"{self.address}/fake/{what}?{text}", method="POST")
        with urllib.request.urlopen(request) as answer:
            return answer.read()


def serve(*options):
    need(STATIC.exists(), "the page is not built: npm run build in web/")
    command = [sys.executable, str(SERVER), "--port", "0", "--still", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def site():
    with serve() as process:
        yield Site(process.stdout.readline().strip())
        process.kill()


@pytest.fixture(scope="module")
def guarded_site():
    with serve("--login") as process:
        yield Site(process.stdout.readline().strip())
        process.kill()


# Its driver keeps an event loop running in this thread: it ends with the module, for the tests
# that come next have loops of their own.
@pytest.fixture(scope="module")
def browser():
    with launched() as browser:
        yield browser


class Watched:
    """What a page did that no page should do."""

    def __init__(self, page):
        self.errors = []
        self.requests = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: self.requests.append(request.url))

    def _said(self, message):
        # The browser itself reports answers such as 404; the page shows those.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def elsewhere(self, address):
        return [url for url in self.requests if not url.startswith((address, "data:", "blob:"))]


@pytest.fixture(scope="session")
def axe():
    need(AXE.exists(), "axe-core is missing: npm ci in web/")
    return AXE.read_text()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.watched = Watched(page)
    yield page
    context.close()


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()
