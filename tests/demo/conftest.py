"""The page in Debian's Chromium: one app per session, one browser context per test."""

import gc
import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
BUNDLED = (
    ROOT / "checkpoints" / "scenes-clip" / "card.toml",
    ROOT / "assets" / "scenes" / "galleries" / "scenes-clip",
)
SCREENSHOTS = Path(__file__).parent / "screenshots"
UPLOADS = "where_uploads_lie"  # a folder name that must never reach a page
CONFTEST = Path(__file__)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --font-render-hinting=none --force-color-profile=srgb "
    "--hide-scrollbars"
).split()
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or a skipped test."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page over `stand_in.py`: slow, broken and hostile on demand."""
    folder = tmp_path_factory.mktemp("stand_in")
    yield from served([str(ROOT / "tests" / "demo" / "stand_in.py"), str(folder)], folder)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page as visitors get it: `python app.py`."""
    for path in BUNDLED:
        if not path.exists():
            pytest.skip(
                f"needs the bundled model and gallery: {path.relative_to(ROOT)} is not here"
            )
    yield from served([str(ROOT / "app.py")], tmp_path_factory.mktemp("app"))


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address as a new visitor.

    The test fails on anything in the browser's console that is an error, on a script's exception,
    and on any request to another place than the app: this is the proof that the page works offline.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"locale": "en-US", **DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        origin = "/".join(address.split("/")[:3])
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: message.type == "error" and complaints.append(message.text),
        )
        page.on(
            "request",
            lambda request: (
                request.url.startswith((origin, "data:", "blob:"))
                or complaints.append(f"request to {request.url}")
            ),
        )
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def client_of() -> Iterator[Callable[[str], Any]]:
    """Opens the public API at an address. gradio_client leaves sockets open: collected here."""
    gradio_client = pytest.importorskip("gradio_client")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        clients = []
        yield (
            lambda address: (
                clients.append(gradio_client.Client(address, verbose=False)) or (clients[-1])
            )
        )
        for client in clients:
            client.close()
        clients.clear()
        gc.collect()


def explained(page: Any) -> None:
    """Waits until the matches are there and the chosen one is explained."""
    page.locator("#xmr-search[data-state=done]").wait_for(state="attached")
    page.locator(".xmr-why[data-state=done]").wait_for(state="attached")


def served(command: list[str], folder: Path, **variables: str) -> Iterator[str]:
    """Address of a program that serves a page, started with some more environment variables."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / UPLOADS),
        "HF_HUB_OFFLINE": "1",
        "XMR_PER_MINUTE": "30000",  # tests ask faster than visitors
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=20):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
